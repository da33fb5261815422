"""What `templates` does: each action returns its JSON document, and tells a person what came of it."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from adapters.spec import Text
from app.terminal.console import Console
from app.terminal.errors import FileUnreadable, NothingToExport
from app.terminal.settings import command_settings
from app.terminal.table import table
from chains.kept_files import clean_name, write_whole
from chains.templates import Line, TemplateStore

Document = dict[str, Any]

HEADINGS: dict[str, list[str]] = {
    "en": ["template", "language", "version", ""],
    "ko": ["템플릿", "언어", "버전", ""],
}
BUILT_IN: Text = {"en": "comes with Maru", "ko": "기본 템플릿"}
PARTS: dict[str, Text] = {
    "system": {"en": "System text", "ko": "시스템 글"},
    "user": {"en": "User text", "ko": "사용자 글"},
}
SIGNS = {"same": " ", "added": "+", "removed": "-"}
VERSION: Text = {"en": "{name}, version {version}", "ko": "{name}, 버전 {version}"}
COMPARED: Text = {"en": "{name}, version {older} to {newer}", "ko": "{name}, 버전 {older}에서 {newer}"}
SAME: Text = {"en": "These two versions say the same.", "ko": "두 버전의 내용이 같아요."}
IMPORTED: Text = {"en": "Imported: {name} (version {version})", "ko": "가져왔어요: {name} (버전 {version})"}
WRITTEN: Text = {"en": "Written: {file} (templates: {count})", "ko": "썼어요: {file} (템플릿 {count}개)"}
DELETED: Text = {"en": "Deleted: {name}", "ko": "삭제했어요: {name}"}


def list_templates(args: argparse.Namespace, console: Console) -> Document:
    """The built-in ones of both languages, then the person's own."""
    store = _store()
    found = [
        {
            "name": one.name,
            "language": one.language,
            "version": one.version,
            "built_in": store.built_in(one.name),
        }
        for one in store.list()
    ]
    if not args.json:
        rows = [
            [one["name"], one["language"], one["version"], console.text(BUILT_IN) if one["built_in"] else ""]
            for one in found
        ]
        console.print(table(HEADINGS[console.language], rows))
    return {"templates": found}


def show(args: argparse.Namespace, console: Console) -> Document:
    """One version with its two texts."""
    store = _store()
    one = store.get(args.source, args.version)
    if not args.json:
        console.line(console.text(VERSION).format(name=one.name, version=one.version))
        for part in PARTS:
            console.line(f"\n{console.text(PARTS[part])}:\n{getattr(one, part)}")
    versions = [kept.version for kept in store.versions(one.name)]
    return {"template": {**asdict(one), "versions": versions, "built_in": store.built_in(one.name)}}


def diff(args: argparse.Namespace, console: Console) -> Document:
    """Every line of both versions, with a sign before those that came or went."""
    store = _store()
    kept = store.versions(args.source)
    newer = store.get(args.source, args.newer)
    before = [one.version for one in kept if one.version < newer.version] or [newer.version]
    older = store.get(args.source, before[-1] if args.older is None else args.older)
    lines = store.diff(args.source, older.version, newer.version)
    if not args.json:
        told = {"name": newer.name, "older": older.version, "newer": newer.version}
        console.line(console.text(COMPARED).format(**told))
        _print(lines, console)
    return {
        "name": newer.name,
        "from": older.version,
        "to": newer.version,
        "lines": [asdict(line) for line in lines],
    }


def import_file(args: argparse.Namespace, console: Console) -> Document:
    """All templates of a YAML file, or none."""
    imported = _store().import_yaml(_read(Path(args.source)))
    for one in imported:
        _tell(args, console, IMPORTED, name=one.name, version=one.version)
    return {"imported": [{"name": one.name, "version": one.version} for one in imported]}


def export(args: argparse.Namespace, console: Console) -> Document:
    """One template, or all of the person's own, as YAML: in a file, or on standard output."""
    store = _store()
    own = [one.name for one in store.list() if not store.built_in(one.name)]
    names = [clean_name(args.source)] if args.source else own
    if not names:
        raise NothingToExport
    text = store.export_yaml(names)
    if args.out is not None:
        write_whole(args.out, text)
        _tell(args, console, WRITTEN, file=args.out, count=len(names))
    elif not args.json:
        console.write(text)
    return {"exported": names, "file": args.out and str(args.out), "yaml": None if args.out else text}


def delete(args: argparse.Namespace, console: Console) -> Document:
    """Deletes one of the person's own, with all its versions."""
    _store().delete(args.source)
    _tell(args, console, DELETED, name=clean_name(args.source))
    return {"deleted": clean_name(args.source)}


ACTIONS: Mapping[str, Callable[[argparse.Namespace, Console], Document]] = {
    "list": list_templates,
    "show": show,
    "diff": diff,
    "import": import_file,
    "export": export,
    "delete": delete,
}


def _store() -> TemplateStore:
    return TemplateStore(command_settings().templates)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise FileUnreadable(path=path, cause=cause) from error


def _print(lines: tuple[Line, ...], console: Console) -> None:
    if all(line.kind == "same" for line in lines):
        console.line(console.text(SAME))
        return
    for part, title in PARTS.items():
        of_part = [line for line in lines if line.part == part]
        if of_part:
            console.line(f"\n{console.text(title)}:")
        for line in of_part:
            console.line(f"{SIGNS[line.kind]} {line.text}".rstrip())


def _tell(args: argparse.Namespace, console: Console, text: Text, **values: object) -> None:
    if not args.json:
        console.line(console.text(text).format(**values))
