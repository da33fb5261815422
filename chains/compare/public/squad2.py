"""SQuAD 2.0: as 1.1, and questions that the paragraph does not answer."""

from chains.compare.hub import Hub
from chains.compare.published import squad_items

label = {"en": "SQuAD 2.0", "ko": "SQuAD 2.0"}
source = "Rajpurkar et al. 2018, rajpurkar.github.io/SQuAD-explorer"
licence = "CC BY-SA 4.0"
answer_type = "span"
language = "en"
files = ("dev-v2.0.json", "squad*dev*v2*.json", "squad_v2*.json", "squad_v2/validation-*.parquet")
hub = Hub(
    "rajpurkar/squad_v2",
    "3ffb306f725f7d2ce8394bc1873b24868140c412",
    ("squad_v2/validation-00000-of-00001.parquet",),
)
items = squad_items
