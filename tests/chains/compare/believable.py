"""Believable cells from a seed: questions of an invented museum, columns of known quality, their answers."""

from dataclasses import replace

import numpy as np

from adapters.spec import GenerationOptions
from chains.compare.cell import Cell, Generation
from chains.compare.experiment import Column, Experiment
from chains.compare.question_set import Item, QuestionSet
from chains.question import Message
from vectorstore.passage import Passage

WORDS = {
    "en": ("Who built hall {n} of the lantern museum?", "Mira Solen {n}", "the keeper {n} from Oberfall"),
    "ko": ("등불 박물관의 {n}전시실은 누가 지었어요?", "솔렌 미라 {n}", "오버팔에서 온 관리인 {n}"),
}
TAGS = {"en": ("history", "people", "long"), "ko": ("역사", "인물", "긴 질문")}
QUALITY = {"zero": 0.40, "few": 0.48, "few-hybrid": 0.66, "cot": 0.30, "sc-5": 0.47, "gold": 0.72}
TECHNIQUES = {
    "zero": "zero_shot", "few": "few_shot", "few-hybrid": "few_shot", "cot": "chain_of_thought",
    "sc-5": "zero_shot", "gold": "zero_shot",
}  # fmt: skip
COST = {"zero": 60, "few": 180, "few-hybrid": 620, "cot": 75, "sc-5": 300, "gold": 240}


def experiment(questions: int = 80, columns: int = 6, language: str = "en", repeats: int = 1) -> Experiment:
    asked, answer, _ = WORDS[language]
    items = tuple(
        Item(
            id=f"q{n:03}",
            question=asked.format(n=n),
            answers=(answer.format(n=n),),
            passage=answer.format(n=n) + " – 1911.",
            tags=(TAGS[language][n % 2], *([TAGS[language][2]] if n % 5 == 0 else [])),
        )
        for n in range(questions)
    )
    names = list(QUALITY)[:columns]
    made = tuple(_column(name) for name in names)
    document = {
        "questions": "questions.jsonl",
        "answer_type": "span",
        "metrics": ["exact_match", "token_f1"],
        "columns": [{"name": name, "technique": TECHNIQUES[name]} for name in names],
        "baseline": "zero",
        "repeats": repeats,
        "options": {"max_tokens": 32, "temperature": 0, "seed": 0},
    }
    name = "등불 박물관" if language == "ko" else "Lantern museum"
    asked_set = QuestionSet(name, "span", items, language, licence="CC0")
    return Experiment(asked_set, made, ("exact_match", "token_f1"), "zero", repeats, document=document)


def _column(name: str) -> Column:
    one = Column(name, TECHNIQUES[name], options=GenerationOptions(max_tokens=32, temperature=0.0, seed=0))
    if name == "few-hybrid":
        return replace(one, collection="papers", retriever="hybrid", k=4)
    if name == "gold":
        return replace(one, passage=True)
    return replace(one, precision="nf4") if name == "few" else one


def cells(of: Experiment, seed: int = 0) -> list[Cell]:
    random = np.random.default_rng(seed)
    return [
        _cell(of, column, item, repeat, level, random)
        for item in of.questions.items
        for level in [random.random()]
        for column in of.columns
        for repeat in range(of.repeats)
    ]


def _cell(
    of: Experiment, column: Column, item: Item, repeat: int, level: float, random: np.random.Generator
) -> Cell:
    luck = level if random.random() < 0.7 else random.random()
    right = luck < QUALITY.get(column.name, 0.4)
    n = int(item.id[1:])
    wrong = WORDS[of.questions.language][2].format(n=n)
    near = item.answers[0] + (" 님일걸요" if of.questions.language == "ko" else " perhaps")
    text = item.answers[0] if right else near if random.random() < 0.2 else wrong
    count = 5 if column.name == "sc-5" else 1
    sent = (Message("system", "Answer the question."), Message("user", item.question))
    calls = tuple(Generation("Answer", sent, text, 40, 6) for _ in range(count))
    return Cell(
        column.name, item.id, repeat, key=f"{column.name}-{item.id}-{repeat}", text=text,
        reasoning="The plaque names the builder." if column.name == "cot" else None,
        agreement=0.6 if count > 1 else None,
        passages=(Passage("p", "d", "plaques.txt", item.passage or "", 0, 20),) if column.collection else (),
        generations=calls, prompt_tokens=COST.get(column.name, 100), completion_tokens=6 * count,
        seconds=round(COST.get(column.name, 100) / 900 + random.random() * 0.02, 4),
        peak_memory_bytes=310_000_000, finish_reason="stop",
    )  # fmt: skip
