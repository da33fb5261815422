"""A person's own question sets in a folder: a file each, whose name is a hash and holds no client's text.

A file is JSON: {"name", "answer_type", "language", "source", "licence", "items": [question, …]}. It is
written whole or not at all, and a damaged one is told without standing in the way of the others.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from adapters.spec import Text
from chains.compare.question_set import ANSWER_TYPES, AnswerType, Item, QuestionSet
from chains.compare.reading import as_values, checked_items, write_set
from chains.compare.rows import DECODER, MOST_BYTES, MOST_QUESTIONS
from chains.compare.set_faults import refused, shown
from chains.errors import BadSet
from chains.kept_files import BAD_NAME, LONGEST_NAME, clean_name, file_stem, is_name, write_whole

_UNKNOWN: Text = {"en": "there is no set of that name.", "ko": "그런 이름의 모음이 없어요."}
_TAKEN: Text = {
    "en": "there is already a set of that name. Choose another one.",
    "ko": "그 이름의 모음이 이미 있어요. 다른 이름을 골라 주세요.",
}
_NO_ITEMS: Text = {
    "en": "it holds no question. Add at least one.",
    "ko": "질문이 없어요. 하나 이상 추가해 주세요.",
}
_TOO_MANY: Text = {
    "en": f"it holds more than {MOST_QUESTIONS:,} questions. Split it.",
    "ko": f"질문이 {MOST_QUESTIONS:,}개를 넘어요. 나눠 주세요.",
}
_TOO_LARGE: Text = {
    "en": f"it is larger than {MOST_BYTES // 1_000_000} MB. Split it.",
    "ko": f"{MOST_BYTES // 1_000_000} MB를 넘어요. 나눠 주세요.",
}
_NO_ITEM: Text = {
    "en": 'there is no question with the id "{id}" in it any more.',
    "ko": "id '{id}' 질문이 이제 없어요.",
}
_DAMAGED: Text = {
    "en": "its file is damaged. Delete it, or save the set again.",
    "ko": "파일이 손상되었어요. 지우거나 모음을 다시 저장해 주세요.",
}


@dataclass(frozen=True)
class SavedSet:
    """A set as a list shows it. `problem`: why it cannot be used (then only its name is known)."""

    name: str
    answer_type: AnswerType = "exact"
    language: str = "en"
    questions: int = 0
    problem: BadSet | None = None


class SavedSets:
    """The sets in `folder`. Names are compared after normalisation (NFC). Every method raises BadSet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: tuple[object, QuestionSet] | None = None

    def list(self) -> list[SavedSet]:
        """All sets by name; a damaged one comes with its problem and, where nothing else is known, is called
        as its file is."""
        return sorted(map(_told, self._folder.glob("*.json")), key=lambda one: one.name.casefold())

    def names(self) -> Sequence[str]:
        """The names of the sets that can be used."""
        return [one.name for one in self.list() if one.problem is None]

    def get(self, name: str) -> QuestionSet:
        """The set of that name, with every question checked. What was read last is kept until its file is
        another one: ten thousand questions are turned page by page."""
        path = self._existing(name)
        state = path.stat()
        version = (path, state.st_ino, state.st_mtime_ns, state.st_size)
        last = self._last
        if last is None or last[0] != version:
            last = self._last = (version, _read(path, name))
        return last[1]

    def save(self, questions: QuestionSet, *, over: bool = True) -> None:
        """Keeps a set under its name; `over` an earlier one of that name, which else is refused."""
        path, content = self._path(questions.name), _written(questions)
        with self._changing():
            if path.exists() and not over:
                raise refused(questions.name, _TAKEN)
            write_whole(path, content)

    def check_free(self, name: str) -> None:
        """Whether a new set may have that name, asked before long work. Raises BadSet where it may not."""
        if self._path(name).exists():
            raise refused(clean_name(name), _TAKEN)

    def rename(self, name: str, new: str) -> None:
        """Gives a set another name, which must be free."""
        with self._changing():
            old, path = self._existing(name), self._path(new)
            renamed = replace(_read(old, name), name=clean_name(new))
            if path != old and path.exists():
                raise refused(new, _TAKEN)
            write_whole(path, _written(renamed))
            if path != old:
                old.unlink()

    def delete(self, name: str) -> None:
        """Removes a set, also a damaged one by the name that `list` gives it."""
        with self._changing():
            for path in self._folder.glob("*.json"):
                if _told(path).name == clean_name(name):
                    path.unlink()
                    return
        raise refused(name[:LONGEST_NAME], _UNKNOWN)

    def edit(self, name: str, id: str, item: Item) -> None:
        """Puts `item` in the place of the question with that id."""
        self._change(name, id, lambda old: [item])

    def remove(self, name: str, id: str) -> None:
        """Takes a question out of the set; the last one stays, for a set without questions is none."""
        self._change(name, id, lambda old: [])

    def export(self, name: str, path: str | Path) -> None:
        """Writes the questions as JSON Lines, which `read_set` reads."""
        write_set(self.get(name), path)

    def _change(self, name: str, id: str, change: Callable[[Item], Sequence[Item]]) -> None:
        with self._changing():
            path = self._existing(name)
            questions = _read(path, name)
            if all(item.id != id for item in questions.items):
                raise refused(name, _NO_ITEM, id=shown(id))
            kept = [one for item in questions.items for one in (change(item) if item.id == id else [item])]
            write_whole(path, _written(replace(questions, items=tuple(kept))))

    def _path(self, name: str) -> Path:
        named = clean_name(name)
        if not is_name(named):
            raise refused(shown(name), BAD_NAME)
        return self._folder / f"{file_stem(named)}.json"

    def _existing(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_file():
            raise refused(clean_name(name), _UNKNOWN)
        return path

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change at a time, also where several processes share the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / ".lock"):
            yield


