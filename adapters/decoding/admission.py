"""Who of those that wait begins next, and which prompts are read together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from adapters.decoding.call import Call, Row
from adapters.decoding.line import Line
from adapters.decoding.prefix import PrefixStore
from adapters.decoding.reading import PREFILL_TOKENS
from adapters.lora import Mix
from adapters.request import Request

LOOK_AHEAD = 64
"""So many waiting requests are considered for being read together with the first one."""


@dataclass(frozen=True)
class Places:
    """How many rows run at the same time: at most `capacity`, their caches within `budget()` bytes."""

    capacity: int
    budget: Callable[[], int]
    bytes_per_token: int


class Admission:
    """Takes requests out of the line while there are places. For one thread.

    `lane_of` says with which mixes a mix can share a step: those of the same lane.
    """

    def __init__(self, line: Line, store: PrefixStore, places: Places, lane_of: Callable[[Mix], Mix]) -> None:
        self._line, self._store, self._places, self._lane_of = line, store, places, lane_of
        self._room = 0

    def next(self, running: Sequence[Row], begin: Callable[[Call, int], Row]) -> list[Row]:
        """The first of the line and those that can be read with it, begun beside the `running` rows."""
        rows: list[Row] = []
        widths: list[int] = []
        for call, at in self._candidates():
            request = call.requests[at]
            if not self._fits([*running, *rows], request):
                break
            width = self._width(request)
            if rows and not self._together(rows, widths, request, width):
                continue
            call.begin(at)
            rows.append(begin(call, at))
            widths.append(width)
        if rows:
            self._line.turn()
        return rows

    def _candidates(self) -> Iterator[tuple[Call, int]]:
        return islice(self._line.candidates(), LOOK_AHEAD)

    def _width(self, request: Request) -> int:
        """The tokens of the prompt that must be read."""
        prompt = list(request.prompt)[:-1]
        return len(prompt) - self._store.find((request.owner, request.mix), prompt)

    def _together(self, rows: Sequence[Row], widths: Sequence[int], request: Request, width: int) -> bool:
        """Whether reading this request with the others takes one piece, little of it in vain."""
        widest, narrowest = max(*widths, width), min(*widths, width)
        same = self._lane_of(request.mix) == self._lane_of(rows[0].request.mix)
        return same and widest * (len(rows) + 1) <= PREFILL_TOKENS and 2 * narrowest + 16 >= widest

    def _fits(self, running: Sequence[Row], request: Request) -> bool:
        """Whether there is room for one row more; for the first one there always is."""
        if not running:
            self._room = self._places.budget()
            return True
        longest = max(len(request.prompt) + request.max_tokens, *(row.most for row in running))
        taken = longest * (len(running) + 1) * self._places.bytes_per_token
        return len(running) < self._places.capacity and taken <= self._room
