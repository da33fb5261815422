"""KorQuAD 1.0: Korean questions whose answer is a piece of a Wikipedia paragraph."""

from chains.compare.published import squad_items

label = {"en": "KorQuAD 1.0", "ko": "KorQuAD 1.0"}
source = "Lim et al. 2019, github korquad/korquad.github.io"
licence = "CC BY-ND 2.0 KR"
answer_type = "span"
language = "ko"
files = ("KorQuAD_v1.0_dev.json", "korquad_v1*dev*.json", "korquad*dev*.json")
items = squad_items
