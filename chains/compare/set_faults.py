"""What is wrong with a set of questions, collected line by line, and told in one message."""

from dataclasses import dataclass, field

from adapters.spec import Text
from chains.errors import BadSet

MOST_TOLD = 20
"""Faults that a message lists; the others are counted."""

LONGEST_SHOWN = 60
"""Characters of a file's own text that a message repeats."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. `line` counts from 1; 0: the file as a whole."""

    line: int
    en: str
    ko: str

    def text(self, language: str) -> str:
        """The sentence, with its line."""
        if language == "ko":
            return f"{self.line}번째 줄: {self.ko}" if self.line else self.ko
        return f"Line {self.line}: {self.en}" if self.line else f"{self.en[:1].upper()}{self.en[1:]}"


@dataclass
class Faults:
    """The faults of the set called `name`, as they are found."""

    name: str
    found: list[Fault] = field(default_factory=list)

    def add(self, line: int, text: Text, **values: object) -> None:
        """Notes a fault; `values` fill the gaps of its text."""
        self.found.append(fault(line, text, **values))

    def check(self) -> None:
        """Raises BadSet when anything was found."""
        if self.found:
            raise self.error()

    def error(self) -> BadSet:
        """All that was found, in the order of the lines."""
        told = sorted(self.found, key=lambda one: one.line)[:MOST_TOLD]
        faults = {language: _listed(told, len(self.found), language) for language in ("en", "ko")}
        return BadSet(name=self.name, faults=faults, lines=tuple(one.line for one in told))


def fault(line: int, text: Text, **values: object) -> Fault:
    """The fault with its gaps filled; a value {"en", "ko"} is said in the language of the sentence."""
    spoken = {
        language: text[language].format(**{key: _in(value, language) for key, value in values.items()})
        for language in ("en", "ko")
    }
    return Fault(line, spoken["en"], spoken["ko"])


def refused(name: str, text: Text, line: int = 0, **values: object) -> BadSet:
    """The error for a set with a single fault."""
    return Faults(name, [fault(line, text, **values)]).error()


def shown(value: object) -> str:
    """A text out of a file as a message repeats it: one line, not too long."""
    plain = " ".join(str(value)[: LONGEST_SHOWN * 2].split())
    plain = plain.encode("utf-8", "replace").decode()
    return plain if len(plain) <= LONGEST_SHOWN else plain[:LONGEST_SHOWN] + "…"


def _listed(told: list[Fault], count: int, language: str) -> str:
    if count == 1:
        return told[0].text(language)
    lines = [f"{count} faults:" if language == "en" else f"잘못된 곳이 {count}군데 있어요."]
    lines += [one.text(language) for one in told]
    if count > len(told):
        more = count - len(told)
        lines.append(f"… and {more} more." if language == "en" else f"… 그 밖에 {more}군데가 더 있어요.")
    return "\n".join(lines)


def _in(value: object, language: str) -> object:
    return value[language] if isinstance(value, dict) else value
