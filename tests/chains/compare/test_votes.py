"""Votes are kept whatever happens to the file, and say only what they can."""

import json
import threading
from pathlib import Path

import pytest

from chains.compare.votes import Vote, Votes, key_of, tally

A, B, C = ({"technique": name, "options": {"temperature": 0.0, "seed": 1}} for name in "abc")


def vote(choice: int | None, *columns: dict) -> Vote:
    return Vote("Which?", columns or (A, B), ("one",) * len(columns or (A, B)), choice, "2026-01-31")


def test_what_was_kept_is_read_again_and_holds_nothing_of_the_person(tmp_path: Path) -> None:
    votes = Votes(tmp_path / "deep" / "votes.jsonl")
    assert votes.all() == ()
    for one in (vote(0), vote(None), vote(1)):
        votes.add(one)
    assert [one.choice for one in votes.all()] == [0, None, 1]
    line = json.loads((tmp_path / "deep" / "votes.jsonl").read_text("utf-8").splitlines()[0])
    assert set(line) == {"question", "columns", "texts", "choice", "day"}


def test_a_line_that_was_cut_off_costs_only_itself(tmp_path: Path, caplog) -> None:
    votes = Votes(tmp_path / "votes.jsonl")
    votes.add(vote(0))
    with (tmp_path / "votes.jsonl").open("ab") as file:
        file.write(b'{"question": "cut o')
    votes.add(vote(1))
    with (tmp_path / "votes.jsonl").open("ab") as file:
        file.write(b'\xff\xfe\n{"question": "q", "columns": [1], "texts": ["x"], "choice": 7}\n[]\n')
    assert [one.choice for one in votes.all()] == [0, 1]
    assert "could not be read" in caplog.text


def test_votes_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    votes = Votes(tmp_path / "votes.jsonl")
    threads = [threading.Thread(target=votes.add, args=[vote(n % 2)]) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(votes.all()) == 40


def test_a_name_and_a_seed_are_no_other_way_to_answer() -> None:
    renamed = {"name": "x", "technique": "a", "options": {"temperature": 0.0, "seed": 9}}
    assert key_of(renamed) == key_of(A) != key_of(B)


@pytest.mark.parametrize(
    ("wins", "losses", "told"), [(7, 0, False), (8, 0, True), (10, 1, False), (11, 1, True), (12, 5, False)]
)
def test_one_is_preferred_only_where_chance_says_so_at_every_look(wins: int, losses: int, told: bool) -> None:
    found = tally([vote(0)] * wins + [vote(1)] * losses + [vote(None)] * 3)
    assert bool(found.preferred) is told
    assert found.votes == wins + losses + 3
    assert [(one.won, one.shown) for one in found.standings] == [(wins, found.votes), (losses, found.votes)]
    assert found.needed == 8
    if told:
        best = found.preferred[0]
        assert found.standings[best.better].settings == A
        assert (best.won, best.lost) == (wins, losses)


def test_more_ways_need_more_votes() -> None:
    three = [vote(0, A, B, C)] * 9
    assert tally(three).preferred == ()
    assert tally(three).needed == 10
    assert len(tally([*three, vote(0, A, B, C)]).preferred) == 2


def test_only_the_named_ways_are_counted() -> None:
    found = tally([vote(0), vote(1, A, C)], of=[A, B])
    assert [one.settings for one in found.standings] == [A, B]
    assert found.votes == 2
    assert tally([vote(0, B, C)], of=[A]).votes == 0
