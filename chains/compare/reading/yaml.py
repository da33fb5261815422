"""YAML: a list of questions. Scalars are texts as they stand there; anchors and aliases are not read."""

from collections.abc import Iterator
from typing import Any

import yaml

from chains.compare.rows import Row
from chains.compare.set_faults import Faults, shown

label = {"en": "YAML", "ko": "YAML"}
suffixes = (".yaml", ".yml")

DEEPEST = 3
"""A list of questions, each with keys, some of which hold a list."""

_BROKEN = {
    "en": "broken YAML at column {column}: {cause}. Check the indentation, brackets and quotes there.",
    "ko": "{column}번째 글자에서 YAML이 깨졌어요({cause}). 그 부분의 들여쓰기, 괄호, 따옴표를 확인해 주세요.",
}
_NOT_LIST = {
    "en": "the file must be one list of questions, each beginning with a dash.",
    "ko": "파일 전체가 질문 목록이어야 해요. 질문마다 줄표(-)로 시작해 주세요.",
}
_NOT_MAPPING = {
    "en": "an entry of the list must have keys and values (question: …).",
    "ko": "목록의 항목에는 키와 값이 있어야 해요(question: …).",
}
_ALIAS = {
    "en": "anchors, aliases (&, *) and merges are not read here. Write the value out.",
    "ko": "앵커와 별칭(&, *)은 읽지 않아요. 값을 직접 적어 주세요.",
}
_TOO_DEEP = {
    "en": "the values are nested too deeply: a question has texts and lists of texts.",
    "ko": "값이 너무 깊게 겹쳐 있어요. 질문에는 글자와 글자 목록만 적어 주세요.",
}
_TWICE = {
    "en": 'the key "{key}" stands twice in one question. Keep one of them.',
    "ko": "한 질문에 '{key}' 키가 두 번 있어요. 하나만 남겨 주세요.",
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Refused(Exception):
    """Something that is not read, at a line."""

    def __init__(self, line: int, text: dict[str, str], **values: object) -> None:
        super().__init__(text["en"])
        self.line, self.text, self.values = line, text, values


def rows(text: str, suffix: str, faults: Faults) -> Iterator[Row]:
    """The questions; the first thing that is not YAML ends them, with a note in `faults`."""
    events = yaml.parse(text, Loader=_LOADER)
    try:
        yield from _questions(events, faults)
    except _Refused as error:
        faults.add(error.line, error.text, **error.values)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        faults.add(line, _BROKEN, column=column, cause=shown(error.problem or error.context or ""))
    except yaml.YAMLError as error:
        faults.add(0, _BROKEN, column=0, cause=shown(error))


def _questions(events: Iterator[yaml.Event], faults: Faults) -> Iterator[Row]:
    event = _first(events)
    if event is None:
        return
    if not isinstance(event, yaml.SequenceStartEvent):
        faults.add(_line(event), _NOT_LIST)
        return
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        value = _value(event, events, 1)
        if isinstance(value, dict):
            yield Row(_line(event), value, "yaml")
        else:
            faults.add(_line(event), _NOT_MAPPING)
    for rest in events:  # what follows the list is broken, or another document
        if isinstance(rest, yaml.DocumentStartEvent):
            raise _Refused(_line(rest), _NOT_LIST)


def _first(events: Iterator[yaml.Event]) -> yaml.Event | None:
    """The event that begins the document's value; None where there is nothing."""
    for event in events:
        if isinstance(event, yaml.ScalarEvent) and not event.value:
            return None
        if isinstance(event, yaml.NodeEvent):
            return event
    return None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _value(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Any:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _Refused(line, _ALIAS)
    if isinstance(event, yaml.ScalarEvent):
        plain = event.implicit[0]
        return None if plain and event.value in {"", "~", "null", "Null", "NULL"} else event.value
    if depth >= DEEPEST:
        raise _Refused(line, _TOO_DEEP)
    if isinstance(event, yaml.SequenceStartEvent):
        return _list(events, depth)
    return _mapping(events, depth)


def _list(events: Iterator[yaml.Event], depth: int) -> list[Any]:
    found = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        found.append(_value(event, events, depth + 1))
    return found


def _mapping(events: Iterator[yaml.Event], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        line = _line(key)
        if not isinstance(key, yaml.ScalarEvent):
            raise _Refused(line, _TOO_DEEP)
        if key.value == "<<":
            raise _Refused(line, _ALIAS)
        if key.value in found:
            raise _Refused(line, _TWICE, key=shown(key.value))
        found[key.value] = _value(next(events), events, depth + 1)
    return found
