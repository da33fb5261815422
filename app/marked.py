"""A model's or a document's text as safe HTML: Markdown for the eye, nothing that acts or fetches.

HTML in the text is shown as text. Links and images are never made: what a model or a document writes must
not reach out of this page, not even when the person clicks. Sentences of an answer are marked in place.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.locales import say
from chains.question import Sentence

# Private-use characters travel through Markdown as letters and are replaced in its output by marks.
_BARE, _SUPPORTED, _CITE, _END = "\ue000", "\ue001", "\ue002", "\ue003"
_OTHER, _ALIKE = "\ue004", "\ue005"
_OURS = re.compile(f"[{_BARE}{_SUPPORTED}{_CITE}{_END}{_OTHER}{_ALIKE}]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Where a line begins with Markdown's own marks, ours goes behind them.
_BLOCK_MARKS = re.compile(r"(?:[\s>#|]|[-+*]\s|\d{1,9}[.)]\s|\*\*|__)*")
_LIST_NUMBER = re.compile(r"[\s>]*\d{1,9}[.)](?:[ \t]+|$)", re.MULTILINE)
_PIECES = re.compile(f"(<[^>]*>|{_BARE}|{_SUPPORTED}|{_CITE}\\d+{_END}|{_END}|{_OTHER}|{_ALIKE})")


def clean(text: str) -> str:
    """`text` without what JSON and our marks cannot carry; every character keeps its place."""
    return _OURS.sub("�", _SURROGATE.sub("�", text))


def plain(text: str) -> str:
    """Text shown exactly as it is."""
    return escape(clean(text), quote=True)


def rich(
    text: str,
    sentences: Sequence[Sentence] = (),
    language: str = "en",
    others: Sequence[tuple[int, int]] = (),
) -> str:
    """Markdown as HTML, with [n] behind supported sentences and unsupported ones underlined.

    `others` are (start, end) ranges that another text does not have, each within a line: they are marked.
    """
    signs = [*_of_sentences(clean(text), sentences), *_of_words(clean(text), others)]
    return _with_marks(_markdown().render(_with_signs(clean(text), signs)), language)


def highlighted(text: str, ranges: Sequence[tuple[int, int]]) -> str:
    """Plain text with <mark> around each (start, end) range; ranges outside the text are cut to it."""
    pieces, at = [], 0
    for start, end in sorted(ranges):
        start, end = max(at, start), min(len(text), end)
        if start < end:
            pieces += [plain(text[at:start]), "<mark>", plain(text[start:end]), "</mark>"]
            at = end
    return "".join(pieces) + plain(text[at:])


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    markdown.enable(["table", "strikethrough"])
    markdown.disable(["link", "image", "autolink", "reference", "html_block", "html_inline"])
    markdown.add_render_rule("fence", _code_block)
    return markdown


def _code_block(renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """A fenced block without the language that the text claims: it would become an attribute."""
    return f"<pre><code>{escape(tokens[index].content)}</code></pre>\n"


def _with_signs(text: str, signs: Sequence[tuple[int, str]]) -> str:
    """Each sign before the character at its place."""
    pieces, at = [], 0
    for place, sign in sorted(signs, key=lambda one: one[0]):
        pieces += [text[at:place], sign]
        at = place
    return "".join(pieces) + text[at:]


def _of_sentences(text: str, sentences: Sequence[Sentence]) -> Iterator[tuple[int, str]]:
    at = 0
    for sentence in sorted(sentences, key=lambda one: one.start):
        start, end = max(at, sentence.start), min(len(text), sentence.end)
        if start >= end:
            continue
        end = start + len(text[start:end].rstrip())
        begin = min(end, start + len(_leading_marks(text[start:end])))
        cites = "".join(f"{_CITE}{n}{_END}" for n in sentence.citations)
        yield begin, _BARE if sentence.supported is False else _SUPPORTED
        yield end, cites + _SUPPORTED
        at = end


def _of_words(text: str, ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """But for the number of a list, which would be none with a sign in it."""
    for start, end in ranges:
        number = _LIST_NUMBER.match(text, text.rfind("\n", 0, start) + 1)
        start = max(start, number.end()) if number is not None else start
        if start < end:
            yield start, _OTHER
            yield end, _ALIKE


def _leading_marks(text: str) -> str:
    found = _BLOCK_MARKS.match(text)
    return found.group() if found else ""


def _with_marks(html: str, language: str) -> str:
    """Signs into marks: text pieces of an unsupported sentence are wrapped one by one, tags stay nested."""
    bare, other, written = False, False, []
    wrap = _wrapper(language)
    for piece in _PIECES.split(html):
        if piece in (_BARE, _SUPPORTED):
            bare = piece == _BARE
        elif piece in (_OTHER, _ALIKE):
            other = piece == _OTHER
        elif piece.startswith(_CITE):
            written.append(_cite(piece[1:-1], language))
        elif piece != _END:
            seen = piece.strip() and not piece.startswith("<")
            word = f'<ins class="other">{piece}</ins>' if other and seen else piece
            written.append(wrap(word) if bare and seen else word)
    return "".join(written)


def _wrapper(language: str) -> Callable[[str], str]:
    title = escape(say("answer.unsupported", language), quote=True)
    return lambda piece: f'<span class="unsupported" title="{title}">{piece}</span>'


def _cite(number: str, language: str) -> str:
    title = escape(say("answer.open_source", language, n=number), quote=True)
    return (
        f'<button type="button" class="cite" data-cite="{number}" aria-label="{title}" title="{title}">'
        f"[{number}]</button>"
    )
