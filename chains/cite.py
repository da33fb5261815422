"""From an answer and its passages to citations: which passage supports which sentence, with which words.

Nothing is asked of the model. A citation is always one of the passages it was given.
"""

import re
from collections.abc import Iterable, Sequence

from chains.evidence import Evidence, Text, read
from chains.marks import blanked
from chains.question import Citation, Sentence
from chains.sentences import Span, sentences
from vectorstore.passage import Passage

_NOTHING_CLAIMED = re.compile(
    r"[?？:：][\"'”’)*_]*$"
    r"|^(?:hello|hi|hey|thanks|thank you|you['’]re welcome|(?:i['’]m )?sorry|certainly|of course)\b"
    r"[^.]{0,40}$"
    r"|\b(?:i|we) (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t) "
    r"(?:know|find|answer|say|tell|determine)\b"
    r"|\b(?:passages?|documents?|text|context) (?:do|does|did)(?: not|n['’]t) "
    r"(?:contain|mention|say|state|provide|specify|include|give)\b"
    r"|\b(?:is|are) not (?:mentioned|stated|given|provided|specified|contained|found) in the "
    r"(?:passages?|documents?|text|context)\b"
    r"|^(?:안녕|감사|고맙|죄송|미안|물론)[^.]{0,15}[.!]?$"
    r"|모르겠|알 수 없|모릅니다|몰라요|찾을 수 없|찾지 못했"
    r"|(?:문단|문서|본문)(?:에|에는|에서는?) .*(?:없|않)",
    re.IGNORECASE,
)


def cite(text: str, passages: Sequence[Passage]) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """The sentences of `text`, each with the numbers of the passages that support it, and those passages in
    the order of their first citation.

    A number is the passage's place in `passages`, counted from 1, as the prompt numbers them. `supported` is
    None where a sentence claims nothing: a question, a greeting, "I don't know". A sentence's offsets count
    in `text`, a citation's and its highlights' in the loaded text of the passage's document.
    """
    evidence = Evidence([passage.text for passage in passages])
    found: list[Sentence] = []
    highlights: dict[int, list[Span]] = {}
    for start, end in sentences(text):
        claimed = _claimed(text[start:end])
        support = evidence.support(claimed) if claimed else {}
        for n, spans in sorted(support.items()):
            highlights.setdefault(n, []).extend(spans)
        found.append(Sentence(start, end, tuple(sorted(support)), bool(support) if claimed else None))
    return tuple(found), tuple(_citation(n, passages[n - 1], spans) for n, spans in highlights.items())


def _claimed(text: str) -> Text | None:
    said = blanked(text).strip()
    claim = read(said)
    return claim if claim.words and not _NOTHING_CLAIMED.search(said) else None


def _citation(n: int, passage: Passage, spans: Iterable[Span]) -> Citation:
    return Citation(
        n=n,
        source=passage.source,
        page=passage.page,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        score=passage.score,
        highlights=tuple((passage.start + start, passage.start + end) for start, end in _merged(spans)),
        relevance=passage.relevance,
    )


def _merged(spans: Iterable[Span]) -> list[Span]:
    """In order, and none over another."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
