"""A person's own templates in a folder: one JSON file a name, holding every version of it.

The file's name is made from a hash of the template's: no text of a client becomes a path.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from chains.kept_files import BAD_NAME, LONGEST_NAME, clean_name, file_stem, is_name, write_whole
from chains.question import Template
from chains.templates.built_in import built_in_templates
from chains.templates.difference import Line, difference
from chains.templates.errors import BadTemplate, BadTemplateFile
from chains.templates.rendering import check
from chains.templates.yaml_format import Entry, entries, to_yaml

MOST_VERSIONS = 50
MOST_TEMPLATES = 500
MOST_BYTES = 20_000
"""Of one version, both texts together."""

_log = logging.getLogger(__name__)
_UNKNOWN = {"en": "there is no template of that name.", "ko": "그런 이름의 템플릿이 없어요."}
_NO_VERSION = {
    "en": "it has no such version. Kept versions: {first} to {last}.",
    "ko": "그런 버전이 없어요. 남아 있는 버전: {first}~{last}.",
}
_BUILT_IN = {
    "en": "it comes with Maru and cannot be changed. Save it under another name.",
    "ko": "기본으로 들어 있는 템플릿이라 바꿀 수 없어요. 다른 이름으로 저장해 주세요.",
}
_TOO_LARGE = {
    "en": f"it is larger than {MOST_BYTES // 1000} kB. Shorten it.",
    "ko": f"{MOST_BYTES // 1000} kB를 넘어요. 줄여 주세요.",
}
_TOO_MANY = {
    "en": f"there are {MOST_TEMPLATES} templates already. Delete one first.",
    "ko": f"템플릿이 이미 {MOST_TEMPLATES}개예요. 하나를 지우고 저장해 주세요.",
}
_TAKEN = {
    "en": "there is one of that name already. Choose another name, or open that one and change it.",
    "ko": "같은 이름의 템플릿이 이미 있어요. 다른 이름을 쓰거나 그 템플릿을 열어 고쳐 주세요.",
}
_TWICE = {
    "en": "the name stands in it twice. Give each template its own name.",
    "ko": "같은 이름이 두 번 나와요. 템플릿마다 다른 이름을 적어 주세요.",
}
_AT_LINE = {"en": "line {line}: {cause}", "ko": "{line}번째 줄: {cause}"}
_EMPTY = {"en": "it is empty. Write a system or a user text.", "ko": "내용이 없어요. 글을 적어 주세요."}
_DAMAGED = {
    "en": "its file is damaged. Save it anew, or delete it.",
    "ko": "파일이 손상되었어요. 다시 저장하거나 지워 주세요.",
}


class TemplateStore:
    """The built-in templates and those in `folder`, by name. Names are compared after normalisation (NFC).

    Several processes may use one folder. Every method but `list` raises BadTemplate, with the reason.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list(self, language: str | None = None) -> list[Template]:
        """The built-in ones (of that language), then the person's own by name; each in its last version."""
        built_in = [one for one in built_in_templates() if language in {None, one.language}]
        return built_in + sorted(self._own(), key=lambda one: one.name)

    def built_in(self, name: str) -> bool:
        """Whether the template of that name comes with Maru."""
        return any(one.name == clean_name(name) for one in built_in_templates())

    def get(self, name: str, version: int | None = None) -> Template:
        """The template in that version (None: the last)."""
        kept = self.versions(name)
        if version is None:
            return kept[-1]
        for one in kept:
            if one.version == version:
                return one
        values = {"first": kept[0].version, "last": kept[-1].version}
        raise BadTemplate(name=name, reason={key: text.format(**values) for key, text in _NO_VERSION.items()})

    def versions(self, name: str) -> tuple[Template, ...]:
        """All kept versions, oldest first; never empty."""
        for one in built_in_templates():
            if one.name == clean_name(name):
                return (one,)
        path = self._path(name)
        if not path.is_file():
            raise BadTemplate(name=name[:LONGEST_NAME], reason=_UNKNOWN)
        return _read(path)

    def save(self, template: Template) -> Template:
        """Adds a version and returns it with its number; what changes nothing is no new version.

        The last MOST_VERSIONS are kept; numbers go on. A damaged file is replaced.
        """
        self._check(template)
        with self._changing():
            return self._added(template)

    def add(self, template: Template) -> Template:
        """As `save`, but for a new one: a name that is taken is refused."""
        self._check(template)
        with self._changing():
            if self._path(template.name).is_file():
                raise BadTemplate(name=clean_name(template.name), reason=_TAKEN)
            return self._added(template)

    def delete(self, name: str) -> None:
        """Removes a person's own template with all its versions."""
        if self.built_in(name):
            raise BadTemplate(name=name, reason=_BUILT_IN)
        with self._changing():
            try:
                self._path(name).unlink()
            except FileNotFoundError:
                raise BadTemplate(name=name, reason=_UNKNOWN) from None

    def diff(self, name: str, a: int, b: int) -> tuple[Line, ...]:
        """What changed from version a to version b."""
        return difference(self.get(name, a), self.get(name, b))

    def export_yaml(self, names: Sequence[str]) -> str:
        """The last versions of these templates as YAML."""
        return to_yaml([self.get(name) for name in names])

    def import_yaml(self, text: str) -> tuple[Template, ...]:
        """Saves all templates of a YAML text, over those of the same names as new versions; if one of them is
        not right, none. Raises BadTemplateFile, which names the line."""
        found = entries(text)
        names = [clean_name(one.template.name) for one in found]
        for at, one in enumerate(found):
            self._check_entry(one, twice=names[at] in names[:at])
        with self._changing():
            new = [name for name in names if not self._path(name).exists()]
            if new and self._count() + len(new) > MOST_TEMPLATES:
                raise BadTemplateFile(reason=_TOO_MANY)
            return tuple(self._added(one.template) for one in found)

    def _check_entry(self, entry: Entry, twice: bool) -> None:
        try:
            self._check(entry.template)
            if twice:
                raise BadTemplate(name=entry.template.name, reason=_TWICE)
        except BadTemplate as error:
            cause = {
                key: text.format(line=entry.line, cause=error.text(key)) for key, text in _AT_LINE.items()
            }
            raise BadTemplateFile(reason=cause) from error

    def _check(self, template: Template) -> None:
        if not is_name(clean_name(template.name)):
            raise BadTemplate(name=template.name[:LONGEST_NAME], reason=BAD_NAME)
        if self.built_in(template.name):
            raise BadTemplate(name=template.name, reason=_BUILT_IN)
        if not (template.system.strip() or template.user.strip()):
            raise BadTemplate(name=template.name, reason=_EMPTY)
        if len((template.system + template.user).encode("utf-8", "replace")) > MOST_BYTES:
            raise BadTemplate(name=template.name, reason=_TOO_LARGE)
        check(template)

    def _added(self, template: Template) -> Template:
        path = self._path(template.name)
        kept = _kept(path)
        if not path.exists() and self._count() >= MOST_TEMPLATES:
            raise BadTemplate(name=template.name, reason=_TOO_MANY)
        number = kept[-1].version if kept else 0
        named = replace(template, name=clean_name(template.name), version=number)
        if kept and named == kept[-1]:
            return kept[-1]
        added = replace(named, version=number + 1)
        write_whole(path, _written([*kept, added][-MOST_VERSIONS:]))
        return _read(path)[-1]

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change at a time, in all processes: a version is added to what is there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / ".lock"):
            yield

    def _count(self) -> int:
        return sum(1 for _ in self._folder.glob("*.json"))

    def _path(self, name: str) -> Path:
        named = clean_name(name)
        if not is_name(named):
            raise BadTemplate(name=name[:LONGEST_NAME], reason=BAD_NAME)
        return self._folder / f"{file_stem(named)}.json"

    def _own(self) -> Iterator[Template]:
        for path in self._folder.glob("*.json"):
            try:
                yield _read(path)[-1]
            except BadTemplate as error:
                _log.warning("template left out: %s", error)


def _kept(path: Path) -> tuple[Template, ...]:
    try:
        return _read(path) if path.is_file() else ()
    except BadTemplate:
        return ()


def _written(versions: Sequence[Template]) -> str:
    keys = ("version", "language", "system", "user")
    content = {
        "name": versions[-1].name,
        "versions": [{key: getattr(one, key) for key in keys} for one in versions],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace").decode()


def _read(path: Path) -> tuple[Template, ...]:
    try:
        if path.stat().st_size > 4 * MOST_BYTES * MOST_VERSIONS:
            raise ValueError("too large")
        found: Any = json.loads(path.read_text("utf-8"))
        versions = tuple(_version(found["name"], one) for one in found["versions"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadTemplate(name=path.name, reason=_DAMAGED) from error
    if not versions:
        raise BadTemplate(name=path.name, reason=_DAMAGED)
    return versions


def _version(name: Any, found: Any) -> Template:
    one = Template(name, found["system"], found["user"], found["version"], found["language"])
    if not all(isinstance(text, str) for text in (one.name, one.system, one.user, one.language)):
        raise TypeError("not a template")
    if type(one.version) is not int:
        raise TypeError("not a version")
    return one
