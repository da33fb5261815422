"""Templates as YAML, to be written by hand, shared and read back.

    templates:
      - name: Careful reader
        language: en
        system: You read closely.
        user: |
          {passages}

          {question}

Read with PyYAML's safe loader only; aliases and deep nesting are refused before anything is built.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

from adapters.spec import Text
from chains.question import Template
from chains.templates.errors import BadTemplateFile
from chains.yaml_guard import TooDeep, TooManyAliases, check_events

MOST_BYTES = 1_000_000
MOST_TEMPLATES = 100
DEEPEST = 8
KEYS = ("name", "language", "system", "user")
_TOP = "templates"

_TOO_LARGE = {
    "en": f"the text is larger than {MOST_BYTES // 1000} kB. Split it.",
    "ko": f"{MOST_BYTES // 1000} kB를 넘어요. 나눠서 가져와 주세요.",
}
_TOO_MANY = {
    "en": f"it holds more than {MOST_TEMPLATES} templates. Split it.",
    "ko": f"템플릿이 {MOST_TEMPLATES}개를 넘어요. 나눠서 가져와 주세요.",
}
_ALIAS = {
    "en": "line {line} repeats a value by an alias (*). Write it out.",
    "ko": "{line}번째 줄에 별칭(*)이 있어요. 값을 그대로 적어 주세요.",
}
_TOO_DEEP = {
    "en": "line {line} is nested too deeply. A template has only texts.",
    "ko": "{line}번째 줄이 너무 깊게 중첩되어 있어요. 템플릿에는 글만 넣을 수 있어요.",
}
_NOT_YAML = {
    "en": "line {line} is not YAML: {cause}. Check its indentation and quotes.",
    "ko": "{line}번째 줄이 YAML 형식이 아니에요: {cause}. 들여쓰기와 따옴표를 확인해 주세요.",
}
_NO_LIST = {
    "en": 'it needs a list under the key "templates", with at least one template.',
    "ko": "templates 키 아래에 템플릿이 하나 이상 있어야 해요.",
}
_UNKNOWN_KEY = {
    "en": 'line {line}: unknown key "{key}" in template {n}. Known keys: {known}.',
    "ko": "{line}번째 줄: {n}번째 템플릿에 모르는 키 '{key}' 항목이 있어요. 쓸 수 있는 키: {known}.",
}
_UNKNOWN_TOP = {
    "en": 'line {line}: unknown key "{key}". Known keys: {known}.',
    "ko": "{line}번째 줄: '{key}' 키는 없어요. 쓸 수 있는 키: {known}.",
}
_NOT_TEXT = {
    "en": 'line {line}: "{key}" of template {n} must be a text. Put it in quotes.',
    "ko": "{line}번째 줄: {n}번째 템플릿의 {key} 값은 글이어야 해요. 따옴표로 묶어 주세요.",
}
_NO_TEMPLATE = {
    "en": "line {line}: entry {n} is no template: it needs a name, and a system or user text.",
    "ko": "{line}번째 줄: {n}번째 항목은 템플릿이 아니에요. name과 함께 system이나 user를 적어 주세요.",
}


class Entry(NamedTuple):
    """A template, and the line of the text where it begins, counted from 1."""

    line: int
    template: Template


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, which people can read and edit."""


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    odd = any(mark in text for mark in "\x85\u2028\u2029")  # in a block they would be read as line ends
    style = "|" if "\n" in text and not odd else '"' if odd else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)


def to_yaml(templates: Sequence[Template]) -> str:
    """The templates as YAML that `from_yaml` reads back, letter by letter."""
    content = {_TOP: [{key: getattr(one, key) for key in KEYS} for one in templates]}
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def from_yaml(text: str) -> tuple[Template, ...]:
    """The templates of a YAML text, each as version 1. Raises BadTemplateFile."""
    return tuple(entry.template for entry in entries(text))


def entries(text: str) -> tuple[Entry, ...]:
    """As from_yaml, each with its line."""
    content = _loaded(text)
    tree: Any = yaml.compose(text, yaml.SafeLoader)
    if isinstance(content, dict):
        _check_keys(content, (_TOP,), _UNKNOWN_TOP, _lines(tree))
    found = content.get(_TOP) if isinstance(content, dict) else None
    if not isinstance(found, list) or not found:
        raise _bad(_NO_LIST)
    if len(found) > MOST_TEMPLATES:
        raise _bad(_TOO_MANY)
    nodes = next((value.value for key, value in reversed(tree.value) if key.value == _TOP), None)
    if nodes is None:  # it came by a merge key, <<
        raise _bad(_NO_LIST)
    return tuple(_entry(one, n, node) for n, (one, node) in enumerate(zip(found, nodes, strict=True), 1))


def _loaded(text: str) -> Any:
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise _bad(_TOO_LARGE)
    try:
        check_events(text, DEEPEST)
        return yaml.safe_load(text)
    except TooManyAliases as error:
        raise _bad(_ALIAS, line=error.line) from error
    except TooDeep as error:
        raise _bad(_TOO_DEEP, line=error.line) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _bad(_NOT_YAML, line=line, cause=error.problem or error.context or "?") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _bad(_NOT_YAML, line=line, cause=error.reason) from error
    except (yaml.YAMLError, ValueError) as error:  # a date such as 2026-99-99 is a ValueError
        raise _bad(_NOT_YAML, line=1, cause=str(error)[:100]) from error


def _entry(found: Any, n: int, node: yaml.Node) -> Entry:
    line = node.start_mark.line + 1
    if not isinstance(found, dict):
        raise _bad(_NO_TEMPLATE, n=n, line=line)
    lines = _lines(node)
    _check_keys(found, KEYS, _UNKNOWN_KEY, lines, n=n)
    for key, value in found.items():
        if not isinstance(value, str):
            raise _bad(_NOT_TEXT, key=key, n=n, line=lines.get(key, line))
    texts = {key: found.get(key, "") for key in KEYS}
    if not texts["name"].strip() or not (texts["system"].strip() or texts["user"].strip()):
        raise _bad(_NO_TEMPLATE, n=n, line=line)
    return Entry(line, Template(**texts))


def _lines(mapping: yaml.Node) -> dict[str, int]:
    """The line of each key."""
    return {str(key.value): key.start_mark.line + 1 for key, _ in mapping.value}


def _check_keys(
    found: dict[Any, Any], known: Sequence[str], reason: Text, lines: dict[str, int], **values: object
) -> None:
    for key in found:
        if key not in known:
            line = lines.get(str(key), 1)
            raise _bad(reason, key=str(key)[:40], known=", ".join(known), line=line, **values)


def _bad(reason: Text, **values: object) -> BadTemplateFile:
    return BadTemplateFile(reason={language: said.format(**values) for language, said in reason.items()})
