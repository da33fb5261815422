"""How well answers are cited: `python -m benchmarks.citations [--data DIR] [--articles odd|even|all]`.

Sentences are made from the reference answers of XQuAD (English) and KorQuAD (Korean), in forms a model
writes, and cited against four passages. In the first rows the right paragraph is among them: it should be
cited, and no other. In the others the sentence is wrong or the paragraphs foreign: nothing should be
cited. Thresholds were chosen on the even articles; the odd ones are reported.
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chains.evidence import SUPPORTED, Evidence, read
from chains.sentences import sentences
from chains.words import number_key, words

FILES = {"en": "xquad_en_even.json", "ko": "korquad_v1_dev.json"}
THRESHOLDS = (0.4, 0.5, 0.6, 0.7)
ASKING = {
    "en": re.compile(
        r"\b(?:who|whom|whose|what|which|when|where|why|how many|how much|how long|how|did|does|do)\b", re.I
    ),
    "ko": re.compile(
        r"(?:누구|무엇|어디|언제|얼마|몇|어떤|어느|무슨|뭐)\S*|(?:인가|는가|은가|인지|일까|한가|은|는)?요?(?=\?)"
    ),
}


@dataclass(frozen=True)
class Asked:
    """A question of the set, its answer, and the paragraph that holds it, with that paragraph's article."""

    question: str
    answer: str
    start: int
    paragraph: str
    article: int
    other: str = ""


def questions(file: Path, articles: str) -> list[Asked]:
    """The questions of the chosen articles."""
    kept = {"odd": (1,), "even": (0,), "all": (0, 1)}[articles]
    found = [
        Asked(
            qa["question"], qa["answers"][0]["text"], qa["answers"][0]["answer_start"], one["context"], number
        )
        for number, entry in enumerate(json.loads(file.read_text("utf-8"))["data"])
        if number % 2 in kept
        for one in entry["paragraphs"]
        for qa in one["qas"]
    ]
    half = len(found) // 2
    return [replace(one, other=found[n - half].answer) for n, one in enumerate(found)]


def alone(asked: Asked, language: str) -> str:
    """The answer and nothing else."""
    return asked.answer


def short(asked: Asked, language: str) -> str:
    """The answer in a short sentence."""
    return f"정답은 {asked.answer}입니다." if language == "ko" else f"The answer is {asked.answer}."


def full(asked: Asked, language: str) -> str:
    """The question's words and the answer, in one sentence."""
    stem = " ".join(ASKING[language].sub(" ", asked.question).replace("?", " ").split())
    return f"{stem} {asked.answer}입니다." if language == "ko" else f"{stem} {asked.answer}."


def quoted(asked: Asked, language: str) -> str:
    """The sentence of the paragraph that holds the answer, without every fifth word."""
    spans = sentences(asked.paragraph)
    start, end = next((span for span in spans if span[0] <= asked.start < span[1]), spans[0])
    pieces = asked.paragraph[start:end].rstrip(".").split()
    return " ".join(piece for n, piece in enumerate(pieces, start=1) if n % 5) + "."


def renumbered(asked: Asked, language: str) -> str | None:
    """The full sentence with its answer's first number made wrong; None where there is no number."""
    number = re.search(r"\d+", asked.answer)
    here = {word.keys[0] for word in words(asked.paragraph) if word.number}
    if not number:
        return None
    wrong = next(str(n) for n in range(int(number[0]) + 1, 10**9) if number_key(str(n)) not in here)
    changed = asked.answer[: number.start()] + wrong + asked.answer[number.end() :]
    return full(Asked(asked.question, changed, 0, "", 0), language)


def mistaken(asked: Asked, language: str) -> str | None:
    """The full sentence with another article's answer in place of its own; no numbers, those have a row."""
    if re.search(r"\d", asked.answer + asked.other) or asked.other in asked.paragraph:
        return None
    return full(Asked(asked.question, asked.other, 0, "", 0), language)


def denied(asked: Asked, language: str) -> str | None:
    """The quoted sentence turned into its contrary; None where it cannot be done by rule."""
    said = quoted(asked, language)
    if language == "ko":
        turned = re.sub(r"(?:하였|했)다\.$", "하지 않았다.", said)
    else:
        turned = re.sub(r"\b(was|were|is|are|has|had|can|could|will)\b(?! not)", r"\1 not", said, count=1)
    return turned if turned != said else None


def foreign(asked: Asked, everything: Sequence[Asked], count: int, draw: random.Random) -> list[str]:
    """Paragraphs of other articles."""
    others = sorted({one.paragraph for one in everything if one.article != asked.article})
    return draw.sample(others, count)


