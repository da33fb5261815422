"""Where a command writes: its result on standard output, everything else on standard error.

Standard output is a contract that scripts read, so it is taken out of everybody else's reach first: whatever
a library prints, also a compiled one, lands on standard error.
"""

import json
import os
import re
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TextIO

Text = Mapping[str, str]

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

UNEXPECTED: Text = {
    "en": "Something unexpected went wrong: {cause}\nPlease report it with the lines above.",
    "ko": "예상하지 못한 문제가 생겼어요: {cause}\n위 내용과 함께 알려 주세요.",
}
SYSTEM: Text = {
    "en": "{cause}. Check the path, its permissions and the free disk space; MARU_HOME says where data lies.",
    "ko": "{cause}. 경로와 권한, 남은 디스크 공간을 확인해 주세요. 데이터 폴더는 MARU_HOME으로 정해요.",
}

REPEAT_AFTER_S = 5.0
"""Without a terminal, a step that is still going on is said again no sooner than this."""


@dataclass
class Console:
    """One command's output. `language` is "en" or "ko"; `as_json` says that a program reads the result."""

    out: TextIO
    err: TextIO
    language: str
    as_json: bool = False
    _drawn: int = 0
    _last: tuple[str, float] = ("", 0.0)

    def text(self, text: Text) -> str:
        """`text` in the language of this run."""
        return text[self.language]

    def explain(self, error: Exception) -> str:
        """What the person is told about `error`; one that is not ours leaves its traceback, too."""
        text = getattr(error, "text", None)
        if callable(text):
            return str(text(self.language))
        if isinstance(error, OSError) and error.strerror:
            place = f"{error.filename}: " if error.filename else ""
            return self.text(SYSTEM).format(cause=place + error.strerror)
        self.clear()
        traceback.print_exception(error, file=self.err)
        return self.text(UNEXPECTED).format(cause=f"{type(error).__name__}: {error}")

    def document(self, value: Any) -> None:
        """Writes `value` as one line of JSON."""
        self.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")

    def line(self, text: str = "") -> None:
        """Writes a line of the result for a person."""
        self.print(text + "\n")

    def print(self, text: str) -> None:
        """Writes text for a person; control characters in it could command the terminal, so they go."""
        self.write(CONTROL.sub("", text))

    def write(self, text: str) -> None:
        """Writes a piece of the result at once: an answer is read while it grows."""
        self.clear()
        self.out.write(text)
        self.out.flush()

    def say(self, text: str) -> None:
        """Tells the person something beside the result."""
        self.clear()
        print(text, file=self.err, flush=True)

    def progress(self, step: str, fraction: float | None = None) -> None:
        """Shows how far something slow is: redrawn in place on a terminal, else a line a step."""
        shown = step if fraction is None else f"{step} {fraction:4.0%}"
        if self.err.isatty():
            self.clear()
            self.err.write(f"\r{shown}")
            self._drawn = len(shown) * 2  # a Hangul syllable is two columns wide
            self.err.flush()
            return
        name, at = self._last
        if step != name or time.monotonic() - at > REPEAT_AFTER_S:
            self._last = (step, time.monotonic())
            print(shown, file=self.err, flush=True)

    def clear(self) -> None:
        """Wipes the progress line, where one is drawn."""
        if self._drawn:
            self.err.write("\r" + " " * self._drawn + "\r")
            self.err.flush()
            self._drawn = 0


def open_console() -> Console:
    """The process's console; from here on `print` and file descriptor 1 mean standard error."""
    return Console(_reserve_stdout(), sys.stderr, user_language())


def user_language(environment: Mapping[str, str] = os.environ) -> str:
    """ "ko" where the locale is Korean, else "en"; the variables count in the order POSIX gives them."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "ko" if re.match(r"ko\b|ko_", value.lower()) else "en"
    return "en"


def _reserve_stdout() -> TextIO:
    """Standard output as UTF-8; a lone surrogate becomes an escape, which JSON reads back."""
    with suppress(AttributeError):  # no standard output at all
        sys.stdout.flush()
    try:
        real = os.dup(1)
        os.dup2(2, 1)
    except OSError:  # closed by whoever started us
        real = os.open(os.devnull, os.O_WRONLY)
    sys.stdout = sys.stderr
    return os.fdopen(real, "w", encoding="utf-8", errors="backslashreplace", newline="\n")
