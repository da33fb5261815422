"""SQuAD 1.1: English questions whose answer is a piece of a Wikipedia paragraph."""

from chains.compare.hub import Hub
from chains.compare.published import squad_items

label = {"en": "SQuAD 1.1", "ko": "SQuAD 1.1"}
source = "Rajpurkar et al. 2016, rajpurkar.github.io/SQuAD-explorer"
licence = "CC BY-SA 4.0"
answer_type = "span"
language = "en"
files = ("dev-v1.1.json", "squad*dev*v1*.json", "squad_v1*.json", "plain_text/validation-*.parquet")
hub = Hub(
    "rajpurkar/squad",
    "7b6d24c440a36b6815f21b70d25016731768db1f",
    ("plain_text/validation-00000-of-00001.parquet",),
)
items = squad_items
