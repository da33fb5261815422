"""Something that takes long, done in a thread of its own, while whoever waits for it says how far it is."""

import threading
from collections.abc import Callable, Generator
from contextvars import copy_context
from typing import TypeVar

POLL_S = 0.2

News = TypeVar("News")
Result = TypeVar("Result")


def meanwhile(
    do: Callable[[], Result], news: Callable[[], News | None], give_up: Callable[[], None]
) -> Generator[News, None, Result]:
    """Yields what `news` has to say, asked every POLL_S, until `do` is done; returns what that returned, or
    raises what it raised. Closing this calls `give_up` and waits until `do` has ended."""
    found: list[Result] = []
    problems: list[BaseException] = []

    def work() -> None:
        try:
            found.append(do())
        except BaseException as error:
            problems.append(error)

    # with the caller's context: LangChain's tracers are found through it
    thread = threading.Thread(target=copy_context().run, args=(work,), name="meanwhile")
    thread.start()
    try:
        while thread.is_alive():
            thread.join(POLL_S)
            told = news()
            if told is not None:
                yield told
    except GeneratorExit:
        give_up()
        raise
    finally:
        thread.join()
    if problems:
        raise problems[0]
    return found[0]
