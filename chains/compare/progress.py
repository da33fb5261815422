"""How far a run is, and when it will be done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from adapters.spec import Text
from chains.compare.cell import Cell


@dataclass(frozen=True)
class Progress:
    """`done`, `kept` (those an earlier run answered), `failed` and `total` count cells by column.

    `left_s` is None while nothing has been measured. `column` and `model` are what is at work; `loading`
    (0..1) and `step` while a model loads; `asked` is how many questions are being answered together now, and
    `calls` how many calls of the model have ended for them. `notices` are what a person should know. The last
    one is `finished`, unless the run was stopped, and it alone has the `cells`: all that there are, by
    column, item and repeat.
    """

    total: Mapping[str, int]
    done: Mapping[str, int]
    kept: Mapping[str, int]
    failed: Mapping[str, int]
    seconds: float = 0.0
    left_s: float | None = None
    tokens_per_s: float | None = None
    column: str | None = None
    model: str | None = None
    step: str = ""
    loading: float | None = None
    asked: int = 0
    calls: int = 0
    notices: tuple[Text, ...] = ()
    finished: bool = False
    cells: Collection[Cell] = ()


@dataclass
class Tally:
    """Counts while a run goes on."""

    total: dict[str, int]
    done: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    tokens: int = 0

    def add(self, cells: list[Cell], from_before: bool, spent: float = 0.0) -> None:
        """Takes in a chunk that is done; `spent` is its time on the clock."""
        for cell in cells:
            self.done[cell.column] = self.done.get(cell.column, 0) + 1
            if from_before:
                self.kept[cell.column] = self.kept.get(cell.column, 0) + 1
            if cell.error is not None:
                self.failed[cell.column] = self.failed.get(cell.column, 0) + 1
        if not from_before and cells:
            name = cells[0].column
            self.spent[name] = self.spent.get(name, 0.0) + spent
            self.tokens += sum(cell.completion_tokens for cell in cells)

    @property
    def left_s(self) -> float | None:
        """What the rest takes if it goes on like this; a column not begun counts as the others' average."""
        asked = {name: self.done[name] - self.kept.get(name, 0) for name in self.spent}
        answered = sum(asked.values())
        if not answered:
            return None
        average = sum(self.spent.values()) / answered
        left = 0.0
        for name, total in self.total.items():
            each = self.spent[name] / asked[name] if asked.get(name) else average
            left += each * (total - self.done.get(name, 0))
        return left

    @property
    def tokens_per_s(self) -> float | None:
        """Tokens written per second, loading not counted."""
        spent = sum(self.spent.values())
        return self.tokens / spent if spent > 0 and self.tokens else None
