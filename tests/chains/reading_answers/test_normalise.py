"""The normalisations against what the published evaluation scripts' rules give, worked out by hand."""

import unicodedata

import pytest

from chains.compare.item_language import language_of_item
from chains.compare.metrics.exact_match import matches
from chains.compare.metrics.token_f1 import f1
from chains.compare.question_set import Item
from chains.reading_answers.normalise import korquad, normalised, squad


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Eiffel Tower.", "eiffel tower"),
        ("  an apple,\n a pear ", "apple pear"),
        ("U.S.A.", "usa"),
        ("theatre", "theatre"),  # no article
        ("$1,000", "1000"),
        ("the-end", "theend"),  # punctuation goes first, then articles
        ("Beyoncé", "beyoncé"),
        ("“quoted”", "“quoted”"),  # only ASCII punctuation
        ("a", ""),
    ],
)
def test_squad(text: str, expected: str) -> None:
    assert squad(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("《해변의 노래》", "해변의 노래"),
        ("'가나다'(1990)", "가나다 1990"),  # quotation marks and brackets become spaces
        ("A-10기", "a10기"),  # other punctuation goes without leaving one
        ("서울, 부산", "서울 부산"),
        ("‘별’  〈달〉", "별 달"),
        ("the 바다", "the 바다"),  # English articles stay
        ("1,234명.", "1234명"),
    ],
)
def test_korquad(text: str, expected: str) -> None:
    assert korquad(text) == expected


@pytest.mark.parametrize(
    ("answer", "reference", "expected"),
    [
        ("the cat sat on the mat", "cat on mat", 2 * 3 / (4 + 3)),  # cat sat on mat / cat on mat
        ("Denver Broncos won", "Denver Broncos", 4 / 5),
        ("Denver", "The Denver", 1.0),
        ("to be or not to be", "to be", 2 * 2 / (6 + 2)),
        ("Santa Clara", "Boston", 0.0),
        ("", "Boston", 0.0),
    ],
)
def test_f1_counts_words_in_english(answer: str, reference: str, expected: float) -> None:
    assert f1(answer, reference) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("answer", "reference", "expected"),
    [
        ("세종대왕은", "세종대왕", 2 * 4 / (5 + 4)),  # a particle costs one character
        ("서울특별시", "서울", 2 * 2 / (5 + 2)),
        ("1446년 10월", "1446년", 2 * 5 / (8 + 5)),
        ("나라 사랑", "나라사랑", 1.0),  # characters know no spaces
        ("가가나", "가나나", 2 * 2 / 6),  # each as often as both have it
        ("바다", "하늘", 0.0),
    ],
)
def test_f1_counts_characters_in_korean(answer: str, reference: str, expected: float) -> None:
    assert f1(answer, reference) == pytest.approx(expected)


def test_exact_match_follows_the_language_of_the_reference() -> None:
    assert matches("The Broncos!", "broncos") == 1.0
    assert matches("《봄날》", "봄날") == 1.0
    assert matches("봄날은", "봄날") == 0.0  # the official script keeps particles
    assert matches("나라 사랑", "나라사랑") == 0.0  # and spaces


def test_nothing_but_punctuation_is_compared_as_it_stands() -> None:
    assert matches("+", "-") == 0.0
    assert matches("-", "-") == 1.0
    assert matches("The The", "The The") == 1.0
    assert matches("", "The The") == 0.0
    assert matches("", "") == 0.0


def test_decomposed_hangul_is_the_same_text() -> None:
    assert matches(unicodedata.normalize("NFD", "훈민정음"), "훈민정음") == 1.0
    assert normalised(unicodedata.normalize("NFD", "가"), "ko") == "가"


def test_a_korean_question_makes_a_number_korean() -> None:
    assert language_of_item(Item("1", "언제 만들었나요?", ("1446",))) == "ko"
    assert language_of_item(Item("1", "When was it made?", ("1446",))) == "en"
    assert language_of_item(Item("1", "What is its name?", ("훈민정음",))) == "ko"
