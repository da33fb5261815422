"""Sentences find the passages that support them, and only those."""

import random
import time

import pytest

from chains.cite import cite
from chains.marks import without_marks
from chains.question import Citation, cited
from tests.fakes import passage
from vectorstore.passage import Passage

PANTHERS = passage(
    "The Panthers defense gave up just 308 points, ranking sixth in the league. Kawann Short led the team in "
    "sacks with 11. They did not win the final.",
    "panthers.txt",
    start=1000,
    page=4,
    score=0.8,
)
BRONCOS = passage("The Denver Broncos won Super Bowl 50. Peyton Manning was four times MVP.", "broncos.txt")
LIBRARY = passage(
    "마루시 도서관은 1987년에 세워졌다. 도서관장은 임종석이며, 월요일에는 문을 열지 않는다. "
    "시장은 개관식에 참여하지 않았다. 왕의 서재도 있다.",
    "도서관.txt",
    start=50,
)
ALL = (PANTHERS, BRONCOS, LIBRARY)


def supported(text: str, passages: tuple[Passage, ...] = ALL) -> list[tuple[tuple[int, ...], bool | None]]:
    return [(sentence.citations, sentence.supported) for sentence in cite(text, passages)[0]]


def highlighted(citation: Citation) -> list[str]:
    return [
        citation.text[start - citation.start : end - citation.start] for start, end in citation.highlights
    ]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("The Panthers gave up 308 points.", 1),
        ("Denver Broncos", 2),
        ("denver broncos", 2),
        ("308", 1),
        ("The answer is 308.", 1),
        ("Super Bowl 50 was won by the Denver Broncos.", 2),
        ("Peyton Manning was MVP 4 times.", 2),
        ("They did not win the final.", 1),
        ("임종석", 3),
        ("정답은 임종석입니다.", 3),
        ("도서관은 1987년에 세워졌어요.", 3),
        ("도서관은 월요일에 열지 않아요.", 3),
        ("시장은 개관식에 참여하지 않았어요.", 3),
        ("왕", 3),
    ],
)
def test_what_a_passage_says_is_cited(text: str, n: int) -> None:
    assert supported(text) == [((n,), True)]


@pytest.mark.parametrize(
    "text",
    [
        "The Panthers gave up 309 points.",
        "The Panthers gave up 30 points.",
        "309",
        "The Denver Broncos did not win Super Bowl 50.",
        "The Panthers did win the final.",
        "Tom Brady won Super Bowl 50 with Denver.",
        "Cats sleep most of the day.",
        "Paris",
        "도서관은 1988년에 세워졌어요.",
        "도서관장은 박서연입니다.",
        "시장은 개관식에 참여했어요.",
        "고양이는 하루 종일 잠을 자요.",
        "여왕",
    ],
)
def test_what_no_passage_says_is_marked(text: str) -> None:
    assert supported(text) == [((), False)]


@pytest.mark.parametrize(
    "text",
    [
        "Hello!",
        "Sure!",
        "What do you mean?",
        "I don't know.",
        "The passages do not contain the answer.",
        "Here is what I found:",
        "However,",
        "안녕하세요!",
        "모르겠어요.",
        "문단에 그런 내용은 없어요.",
        "무엇을 찾으세요?",
        "네.",
    ],
)
def test_what_claims_nothing_is_not_judged(text: str) -> None:
    assert supported(text) == [((), None)]


def test_citations_come_in_reading_order_with_the_numbers_of_the_prompt() -> None:
    text = "The Broncos won Super Bowl 50. The Panthers gave up 308 points. The Broncos won."
    sentences, citations = cite(text, ALL)
    assert [sentence.citations for sentence in sentences] == [(2,), (1,), (2,)]
    assert [citation.n for citation in citations] == [2, 1]
    assert cited(text, sentences).count("[2]") == 2
    first = citations[1]
    assert (first.source, first.page, first.start, first.score) == ("panthers.txt", 4, 1000, 0.8)


