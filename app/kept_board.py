"""The last cards in a file of the data home: JSON of our own, checked when it is read."""

import logging
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from adapters.card import Card
from adapters.card_process import CardFailed
from adapters.spec import ModelSpec
from app.measuring import Board, Row
from chains.kept_files import write_whole

VERSION = 1
log = logging.getLogger(__name__)


@checked(frozen=True)
class KeptRow:
    """One choice, with what came of it; neither where it was stopped before."""

    spec: ModelSpec
    card: Card | None = None
    failed: CardFailed | None = None


@checked(frozen=True)
class KeptBoard:
    """The rows, and when the last of them was measured."""

    version: int
    ended: datetime
    rows: tuple[KeptRow, ...]


KEPT: TypeAdapter[KeptBoard] = TypeAdapter(KeptBoard)


def write_board(file: Path, board: Board, ended: datetime) -> None:
    """Writes it, whole or not at all. Raises OSError."""
    kept = KeptBoard(VERSION, ended, tuple(KeptRow(row.spec, row.card, row.failed) for row in board))
    write_whole(file, KEPT.dump_json(kept, indent=1).decode())


def read_board(file: Path) -> tuple[Board, datetime | None]:
    """The rows, and when the last of them was measured; none where there is no file. One that cannot be read
    is logged and left out: what it says can be measured again."""
    try:
        kept = KEPT.validate_json(file.read_bytes())
        if kept.version != VERSION:
            raise ValueError(f"version {kept.version}")
    except FileNotFoundError:
        return (), None
    except (OSError, ValidationError, ValueError) as error:
        log.warning("the cards in %s cannot be read: %s", file, error)
        return (), None
    return tuple(Row(row.spec, card=row.card, failed=row.failed) for row in kept.rows), kept.ended
