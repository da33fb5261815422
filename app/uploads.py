"""Uploaded files, under the names the person knows them by.

Gradio keeps an upload under a path of its own, whose last part lacks some signs of the file's name.
"""

import filecmp
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from vectorstore.sources import expand

LONGEST_NAME = 255
Upload = tuple[Path, str]
"""Where an upload lies, and its name."""


class Uploads(gr.File):
    """Where files are dropped: a list of Upload.

    Gradio's own File gives paths only, leaves an empty temporary file for each, and refuses all files for
    one of another kind; here each file fares on its own.
    """

    is_template = True  # Gradio's own File draws it

    def preprocess(self, payload: Any) -> Any:
        """Each file with the name that the browser gave it."""
        given = [payload] if isinstance(payload, FileData) else payload or []
        return [(Path(one.path), _name(one)) for one in given]


def named(uploads: Iterable[Upload]) -> list[Upload]:
    """The uploads as they go in, each under another name: "notes.txt", "notes (2).txt".

    The very same file given twice goes in once.
    """
    taken: dict[str, Path] = {}
    for path, given in uploads:
        (source,) = expand([(path, given)])  # the name as the store will spell it
        for name in _numbered(source.name):
            if name not in taken:
                taken[name] = path
            elif not _same(taken[name], path):
                continue
            break
    return [(path, name) for name, path in taken.items()]


def _name(upload: FileData) -> str:
    """The browser's word is anybody's word: never a path, never endless."""
    name = re.split(r"[/\\]", upload.orig_name or "")[-1].strip()
    return name if 0 < len(name) <= LONGEST_NAME else Path(upload.path).name


def _numbered(name: str) -> Iterator[str]:
    yield name
    number, pure = 2, PurePath(name)
    while True:
        yield f"{pure.stem} ({number}){pure.suffix}"
        number += 1


def _same(one: Path, other: Path) -> bool:
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:  # whoever reads it will say so
        return False