def neighbours(asked: Asked, everything: Sequence[Asked], count: int, draw: random.Random) -> list[str]:
    """Paragraphs of the same article that do not hold the answer, filled up with foreign ones."""
    same = {one.paragraph for one in everything if one.article == asked.article}
    near = sorted(text for text in same - {asked.paragraph} if asked.answer not in text)
    chosen = draw.sample(near, min(count, len(near)))
    return chosen + foreign(asked, everything, count - len(chosen), draw)


@dataclass(frozen=True)
class Case:
    """A row of the table. `right`: the right paragraph is among the passages and should be cited."""

    name: str
    form: Callable[[Asked, str], str | None]
    others: Callable[[Asked, Sequence[Asked], int, random.Random], list[str]]
    right: bool
    present: bool = False


CASES = (
    Case("answer alone", alone, neighbours, right=True),
    Case("short sentence", short, neighbours, right=True),
    Case("full sentence", full, neighbours, right=True),
    Case("passage's words, every fifth left out", quoted, neighbours, right=True),
    Case("answer alone, other articles", alone, foreign, right=False),
    Case("full sentence, other articles", full, foreign, right=False),
    Case("passage's words, other articles", quoted, foreign, right=False),
    Case("full sentence, same article", full, neighbours, right=False),
    Case("wrong number, right passage", renumbered, neighbours, right=False, present=True),
    Case("wrong name or words, right passage", mistaken, neighbours, right=False, present=True),
    Case("contrary, right passage", denied, neighbours, right=False, present=True),
)


@dataclass(frozen=True)
class Counts:
    """How many sentences, how many with a citation, and how many with the right one or only the right one."""

    made: int
    cited: int
    right: int
    only_right: int


def measure(case: Case, everything: Sequence[Asked], language: str, supported: float = SUPPORTED) -> Counts:
    """Cites every sentence of a case. The right paragraph, where it is present, is passage 2 of 4."""
    draw, results = random.Random(5), []
    for asked in everything:
        sentence = case.form(asked, language)
        claimed = read(sentence or "")
        if not claimed.words:
            continue
        texts = case.others(asked, everything, 3 if case.right or case.present else 4, draw)
        if case.right or case.present:
            texts.insert(1, asked.paragraph)
        results.append(set(Evidence(texts, supported).support(claimed)))
    return Counts(
        len(results),
        sum(bool(found) for found in results),
        sum(2 in found for found in results),
        sum(found == {2} for found in results),
    )


def table(language: str, everything: Sequence[Asked]) -> Iterator[str]:
    """Lines of a Markdown table: every case at the threshold in use."""
    yield f"| {language}: {len(everything)} questions | made | right cited | only right | falsely cited |"
    yield "| --- | --- | --- | --- | --- |"
    for case in CASES:
        found = measure(case, everything, language)
        share = [f"{n / found.made:.3f}" for n in (found.right, found.only_right, found.cited)]
        figures = [share[0], share[1], ""] if case.right else ["", "", share[2]]
        yield f"| {case.name} | {found.made} | {' | '.join(figures)} |"


def thresholds(language: str, everything: Sequence[Asked]) -> Iterator[str]:
    """Lines of a Markdown table: what other thresholds would give for full sentences."""
    yield f"| {language}: supported from | right cited | falsely: other articles | falsely: same article |"
    yield "| --- | --- | --- | --- |"
    right, other, same = (
        next(c for c in CASES if c.name == name)
        for name in ("full sentence", "full sentence, other articles", "full sentence, same article")
    )
    for supported in THRESHOLDS:
        rows = [measure(case, everything, language, supported) for case in (right, other, same)]
        shares = [rows[0].right / rows[0].made, rows[1].cited / rows[1].made, rows[2].cited / rows[2].made]
        mark = " (in use)" if supported == SUPPORTED else ""
        yield f"| {supported}{mark} | " + " | ".join(f"{share:.3f}" for share in shares) + " |"


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--articles", choices=("odd", "even", "all"), default="odd")
    parser.add_argument("--thresholds", action="store_true", help="also what other thresholds would give")
    arguments = parser.parse_args()
    for language, name in FILES.items():
        file = arguments.data / name
        if not file.is_file():
            print(f"{name} is not in {arguments.data}: left out", file=sys.stderr)
            continue
        everything = questions(file, arguments.articles)[:: 1 if language == "en" else 4]
        for line in table(language, everything):
            print(line, flush=True)
        print()
        if arguments.thresholds:
            print("\n".join(thresholds(language, everything)), end="\n\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
