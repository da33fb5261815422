"""The [1] [2] a model writes by itself."""

import re

_MARKS = re.compile(r"[ \t]*(?:\[\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*\])+")
_BEGUN = re.compile(r"(?:[ \t]|\[[\d,;– -]{0,12}\]?)*\Z")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*(?:`|\Z)", re.DOTALL)


def without_marks(text: str, most: int, done: bool = True) -> str:
    """The text without citation marks: nobody asked for them, and what they say is not checked.

    Only numbers from 1 to `most`, the passages the model was given, and never in code. With `done=False` a
    tail that may become a mark is held back, so that a growing text only grows.
    """
    code = [match.span() for match in _CODE.finditer(text)]

    def kept(match: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", match[0])]
        in_code = any(start <= match.start() < end for start, end in code)
        return match[0] if in_code or not all(1 <= number <= most for number in numbers) else ""

    begun = _BEGUN.search(text)
    if not done and begun is not None and not any(start <= begun.start() < end for start, end in code):
        text = text[: begun.start()]
    return _MARKS.sub(kept, text)


def blanked(text: str) -> str:
    """The text with spaces in place of marks: the same length, and no number too many."""
    return _MARKS.sub(lambda match: " " * len(match[0]), text)
