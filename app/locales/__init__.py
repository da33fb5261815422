"""What the screen says, in every language: one JSON file each, the file name is the language.

Texts are flat: {"chat.send": "Send", …}. A text may have gaps, "{count} passages", filled by `say`. What a
technique, retriever or option is called is kept where it is declared, and joins the texts under a key of
the form "technique.zero_shot.label", so that the screen finds all its words in one place.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from adapters.spec import Text

DEFAULT_LANGUAGE = "en"


@cache
def languages() -> tuple[str, ...]:
    """The languages there are files for."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.json")))


@cache
def texts(language: str) -> Mapping[str, str]:
    """All texts of one language by their keys."""
    found: dict[str, str] = json.loads((Path(__file__).parent / f"{language}.json").read_text("utf-8"))
    return found


def known_language(wanted: object) -> str:
    """The language meant by "ko", "ko-KR", None or anything else a client may send."""
    code = wanted.split("-")[0].lower() if isinstance(wanted, str) else ""
    return code if code in languages() else DEFAULT_LANGUAGE


def say(key: str, language: str, **values: object) -> str:
    """The text of `key`, its gaps filled. Raises KeyError for an unknown key or an unfilled gap."""
    return texts(known_language(language))[key].format(**values)


def pick(text: Text, language: str) -> str:
    """One of a declared text's languages."""
    return text.get(known_language(language), text[DEFAULT_LANGUAGE])
