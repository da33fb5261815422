"""What a run holds on disk: the same answers again, in every order, also where the disk is full."""

import resource
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from chains.compare.embedded_texts import AT_ONCE, embedded
from chains.compare.pile import Pile
from chains.compare.stored import Cells, gathered, stored_verdicts
from chains.compare.tools import Verdict, place
from tests.chains.compare.believable import cells, experiment


@contextmanager
def small_files():
    """No file may grow beyond 300 bytes, as on a full disk. Not a fixture: pytest itself writes before those
    end."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_pieces_come_back_and_nothing_stays_in_the_folder(tmp_path):
    pile = Pile(tmp_path)
    pieces = [b"", b"one", "둘".encode(), b"\x00" * 70_000]
    assert [pile.add(piece) for piece in pieces] == [0, 1, 2, 3]
    assert [pile.read(number) for number in (3, 1, 2, 0)] == [pieces[3], pieces[1], pieces[2], b""]
    del pile
    assert list(tmp_path.iterdir()) == []


def test_what_a_full_disk_does_not_take_stays_in_memory(tmp_path):
    pile, pieces = Pile(tmp_path), [bytes([n]) * 100 for n in range(6)]
    with small_files():
        for piece in pieces:
            pile.add(piece)
    assert [pile.read(number) for number in range(6)] == pieces


def test_a_folder_that_is_missing_is_no_hindrance(tmp_path):
    pile = Pile(tmp_path / "none")
    assert pile.read(pile.add(b"x")) == b"x"


def test_answers_come_back_whole_in_the_order_of_the_grid_or_of_the_questions():
    of = experiment(7, columns=3, repeats=2)
    made = cells(of)
    held = gathered(of, reversed(made))
    columns, ids = [one.name for one in of.columns], [item.id for item in of.questions.items]
    by_column = sorted(made, key=lambda one: (columns.index(one.column), ids.index(one.item), one.repeat))
    assert list(held) == by_column
    assert list(held.by_question()) == made
    assert list(held.of_question("q003")) == [one for one in made if one.item == "q003"]
    assert (len(held), by_column[5] in held, replace(made[0], text="x") in held) == (42, True, False)
    assert gathered(of, held) is held


def test_what_is_not_in_the_grid_is_left_aside_and_the_last_in_a_place_counts():
    of = experiment(3, columns=2)
    first = cells(of)[0]
    held = Cells(of)
    held.add([first, replace(first, text="later")])
    held.add(replace(first, **change) for change in ({"column": "x"}, {"item": "x"}, {"repeat": 1}))
    assert list(held) == [replace(first, text="later")]
    verdicts = stored_verdicts(of)
    verdicts.put(place(first), Verdict(0.5, "half \ud800"))
    assert verdicts == {place(first): Verdict(0.5, "half \ud800")}
    assert verdicts.get(("x", "q000", 0)) is None and ("zero", "q001", 0) not in verdicts


def test_texts_are_embedded_once_the_short_ones_first():
    asked: list[list[str]] = []

    def embed(texts):
        asked.append(list(texts))
        return np.array([[len(text), ord(text[0])] for text in texts], np.float32)

    texts = [chr(97 + n % 26) * (n % 300 + 1) for n in range(AT_ONCE + 50)]
    found = embedded([*texts, *texts[::-1]], embed)
    assert [len(batch) for batch in asked] == [AT_ONCE, len(set(texts)) - AT_ONCE]
    assert [len(text) for batch in asked for text in batch] == sorted(map(len, set(texts)))
    assert found([texts[40], texts[7]]).tolist() == [[41, ord(texts[40][0])], [8, ord(texts[7][0])]]
