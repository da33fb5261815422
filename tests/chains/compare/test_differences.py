"""Word by word, where two answers differ."""

import random
import time

import pytest

from chains.compare.differences import difference


@pytest.mark.parametrize(
    ("reference", "answer", "new", "missing"),
    [
        ("Paris is the capital.", "Paris is the capital.", [], 0),
        ("the same words", "**the** same, words!", [], 0),
        ("It is Paris", "It is Rome", ["Rome"], 1),
        ("", "two words", ["two words"], 0),
        ("two words", "", [], 2),
        ("pi is 3.14", "pi is 3.15", ["3.15"], 1),
        ("서울은 한국의 수도예요", "서울은 큰 도시예요", ["큰 도시예요"], 2),
        ("one", "one\ntwo three\nfour", ["two three", "four"], 0),
    ],
)
def test_what_only_the_answer_has_is_found_in_runs_of_a_line(reference, answer, new, missing) -> None:
    found = difference(reference, answer)
    assert [answer[start:end] for start, end in found.added] == new
    assert found.missing == missing
    assert found.new == sum(len(run.split()) for run in new)


def test_the_pieces_without_the_missing_ones_are_the_answer() -> None:
    random.seed(7)
    words = ["a", "b", "c", "**d**", "e.\n", "- f", "가나", "  ", "1."]
    for _ in range(300):
        reference, answer = (" ".join(random.choices(words, k=random.randint(0, 12))) for _ in range(2))
        found = difference(reference, answer)
        assert "".join(piece.text for piece in found.pieces if piece.kind != "missing") == answer
        assert found.same <= min(found.words, found.reference_words)
        for start, end in found.added:
            assert answer[start:end].strip(" \n.*-") == answer[start:end]
            assert "\n" not in answer[start:end]


def test_how_much_is_alike_goes_from_nothing_to_all() -> None:
    assert difference("a b", "c d").alike == 0
    assert difference("a b", "b a").alike == 0.5
    assert difference("", "").alike == difference("x", "x").alike == 1


def test_answers_that_repeat_themselves_without_end_are_compared_in_a_moment() -> None:
    again = "and so on " * 1000
    found = difference(f"First {again}", f"First of all {again}")
    assert (found.new, found.missing) == (2, 0)
    random.seed(1)
    long, other = (" ".join(random.choices("abcdefghij", k=5000)) for _ in range(2))
    began = time.perf_counter()
    found = difference(f"Yes {long} end", f"Yes {other} end")
    assert time.perf_counter() - began < 2
    assert 2 <= found.same < 5000
    assert "".join(piece.text for piece in found.pieces if piece.kind != "missing") == f"Yes {other} end"