def _written(questions: QuestionSet) -> str:
    """The content of the file. Raises BadSet when a question is faulty: what is kept can be read again."""
    if not questions.items:
        raise refused(questions.name, _NO_ITEMS)
    if len(questions.items) > MOST_QUESTIONS:
        raise refused(questions.name, _TOO_MANY)
    values = [as_values(item) for item in questions.items]
    checked_items(values, questions.answer_type, questions.name)
    head = {
        "name": clean_name(questions.name),
        "answer_type": questions.answer_type,
        "language": questions.language,
        "source": questions.source,
        "licence": questions.licence,
    }
    content = json.dumps({**head, "items": values}, ensure_ascii=False, indent=1)
    if len(content.encode()) > MOST_BYTES:
        raise refused(questions.name, _TOO_LARGE)
    return content


def _read(path: Path, name: str) -> QuestionSet:
    found = _content(path, name)
    items = checked_items(found["items"], found["answer_type"], found["name"])
    if not items:
        raise refused(name, _DAMAGED)
    rest = {key: found[key] for key in ("language", "source", "licence")}
    return QuestionSet(found["name"], found["answer_type"], items, **rest)


def _content(path: Path, name: str) -> dict[str, Any]:
    """The file's own content, of the right types. Raises BadSet."""
    try:
        if path.stat().st_size > 2 * MOST_BYTES:
            raise refused(name, _TOO_LARGE)
        found = DECODER.decode(path.read_text("utf-8"))
        texts = all(isinstance(found[key], str) for key in ("name", "language", "source", "licence"))
        known = found["answer_type"] in ANSWER_TYPES and file_stem(clean_name(found["name"])) == path.stem
        if not (texts and known and isinstance(found["items"], list)):
            raise TypeError("not a question set")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise refused(name, _DAMAGED) from error
    return dict(found)


def _told(path: Path) -> SavedSet:
    try:
        found = _content(path, path.name)
    except BadSet as error:
        return SavedSet(path.name, problem=error)
    return SavedSet(found["name"], found["answer_type"], found["language"], len(found["items"]))
