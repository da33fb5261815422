"""Numbers are read by value, as people and models write them."""

import time
from fractions import Fraction

import pytest

from chains.reading_answers.numbers import last_number, same_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She has 3 + 4 = 7 apples.", "7"),
        ("#### 72", "72"),
        ("The total is $1,234.50.", "1234.5"),
        ("1,2,3", "3"),
        ("x = -5", "-5"),
        ("10-5", "5"),
        ("It costs -$5", "-5"),
        ("3/4 of it", "0.75"),
        ("1 1/2 cups", "1.5"),
        ("1½ cups", "1.5"),
        (r"\boxed{42}", "42"),
        (r"\frac{3}{4}", "0.75"),
        ("5 / 0", "5"),
        ("2.5 million dollars", "2500000"),
        ("５개", "5"),
        ("5kg", "5"),
        ("답은5개예요", "5"),
        ("3만 5천 원", "35000"),
        ("3만5000원", "35000"),
        ("1억 2,000만 원입니다.", "120000000"),
        ("2천5백만", "25000000"),
        ("2.5만 명", "25000"),
        ("3만 500", "30500"),
        ("10만큼", "10"),
        ("정답은 삼십이 개예요.", "32"),
        ("오천만 원", "50000000"),
        ("정답은 백이십입니다", "120"),
        ("사과 5개와 배 3개, 모두 8개", "8"),
        ("I know GPT4 and v2.0", None),
        ("만일 그렇다면 백일 잔치", None),
        ("no number", None),
        ("", None),
    ],
)
def test_last_number(text: str, expected: str | None) -> None:
    number = last_number(text)
    assert (number.value if number else None) == (Fraction(expected) if expected else None)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("18.00", "18", True),
        ("25%", "25", True),
        ("25%", "0.25", True),
        ("25퍼센트", "25", True),
        ("0.25", "25", False),
        ("0.3333333", "1/3", True),
        ("0.33", "1/3", False),
        ("10000001", "10000000", False),
        ("3만", "30,000", True),
    ],
)
def test_same_number(a: str, b: str, same: bool) -> None:
    first, second = last_number(a), last_number(b)
    assert first is not None and second is not None
    assert same_number(first, second) is same


HOSTILE = (
    *("9" * 100_000, "1," * 50_000, "1 " * 50_000, "3만 " * 30_000, "일" * 100_000, "1/" * 50_000),
    *("-" * 100_000, "1" + " " * 100_000, "1,111" * 20_000, "1." * 50_000, "1e999999999"),
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_read_in_time(text: str) -> None:
    started = time.perf_counter()
    last_number(text)
    assert time.perf_counter() - started < 5
