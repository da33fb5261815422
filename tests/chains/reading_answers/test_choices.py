"""Which choice an answer means, however it says so."""

import time

import pytest

from chains.reading_answers.choices import read_choice

CITIES = ("Paris", "London", "Rome", "Madrid")
NUMBERS = ("3", "4", "5", "6")
RELATIONS = ("함의", "모순", "중립")
YES_NO = ("yes", "no")


@pytest.mark.parametrize(
    ("text", "choices", "expected"),
    [
        ("A", CITIES, 0),
        ("(A)", CITIES, 0),
        ("A.", CITIES, 0),
        ("A)", CITIES, 0),
        ("b", CITIES, 1),
        ("b)", CITIES, 1),
        ("**B**", CITIES, 1),
        (r"\boxed{B}", CITIES, 1),
        ("Answer: B", CITIES, 1),
        ("Answer: b", CITIES, 1),
        ("The answer is (C) Rome.", CITIES, 2),
        ("The best answer is B. London", CITIES, 1),
        ("The correct option is D", CITIES, 3),
        ("Let me think. Answer: A. No, wait. Answer: C", CITIES, 2),
        ("B. London", CITIES, 1),
        ("B, because it rains there.", CITIES, 1),
        ("A is correct.", CITIES, 0),
        ("A\nIt is in France.", CITIES, 0),
        ("I think B", CITIES, 1),
        ("It's A.", CITIES, 0),
        ("London", CITIES, 1),
        ("It is London.", CITIES, 1),
        ("The answer is a city called Rome", CITIES, 2),
        ("정답은 ②", CITIES, 1),
        ("정답은 2번입니다.", CITIES, 1),
        ("정답: B입니다", CITIES, 1),
        ("B입니다.", CITIES, 1),
        ("2번", CITIES, 1),
        ("①", RELATIONS, 0),
        ("모순입니다.", RELATIONS, 1),
        ("답은 '모순'이에요", RELATIONS, 1),
        ("4", NUMBERS, 1),  # the choice, not the fourth one
        ("B", NUMBERS, 1),
        ("The answer is 4.", NUMBERS, 1),
        ("No, it is not.", YES_NO, 1),
        ("Yes, there is no doubt.", YES_NO, 0),
        ("A. Paris\nB. London\nC. Rome\nAnswer: C", CITIES, 2),
        ("A. Rome\n\nSo the answer is A.", CITIES, 0),
        ("nothing but no", YES_NO, 1),
        ("A. Smith", ("B. Jones", "A. Smith"), 1),
        ("A. Paris\nB. London", CITIES, None),
        ("A. London", CITIES, None),  # the letter of one, the text of another
        ("Answer: B. Rome", CITIES, None),
        ("① 모순", RELATIONS, None),
        ("② 모순", RELATIONS, 1),
        ("A dog", CITIES, None),
        ("E", CITIES, None),
        ("either Paris or London", CITIES, None),
        ("(b) or (c)", CITIES, None),
        ("A 또는 B", CITIES, None),
        ("I do not know", CITIES, None),
        ("", CITIES, None),
        ("A", (), None),
    ],
)
def test_read_choice(text: str, choices: tuple[str, ...], expected: int | None) -> None:
    assert read_choice(text, choices) == expected


FEELINGS = ("positive", "negative", "neutral")


@pytest.mark.parametrize(
    ("text", "choices", "expected"),
    [
        ("It is not negative", FEELINGS, None),
        ("It is not negative. It is positive.", FEELINGS, 0),
        ("It is not a positive review, it is negative.", FEELINGS, 1),
        ("I do not think it is positive: negative.", FEELINGS, 1),
        ("It isn't 'positive' but negative", FEELINGS, 1),
        ("Neither positive nor negative, but neutral", FEELINGS, 2),
        ("Negative is not correct; positive is.", FEELINGS, 0),
        ("Positive. There is no doubt.", FEELINGS, 0),
        ("not only positive", FEELINGS, 0),
        ("It is negative. It is not just negative.", FEELINGS, 1),
        ("The answer is not London but Rome.", CITIES, 2),
        ("함의가 아니라 모순", RELATIONS, 1),
        ("중립적이지 않고 모순", RELATIONS, 1),
        ("'함의'라고 볼 수 없으므로 중립입니다.", RELATIONS, 2),
        ("모순이 아닌 중립이에요.", RELATIONS, 2),
        ("함의가 아니에요.", RELATIONS, None),
        ("정답은 함의 아니면 모순", RELATIONS, None),
        ("정답은 ②가 아니라 ③입니다.", RELATIONS, 2),
        ("It is not B but C.", CITIES, 2),
        ("It is not (B).", CITIES, None),
        ("B is not correct.", CITIES, None),
        ("The answer is B, not C.", CITIES, 1),
        ("It cannot be determined.", ("yes", "cannot be determined"), 1),
        ("There is not enough information", ("enough information", "not enough information"), 1),
        ("They are not equivalent.", ("equivalent", "not equivalent"), 1),
    ],
)
def test_what_is_denied_is_not_chosen(text: str, choices: tuple[str, ...], expected: int | None) -> None:
    assert read_choice(text, choices) == expected


def test_a_choice_within_another_does_not_count_beside_it() -> None:
    assert read_choice("It is New York City.", ("New York", "New York City")) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("A " * 50_000, "answer " * 20_000, "(" * 100_000, "답" + " " * 100_000, "정답" * 50_000),
        *(
            "not " * 25_000 + "Paris",
            "not Paris " * 10_000,
            "not" + " " * 50_000 + "Paris",
            "not B. " * 10_000,
        ),
    ],
)
def test_hostile_text_is_read_in_time(text: str) -> None:
    started = time.perf_counter()
    read_choice(text, CITIES)
    assert time.perf_counter() - started < 5
