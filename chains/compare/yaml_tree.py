"""YAML as values that know where they stand, read safely: no tags of Python's, no bomb of aliases.

The values come from PyYAML's SafeLoader; the lines come from the nodes it makes them of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from chains.compare.faults import TYPES, BadSpecification, closest, listed, type_of
from chains.yaml_guard import TooDeep, TooManyAliases, check_events

MOST_BYTES = 256_000
MOST_ALIASES = 100
DEEPEST = 20
"""Collections in collections, also by an alias of itself: a specification needs five."""

MOST_VALUES = 20_000
"""Values, an alias counted as often as it is used: what nine aliases of aliases would grow to."""

MOST_SHOWN = 80

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Part:
    """A value of the document, its path ("columns", 1, "technique") and the lines of all paths."""

    value: Any
    path: Path
    lines: Mapping[Path, int]

    @property
    def line(self) -> int:
        """Where it stands, from 1; 0 if that is not known."""
        path = self.path
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    @property
    def place(self) -> str:
        """The path as a person writes it: columns[2].technique, counted from 1."""
        shown = ""
        for step in self.path:
            shown += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if shown else step
        return shown

    def fault(self, fault: str, **values: object) -> BadSpecification:
        """The error for this place."""
        return BadSpecification(fault, self.place, self.line, **values)

    def has(self, key: str) -> bool:
        """Whether the mapping has that key with a value."""
        return self.value.get(key) is not None

    def get(self, key: str) -> "Part":
        """The value under `key`; None as value where there is none."""
        return Part(self.value.get(key), (*self.path, key), self.lines)

    def check_keys(self, known: Sequence[str]) -> None:
        """Raises BadSpecification unless it is a mapping with no other keys than these."""
        if not isinstance(self.value, dict):
            raise self.fault("not_mapping", needed=", ".join(known[:3]), found=type_of(self.value))
        for key in self.value:
            if key not in known:
                here = Part(key, (*self.path, str(key)), self.lines)
                raise BadSpecification(
                    "unknown_key",
                    self.place,
                    here.line,
                    key=short(key),
                    closest=closest(key, known),
                    known=listed(known),
                )

    def items(self) -> "list[Part]":
        """The entries of a list. Raises BadSpecification."""
        if not isinstance(self.value, list):
            raise self._wrong("list")
        return [Part(one, (*self.path, number), self.lines) for number, one in enumerate(self.value)]

    def text(self) -> str:
        """A text that is not blank. Raises BadSpecification."""
        if not isinstance(self.value, str):
            raise self._wrong("text")
        if not self.value.strip():
            raise self.fault("blank")
        return self.value

    def flag(self) -> bool:
        """True or false. Raises BadSpecification."""
        if not isinstance(self.value, bool):
            raise self._wrong("flag")
        return self.value

    def whole(self, low: int, high: int) -> int:
        """A whole number in that range. Raises BadSpecification."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self._wrong("whole")
        return int(self._within(low, high))

    def number(self, low: float, high: float) -> float:
        """A number in that range. Raises BadSpecification."""
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            raise self._wrong("number")
        return float(self._within(low, high))

    def _within(self, low: float, high: float) -> float:
        if not low <= self.value <= high:
            raise self.fault("range", value=self.value, low=low, high=high)
        value: float = self.value
        return value

    def _wrong(self, wanted: str) -> BadSpecification:
        return self.fault("wrong_type", wanted=TYPES[wanted], found=type_of(self.value))


def parse(text: str) -> Part:
    """The document, None as value where it is empty. Raises BadSpecification: too large, not YAML, nested too
    deeply, too many values, a key that stands twice."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise BadSpecification("too_large", limit=MOST_BYTES // 1000)
    try:
        check_events(text, DEEPEST, MOST_ALIASES)
        root = yaml.compose(text, yaml.SafeLoader)
        if root is None:
            return Part(None, (), {})
        lines = _lines(root)
        return Part(yaml.safe_load(text), (), lines)
    except TooManyAliases as error:
        raise BadSpecification("tangled", limit=MOST_ALIASES) from error
    except TooDeep as error:
        raise BadSpecification("too_deep", line=error.line, limit=DEEPEST) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 0
        raise BadSpecification("not_yaml", line=line, cause=error.problem or "") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadSpecification("not_yaml", cause=short(error)) from error


def short(value: object) -> str:
    """As much of a value as a sentence can show, on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


def _lines(root: yaml.Node) -> dict[Path, int]:
    lines: dict[Path, int] = {}
    for count, (path, node) in enumerate(_nodes(root)):
        if count > MOST_VALUES:
            raise BadSpecification("tangled", limit=MOST_VALUES)
        if len(path) > DEEPEST:
            raise BadSpecification("too_deep", line=node.start_mark.line + 1, limit=DEEPEST)
        lines[path] = node.start_mark.line + 1
    return lines


def _nodes(root: yaml.Node) -> Iterator[tuple[Path, yaml.Node]]:
    """Every node with its path, aliases followed each time: bounded by whoever iterates."""
    waiting: list[tuple[Path, yaml.Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        if isinstance(node, yaml.SequenceNode):
            waiting += [((*path, number), one) for number, one in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            waiting += [((*path, key), one) for key, one in _pairs(node)]


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
        if name in seen and name != "<<":
            raise BadSpecification("twice", line=key.start_mark.line + 1, key=short(name))
        seen.add(name)
        yield name, value
