"""Public question sets, one file here a set: its name is its key.

A set has `label`, `source`, `licence`, `answer_type`, `language`, `files` (patterns by which its files are
known in a folder, the first that matches anything counts), and `items(path)`, which reads one of them.
`train_files` name what few-shot examples are drawn from, `examples(path, worked)` reads them where a question
and its answer are not enough. `hub` says where the files are to be had, at a fixed revision. `languages`:
the set exists in several, and `{language}` in a pattern stands for one of them.

No text of any set is part of Maru.
"""

import hashlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal, TypeVar

from adapters.spec import Text
from chains.compare.hub import Hub, fetched
from chains.compare.question_set import AnswerType, Item, QuestionSet
from chains.errors import PublicSetMissing
from chains.prompting import chosen_from, letter
from chains.question import Example, Question

Order = Literal["sample", "first"]

MOST_FILES = 1000

T = TypeVar("T")

_UNKNOWN: Text = {
    "en": "there is no set of that name. Known sets: {known}.",
    "ko": "그런 이름의 모음이 없어요. 있는 모음: {known}.",
}
_NO_FOLDER: Text = {
    "en": "there is no such folder. Check the path.",
    "ko": "폴더가 없어요. 경로를 확인해 주세요.",
}
_NO_FILES: Text = {
    "en": "the folder has none of its files. Expected: {expected}. It is published at {source}.",
    "ko": "폴더에 이 모음의 파일이 없어요. 필요한 파일: {expected}. 출처: {source}.",
}
_NO_TRAIN: Text = {
    "en": "it has no training part to draw examples from.",
    "ko": "예시를 뽑을 학습용 데이터가 없어요.",
}
_NO_LANGUAGE: Text = {
    "en": 'it does not exist in "{language}". Languages: {known}.',
    "ko": "'{language}' 언어로는 없어요. 있는 언어: {known}.",
}
_NOT_ITS_FORM: Text = {
    "en": "{file} is not in the form in which the set was published ({cause}). Take the file as published.",
    "ko": "{file} 파일이 공개된 형식과 달라요({cause}). 공개된 파일을 그대로 써 주세요.",
}
_NOTHING: Text = {"en": "{file} holds no question.", "ko": "{file} 파일에 질문이 없어요."}


@dataclass(frozen=True)
class PublicSet:
    """One public set, as its file says. See the module's text for the fields."""

    key: str
    label: Text
    source: str
    licence: str
    answer_type: AnswerType
    language: str
    files: tuple[str, ...]
    items: Callable[[Path], Iterator[Item]]
    train_files: tuple[str, ...] = ()
    examples: Callable[[Path, bool], Iterator[Example]] | None = None
    hub: Hub | None = None
    languages: tuple[str, ...] = ()

    def read(
        self,
        folder: Path | None,
        limit: int | None = None,
        seed: int = 0,
        order: Order = "sample",
        language: str | None = None,
    ) -> QuestionSet:
        """As `load` does."""
        paths, spoken = self._paths(folder, language)
        found = tuple(item for path in paths for item in _read(self, path, self.items))
        if not found:
            raise _missing(self.key, _NOTHING, file=paths[0].name)
        name = f"{self.key}-{spoken}" if spoken and spoken != self.language else self.key
        items = tuple(chosen(_distinct(found), lambda item: item.id, limit, seed, order))
        return QuestionSet(name, self.answer_type, items, self.language, self.source, self.licence)

    def pool(self, folder: Path | None, n: int, seed: int, worked: bool) -> tuple[Example, ...]:
        """As `examples_pool` does."""
        if not self.train_files:
            raise _missing(self.key, _NO_TRAIN)
        paths, _ = self._paths(folder, None, train=True)
        read = self.examples or (lambda path, _: map(example, self.items(path)))
        found = [one for path in paths for one in _read(self, path, lambda path: read(path, worked))]
        return tuple(chosen(found, lambda one: one.question, n, seed, "sample"))

    def _paths(
        self, folder: Path | None, language: str | None, train: bool = False
    ) -> tuple[list[Path], str]:
        """The files, and the language that was taken where there are several."""
        if language is not None and self.languages and language not in self.languages:
            known = ", ".join(self.languages)
            raise _missing(self.key, _NO_LANGUAGE, language=language[:20], known=known)
        patterns = self.train_files if train else self.files
        spoken = [language] if language and self.languages else list(self.languages) or [""]
        if folder is None:
            return fetched(self.key, self.hub, train, spoken[0]), spoken[0]
        for one in spoken:
            paths = find_files(folder, [pattern.format(language=one) for pattern in patterns], self.key)
            if paths:
                return paths, one
        expected = ", ".join(pattern.format(language=spoken[0]) for pattern in patterns[:3])
        raise _missing(self.key, _NO_FILES, expected=expected, source=self.source)


