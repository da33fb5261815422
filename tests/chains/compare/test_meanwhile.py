"""Work in a thread of its own: what it says meanwhile, what comes of it, and how it is given up."""

import threading

import pytest

from chains.compare.meanwhile import meanwhile


def told(work):
    """What it said, and what it returned."""
    said = []
    while True:
        try:
            said.append(next(work))
        except StopIteration as end:
            return said, end.value


def test_it_says_what_there_is_to_say_and_returns_what_came_of_it():
    counted = iter((None, "one", None, "two"))
    gate = threading.Event()

    def news():
        told = next(counted, None)
        if told == "two":
            gate.set()
        return told

    def work():
        return gate.wait(60)

    assert told(meanwhile(work, news, gate.set)) == (["one", "two"], True)


def test_it_raises_what_the_work_raised():
    with pytest.raises(ZeroDivisionError):
        told(meanwhile(lambda: 1 // 0, lambda: None, lambda: None))


def test_closing_it_gives_the_work_up_and_waits_for_it():
    given_up, ended = threading.Event(), threading.Event()

    def work():
        given_up.wait(60)
        ended.set()

    working = meanwhile(work, lambda: "news", given_up.set)
    assert next(working) == "news"
    working.close()
    assert ended.is_set()
