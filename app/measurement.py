"""The card's measurement: one at a time, for as long as the process lives, whoever looks at it.

It goes on while a page is loaded again or closed. What it found is kept in a small file, so that it is shown
again after a restart.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from adapters.card_process import CardFailed
from adapters.card_text import Question
from adapters.spec import ModelSpec
from app.errors import AppError
from app.kept_board import read_board, write_board
from app.measuring import Board, Row, measured

WAIT_S = 5.0
log = logging.getLogger(__name__)

Measure = Callable[
    [Sequence[ModelSpec], Path, str, Sequence[Question], threading.Event],
    Iterator[Board],
]


class AlreadyMeasuring(AppError):
    """Two measurements at once would slow each other."""

    key = "error.measuring"


@dataclass(frozen=True)
class Measurement:
    """What is known so far; `ended` is when the last of it was measured, None while it runs or before."""

    board: Board = ()
    running: bool = False
    ended: datetime | None = None


class Measurements:
    """The one that runs or ran last, kept in `file`; safe to use from any thread. `models` is the folder of
    the models."""

    def __init__(self, file: Path, models: Path, measure: Measure = measured) -> None:
        self._file, self._models, self._measure = file, models, measure
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        board, when = read_board(file)
        self._present = Measurement(board, ended=when)

    @property
    def present(self) -> Measurement:
        """As it stands now."""
        return self._present

    def begin(self, specs: Sequence[ModelSpec], text: str, questions: Sequence[Question]) -> None:
        """Measures these, and forgets what was measured before. Raises AlreadyMeasuring."""
        with self._lock:
            if self._present.running:
                raise AlreadyMeasuring
            self._stop = threading.Event()
            self._present = Measurement(tuple(map(Row, specs)), running=True)
            given = (list(specs), self._models, text, tuple(questions), self._stop)
            self._thread = threading.Thread(target=self._run, args=given, name="measuring", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends what runs; what was measured stays."""
        self._stop.set()

    def close(self) -> None:
        """Ends what runs and waits for it: its process goes with it."""
        self.stop()
        if self._thread is not None:
            self._thread.join(WAIT_S)

    def _run(self, *given: object) -> None:
        try:
            for board in self._measure(*given):  # type: ignore[arg-type]
                self._tell(board)
        except Exception as error:
            log.exception("measuring ended early")
            reason = CardFailed(type(error).__name__, {"en": str(error), "ko": str(error)})
            self._tell(
                tuple(row if ended(row) else replace(row, failed=reason) for row in self._present.board)
            )
        finally:
            board = tuple(replace(row, progress=None) for row in self._present.board)
            last = Measurement(board, ended=datetime.now(UTC))
            self._keep(last)  # first, so that who sees it ended finds it in the file
            self._present = last

    def _tell(self, board: Board) -> None:
        more = sum(map(ended, board)) > sum(map(ended, self._present.board))
        self._present = replace(self._present, board=board)
        if more:
            self._keep(self._present)  # the process may be killed before the others are measured

    def _keep(self, measured: Measurement) -> None:
        try:
            write_board(self._file, measured.board, measured.ended or datetime.now(UTC))
        except OSError as error:
            log.warning("what was measured cannot be written to %s: %s", self._file, error)


def ended(row: Row) -> bool:
    """Whether a row has its card, or the reason why there is none."""
    return row.card is not None or row.failed is not None