def test_supporting_words_are_highlighted_in_loaded_text_offsets() -> None:
    _, (citation,) = cite("The Panthers gave up 308 points.", ALL)
    assert highlighted(citation) == ["Panthers", "gave up just 308 points"]
    _, (citation,) = cite("도서관은 1987년에 세워졌어요.", ALL)
    assert highlighted(citation) == ["도서관은 1987년에 세워졌다"]


def test_one_sentence_may_need_two_passages() -> None:
    text = "Kawann Short led the team in sacks, and the Denver Broncos won Super Bowl 50."
    assert supported(text) == [((1, 2), True)]


def test_the_same_text_cut_twice_is_cited_twice() -> None:
    again = passage(BRONCOS.text, "copy.txt")
    assert supported("Denver Broncos", (BRONCOS, PANTHERS, again)) == [((1, 3), True)]


def test_code_is_left_alone_and_without_passages_nothing_is_supported() -> None:
    sentences, citations = cite("Denver Broncos.\n```\nprint(308)\n```", ALL)
    assert [sentence.citations for sentence in sentences] == [(2,)]
    assert [citation.n for citation in citations] == [2]
    assert supported("Denver Broncos", ()) == [((), False)]
    assert cite("", ALL) == ((), ())


def test_offsets_always_cut_what_they_say() -> None:
    draw = random.Random(4)
    said = "the Panthers 308 points won not Broncos 도서관은 1987년 [1] {x} … 🙂 e\u0301 don't"
    vocabulary = [*said.split(), "\n"]
    ends = [". ", "? ", "다. ", " "]
    for _ in range(400):
        texts = ["".join(draw.choice(vocabulary) + draw.choice(ends) for _ in range(12)) for _ in range(4)]
        passages = tuple(
            passage(text, f"{n}.txt", start=draw.randrange(500)) for n, text in enumerate(texts[1:])
        )
        sentences, citations = cite(texts[0], passages)
        mentioned = {n for sentence in sentences for n in sentence.citations}
        assert mentioned == {citation.n for citation in citations}
        for citation in citations:
            source = passages[citation.n - 1]
            assert (citation.text, citation.start, citation.end) == (source.text, source.start, source.end)
            assert citation.highlights
            last = citation.start - 1
            for start, end in citation.highlights:
                assert last < start < end <= citation.end
                last = end
            for piece in highlighted(citation):
                assert piece == piece.strip()


def test_a_long_answer_over_long_passages_is_cited_quickly() -> None:
    draw = random.Random(6)
    words = [f"word{n}" for n in range(500)]
    texts = [" ".join(draw.choice(words) + draw.choice(["", "."]) for _ in range(400)) for _ in range(10)]
    started = time.perf_counter()
    cite(" ".join(texts[:3]), tuple(passage(text, f"{n}") for n, text in enumerate(texts)))
    assert time.perf_counter() - started < 10


# the model's own marks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It won [1].", "It won."),
        ("It won. [2][3] And", "It won. And"),
        ("It won [1, 2] again[3].", "It won again."),
        ("In [1998] and [7] and [0]", "In [1998] and [7] and [0]"),
        ("`x[1]` and x[1]\n```\ny[2]\n```", "`x[1]` and x\n```\ny[2]\n```"),
    ],
)
def test_the_models_own_marks_are_taken_out(text: str, expected: str) -> None:
    assert without_marks(text, 3) == expected


def test_a_growing_text_without_marks_only_grows() -> None:
    text = "It won [1]. See `a[1]` or x[12]. In [1998 it [2, 3] was [ok]. \n```\nz[1] = [2\n``` End [1]"
    shown = ""
    for end in range(len(text) + 1):
        grown = without_marks(text[:end], 3, done=False)
        assert grown.startswith(shown), (shown, grown)
        shown = grown
    assert without_marks(text, 3).startswith(shown)


def test_marks_are_no_numbers() -> None:
    assert supported("The Panthers gave up 308 points [7].") == [((1,), True)]
