"""Few-shot examples as data: the sets that come with Maru, and a person's own.

A set is a JSON file {"name", "language", "examples": [{"question", "answer"}, …]}. The built-in ones lie in
this folder, named <key>.<language>.json. A person's own are kept in a folder of the data home: the name is
inside the file, and the file's name is made from a hash, so that no text of a client becomes a path.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chains.errors import BadExampleSet
from chains.kept_files import BAD_NAME, LONGEST_NAME, clean_name, file_stem, is_name, write_whole
from chains.question import Example

MOST_EXAMPLES = 50
MOST_BYTES = 20_000

_log = logging.getLogger(__name__)
_TOO_MANY = {
    "en": f"it holds more than {MOST_EXAMPLES} examples. Remove some.",
    "ko": f"예시가 {MOST_EXAMPLES}개를 넘어요. 몇 개를 지워 주세요.",
}
_TOO_LARGE = {
    "en": f"it is larger than {MOST_BYTES // 1000} kB. Shorten or remove some examples.",
    "ko": f"{MOST_BYTES // 1000} kB를 넘어요. 예시를 줄이거나 지워 주세요.",
}
_NONE = {"en": "it holds no example. Add at least one.", "ko": "예시가 없어요. 하나 이상 추가해 주세요."}
_INCOMPLETE = {
    "en": "an example lacks its question or its answer. Fill in both.",
    "ko": "질문이나 답이 빈 예시가 있어요. 둘 다 채워 주세요.",
}
_BUILT_IN = {
    "en": "it comes with Maru and cannot be changed. Save it under another name.",
    "ko": "기본으로 들어 있는 모음이라 바꿀 수 없어요. 다른 이름으로 저장해 주세요.",
}
_UNKNOWN = {"en": "there is no set of that name.", "ko": "그런 이름의 모음이 없어요."}
_NOT_OURS = {
    "en": 'it is not a list of {"question", "answer"} pairs.',
    "ko": '{"question", "answer"} 목록이 아니에요.',
}


@dataclass(frozen=True)
class ExampleSet:
    """A named set. `key` is the file's name without its language, for the built-in ones; `language` is
    empty for a person's own."""

    key: str
    name: str
    language: str
    examples: tuple[Example, ...]


@cache
def built_in_sets() -> tuple[ExampleSet, ...]:
    """The sets that come with Maru."""
    return tuple(_read(path) for path in sorted(Path(__file__).parent.glob("*.json")))


def default_examples(language: str, grounded: bool) -> tuple[Example, ...]:
    """What few-shot shows when the person chose nothing; with passages, examples that answer from some."""
    return built_in_set("from_passages" if grounded else "short_answers", language).examples


def built_in_set(key: str, language: str) -> ExampleSet:
    """The built-in set of that key ("worked_reasoning") in "en" or "ko"."""
    wanted = "ko" if language == "ko" else "en"
    return next(one for one in built_in_sets() if (one.key, one.language) == (key, wanted))


class ExampleSets:
    """The built-in sets and those in `folder`, by name. Names are compared after normalisation (NFC)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self, language: str) -> list[str]:
        """The built-in sets of that language, then the person's own, by name."""
        built_in = [one.name for one in built_in_sets() if one.language == language]
        return built_in + sorted(one.name for one in self._own())

    def default(self, language: str) -> str:
        """The name of the set to begin with."""
        return built_in_set("short_answers", language).name

    def built_in(self, name: str) -> bool:
        """Whether the set of that name comes with Maru, in any language."""
        return any(one.name == clean_name(name) for one in built_in_sets())

    def get(self, name: str) -> tuple[Example, ...]:
        """The examples of a set. Raises BadExampleSet when it is unknown or its file is damaged."""
        for one in built_in_sets():
            if one.name == clean_name(name):
                return one.examples
        path = self._path(name)
        if not path.is_file():
            raise BadExampleSet(name=name, reason=_UNKNOWN)
        return _read(path).examples

    def save(self, name: str, examples: Sequence[Example]) -> None:
        """Writes a set whole or not at all, over an earlier one of the same name.

        Raises BadExampleSet for a built-in name, no or too many examples, an empty half, or too many bytes.
        """
        if self.built_in(name):
            raise BadExampleSet(name=name, reason=_BUILT_IN)
        write_whole(self._path(name), _written(name, examples))

    def delete(self, name: str) -> None:
        """Removes a person's own set. Raises BadExampleSet when it is built in or unknown."""
        if self.built_in(name):
            raise BadExampleSet(name=name, reason=_BUILT_IN)
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            raise BadExampleSet(name=name, reason=_UNKNOWN) from None

    def _path(self, name: str) -> Path:
        return self._folder / f"{file_stem(_checked_name(name))}.json"

    def _own(self) -> Iterable[ExampleSet]:
        for path in self._folder.glob("*.json"):
            try:
                yield _read(path)
            except BadExampleSet as error:
                _log.warning("example set left out: %s", error)


def _checked_name(name: str) -> str:
    named = clean_name(name)
    if not is_name(named):
        raise BadExampleSet(name=name[:LONGEST_NAME], reason=BAD_NAME)
    return named


def _written(name: str, examples: Sequence[Example]) -> str:
    named = _checked_name(name)
    if not examples:
        raise BadExampleSet(name=named, reason=_NONE)
    if len(examples) > MOST_EXAMPLES:
        raise BadExampleSet(name=named, reason=_TOO_MANY)
    if not all(example.question.strip() and example.answer.strip() for example in examples):
        raise BadExampleSet(name=named, reason=_INCOMPLETE)
    content = {"name": named, "language": "", "examples": [asdict(example) for example in examples]}
    written = json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode()
    if len(written.encode()) > MOST_BYTES:
        raise BadExampleSet(name=named, reason=_TOO_LARGE)
    return written


def _read(path: Path) -> ExampleSet:
    try:
        if path.stat().st_size > 2 * MOST_BYTES:
            raise BadExampleSet(name=path.name, reason=_TOO_LARGE)
        found: Any = json.loads(path.read_text("utf-8"))
        examples = tuple(Example(_text(one["question"]), _text(one["answer"])) for one in found["examples"])
        key, language = path.name.split(".")[0], _text(found.get("language", ""))
        return ExampleSet(key, _text(found["name"]), language, examples)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadExampleSet(name=path.name, reason=_NOT_OURS) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
