import random

import pytest

from vectorstore import embedders
from vectorstore.scripts import readable, unreadable_letters
from vectorstore.split import MAX_CHARACTERS, STRETCH, UNREAD_LETTERS, Page, cost_of, split

PIECES = [
    "The quick brown fox jumps over the lazy dog. ", "문서를 추가하고 질문해 보세요. ", "日本語の文章です。",
    "\n\n", "\r\n", "\n", "\r", "\t", "\x00", "\u3000", "\x0c", " ", "# Heading\n", "- item\n", "😀",
    "마루는 넓은 나무 바닥이다 ",
    "a" * 150, "ㅋㅋㅋ", "e\u0301", "한글", "1,234.56 ", "naïve café ", "\u200b", "\ufffd", "x = f(y, z); ",
    "“Quoted.” ", "Yes! No? Maybe… ", "값은 3,000원이며, 세금은 별도입니다. ",
]  # fmt: skip


@pytest.fixture(scope="module")
def embedder() -> embedders.Embedder:
    return embedders.get("minilm")


def cuts_of(text: str, embedder: embedders.Embedder, pages: list[Page] | None = None):
    limit = embedder.passage_tokens
    cost = cost_of(embedder.count_tokens, embedder.script, limit)
    return list(split(text, pages or [Page(0, len(text), None)], cost, limit))


@pytest.mark.parametrize("seed", range(60))
def test_nothing_is_lost_doubled_or_cut_off(seed: int, embedder: embedders.Embedder) -> None:
    draw = random.Random(seed)
    text = "".join(draw.choice(PIECES) for _ in range(draw.randint(0, 400)))
    at = 0
    for cut in cuts_of(text, embedder):
        passage = text[cut.start : cut.end]
        assert not text[at : cut.start].strip(), "only white space is left out"
        assert passage == passage.strip() != ""
        assert embedder.count_tokens(readable(passage, "latin")) <= embedder.passage_tokens
        assert unreadable_letters(passage, "latin") <= UNREAD_LETTERS
        assert len(passage) <= MAX_CHARACTERS
        at = cut.end
    assert not text[at:].strip()


def test_passages_do_not_cross_pages(embedder: embedders.Embedder) -> None:
    first, second = "One page. " * 80, "Another page. " * 80
    text = first + "\n\n" + second
    pages = [Page(0, len(first), 1), Page(len(first) + 2, len(text), 2)]
    for cut in cuts_of(text, embedder, pages):
        page = pages[(cut.page or 0) - 1]
        assert page.start <= cut.start < cut.end <= page.end


def test_a_paragraph_stays_whole_and_two_halves_are_even(embedder: embedders.Embedder) -> None:
    assert len(cuts_of("Short and whole.\n\nEven with two paragraphs.", embedder)) == 1
    sentences = " ".join(f"Sentence number {n} says something else." for n in range(45))
    sizes = [cut.end - cut.start for cut in cuts_of(sentences, embedder)]
    assert len(sizes) == 2
    assert min(sizes) > 0.7 * max(sizes)


def test_korean_is_cut_between_sentences(embedder: embedders.Embedder) -> None:
    text = "마루는 넓은 나무 바닥이에요. 사람들이 앉아 이야기를 나눠요. " * 60
    cuts = cuts_of(text, embedder)
    assert len(cuts) > 1
    assert all(text[cut.start : cut.end].endswith("요.") for cut in cuts)


def test_a_long_word_is_cut_all_the_same(embedder: embedders.Embedder) -> None:
    cuts = cuts_of("x" * 20_000, embedder)
    assert max(cut.end - cut.start for cut in cuts) <= MAX_CHARACTERS
    assert cuts[-1].end == 20_000


def test_a_very_long_text_is_worked_off_in_stretches(embedder: embedders.Embedder) -> None:
    text = "\n".join(f"Line {n} tells of something, 그리고 {n}번째 줄이에요." for n in range(9000))
    assert len(text) > 3 * STRETCH
    cuts = cuts_of(text, embedder)
    assert "".join("".join(text[cut.start : cut.end].split()) for cut in cuts) == "".join(text.split())
    assert all(text[cut.start : cut.end].startswith("Line") for cut in cuts)
