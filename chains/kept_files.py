"""Small files of a person's own, under names the person chose: no text of a client ever becomes a path."""

import hashlib
import os
import tempfile
import unicodedata
from pathlib import Path

LONGEST_NAME = 100
BAD_NAME = {
    "en": f"a name has 1 to {LONGEST_NAME} visible characters.",
    "ko": f"이름은 1~{LONGEST_NAME}자로 적어 주세요.",
}
"""What to say, in English and Korean, of a name that is none."""


def clean_name(name: str) -> str:
    """The name as it is compared: composed Unicode (NFC), without spaces around it."""
    return unicodedata.normalize("NFC", name).strip()


def is_name(name: str) -> bool:
    """Whether a clean name is one: 1 to LONGEST_NAME visible characters."""
    return 1 <= len(name) <= LONGEST_NAME and name.isprintable()


def file_stem(name: str) -> str:
    """What the file of that (clean) name is called: a hash, the same for the same name."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def write_whole(path: Path, content: str) -> None:
    """Writes the file whole or not at all, over an earlier one; its folder is made. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
