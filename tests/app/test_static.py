"""What the Python files say about the browser's files is true."""

import re
from pathlib import Path

from app.page import STATIC

APP = Path(__file__).resolve().parents[2] / "app"


def test_every_file_of_the_browser_that_is_named_exists() -> None:
    named = {
        name for path in APP.rglob("*.py") for name in re.findall(r"static/([\w.]+\w)", path.read_text())
    }
    assert named
    assert named <= {path.name for path in STATIC.iterdir()}