@cache
def public_sets() -> dict[str, PublicSet]:
    """Every public set by its key."""
    return {one.name: _made(one.name) for one in pkgutil.iter_modules(__path__)}


def public_set(key: str) -> PublicSet:
    """The set of that key. Raises PublicSetMissing, which names the known ones."""
    known = public_sets()
    if key not in known:
        raise _missing(key[:60], _UNKNOWN, known=", ".join(known))
    return known[key]


def load(
    key: str,
    folder: str | Path | None = None,
    limit: int | None = None,
    seed: int = 0,
    *,
    order: Order = "sample",
    language: str | None = None,
) -> QuestionSet:
    """A public set from the files in `folder` (or from that file), or from the Hub where no folder is named.

    `limit` takes a sample that depends on `seed` and the questions' ids alone, in the order of the file; a
    larger limit adds to a smaller one. `order` "first" takes the first ones instead. `language` is for sets
    that exist in several. Raises PublicSetMissing.
    """
    place = None if folder is None else Path(folder)
    return public_set(key).read(place, limit, seed, order, language)


def examples_pool(
    key: str, folder: str | Path | None, n: int, seed: int = 0, *, worked: bool = True
) -> tuple[Example, ...]:
    """`n` few-shot examples out of the training part of a set, drawn as `load` draws.

    `worked`: with the reasoning before the answer, where the set has any. Raises PublicSetMissing.
    """
    return public_set(key).pool(None if folder is None else Path(folder), n, seed, worked)


def example(item: Item) -> Example:
    """A question with its answer as a technique shows it: choices by their letters."""
    asked = chosen_from(Question(item.question, choices=item.choices))
    answer = item.answers[0] if item.answers else ""
    if answer in item.choices:
        answer = f"{letter(item.choices.index(answer))}. {answer}"
    return Example(asked, answer)


def chosen(found: Iterable[T], id: Callable[[T], str], limit: int | None, seed: int, order: Order) -> list[T]:
    """The first `limit`, or those `limit` whose ids have the smallest hashes, in their own order."""
    everything = list(found)
    if limit is None or limit >= len(everything):
        return everything
    if order == "first":
        return everything[:limit]
    lots = sorted(range(len(everything)), key=lambda at: (_lot(seed, id(everything[at])), at))
    return [everything[at] for at in sorted(lots[:limit])]


def find_files(folder: Path, patterns: Iterable[str], key: str) -> list[Path]:
    """The files that match the first pattern that matches any, by name. Raises PublicSetMissing."""
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise _missing(key, _NO_FOLDER)
    for pattern in patterns:
        found = sorted(path for path in folder.glob(pattern) if path.is_file())
        if found:
            return found[:MOST_FILES]
    return []


def _lot(seed: int, id: str) -> bytes:
    return hashlib.blake2b(f"{seed}:{id}".encode("utf-8", "replace"), digest_size=16).digest()


def _read(one: PublicSet, path: Path, read: Callable[[Path], Iterator[T]]) -> Iterator[T]:
    """What is read from a file; whatever is not as published is one clear error."""
    try:
        yield from read(path)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, RecursionError) as error:
        cause = f"{type(error).__name__}: {str(error)[:80]}"
        raise _missing(one.key, _NOT_ITS_FORM, file=path.name, cause=cause) from error
    except OSError as error:
        raise _missing(one.key, _NOT_ITS_FORM, file=path.name, cause=error.strerror or error) from error


def _distinct(items: Iterable[Item]) -> Iterator[Item]:
    """Ids may meet where a set has several files; the later ones get a number."""
    seen: dict[str, int] = {}
    for item in items:
        seen[item.id] = seen.get(item.id, 0) + 1
        yield item if seen[item.id] == 1 else replace(item, id=f"{item.id}#{seen[item.id]}")


def _missing(name: str, reason: Text, **values: object) -> PublicSetMissing:
    return PublicSetMissing(name=name, reason={one: text.format(**values) for one, text in reason.items()})


def _made(name: str) -> PublicSet:
    module = import_module(f"{__name__}.{name}")
    optional = ("train_files", "examples", "hub", "languages")
    return PublicSet(
        key=name,
        label=module.label,
        source=module.source,
        licence=module.licence,
        answer_type=module.answer_type,
        language=module.language,
        files=module.files,
        items=module.items,
        **{one: getattr(module, one) for one in optional if hasattr(module, one)},
    )
