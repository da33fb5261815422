"""XQuAD: 1,190 questions of SQuAD's development set, translated into eleven languages by people."""

from chains.compare.hub import Hub
from chains.compare.published import squad_items

label = {"en": "XQuAD", "ko": "XQuAD"}
source = "Artetxe et al. 2020, github google-deepmind/xquad"
licence = "CC BY-SA 4.0"
answer_type = "span"
language = "en"
languages = ("en", "ar", "de", "el", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh")
files = (
    "xquad.{language}.json",
    "xquad_{language}.json",
    "xquad_{language}_*.json",
    "xquad.{language}/validation-*.parquet",
)
hub = Hub(
    "google/xquad",
    "51adfef1c1287aab1d2d91b5bead9bcfb9c68583",
    ("xquad.{language}/validation-00000-of-00001.parquet",),
)
items = squad_items
