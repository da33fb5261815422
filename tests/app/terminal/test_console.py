"""Standard output, standard error, and which language is spoken."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.terminal.console import Console, user_language
from app.terminal.errors import PortTaken

ROOT = Path(__file__).parents[3]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def console(err: io.StringIO | None = None, language: str = "en") -> Console:
    return Console(io.StringIO(), err or io.StringIO(), language)


def written(stream: object) -> str:
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


@pytest.mark.parametrize(
    "environment, language",
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "kok_IN"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "ko_KR.eucKR"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": ""}, "ko"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR.UTF-8"}, "ko"),
    ],
)
def test_the_locale_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert user_language(environment) == language


def test_whatever_else_is_printed_lands_on_standard_error() -> None:
    """Also from compiled code and from child processes, which know nothing of sys.stdout."""
    program = (
        "import os, subprocess, sys\n"
        "from app.terminal.console import open_console\n"
        "print('before', end=' ')\n"
        "console = open_console()\n"
        "print('python')\n"
        "os.write(1, b'compiled\\n')\n"
        "subprocess.run(['echo', 'child'])\n"
        "console.document({'text': '가\\udc80'})\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True)
    first, _, rest = ran.stdout.partition(b"{")
    assert first == b"before "
    assert json.loads(b"{" + rest) == {"text": "가\udc80"}
    assert set(ran.stderr.split()) == {b"python", b"compiled", b"child"}


def test_a_closed_standard_output_is_no_error() -> None:
    program = "from app.terminal.console import open_console; open_console().document({})"
    ran = subprocess.run(
        f'exec >&-; "{sys.executable}" -c "{program}"', shell=True, cwd=ROOT, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_document_is_one_line_and_keeps_its_letters() -> None:
    one = console()
    one.document({"text": "마루\n[1]"})
    assert written(one.out) == '{"text": "마루\\n[1]"}\n'


def test_a_number_that_json_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="JSON"):
        console().document({"score": float("nan")})


def test_control_characters_of_a_document_do_not_reach_the_terminal() -> None:
    one = console()
    one.line("a\x1b[2Jb\x07c\x9bd\te\r")
    assert written(one.out) == "a[2Jbcd\te\n"


def test_progress_is_redrawn_on_a_terminal_and_wiped_before_the_result() -> None:
    one = console(Terminal())
    one.progress("Loading", 0.5)
    one.progress("Loading", 0.75)
    one.write("answer")
    assert written(one.err).count("\n") == 0
    assert written(one.err).endswith("\r")
    assert "Loading  75%" in written(one.err)


def test_without_a_terminal_progress_is_a_line_a_step() -> None:
    one = console()
    for fraction in (0.1, 0.2, 0.3):
        one.progress("Loading", fraction)
    one.progress("Done")
    assert written(one.err) == "Loading  10%\nDone\n"


def test_our_errors_speak_the_language_and_others_leave_their_traceback() -> None:
    one = console(language="ko")
    assert "포트" in one.explain(PortTaken(host="127.0.0.1", port=1, free=2))
    assert written(one.err) == ""
    try:
        raise KeyError("x")
    except KeyError as error:
        said = one.explain(error)
    assert "KeyError: 'x'" in said
    assert "test_console.py" in written(one.err)
