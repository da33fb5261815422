"""Whether a passage says what a sentence claims, judged by wording.

A passage supports a claim when it holds enough of the words that carry the claim's meaning. Words that tell
the given passages apart weigh more (inverse document frequency); every number must be there by value, every
name must be there; what the claim denies must be denied there too, and what the passage denies must not be
claimed. This cannot see a paraphrase without common words, may overlook a wrong word among many right ones,
and does not prove a claim to be true.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from chains.negation import denied, negations, stems
from chains.sentences import Span, sentences
from chains.words import Word, words

# Chosen on XQuAD and KorQuAD by `python -m benchmarks.citations`, which prints what other values would give.
SUPPORTED = 0.5
"""The share of a claim's weight that one passage must hold."""
SHORT, SHORT_SUPPORTED = 3, 0.8
"""A claim of at most so many words must be there nearly whole."""
TOGETHER, ADDS = 0.75, 0.2
"""Two passages count together from this share on, when the second adds at least so much."""
AS_GOOD = 0.98
"""A passage is cited beside the best one when it holds nearly as much (the same text, cut twice)."""
ALIKE = 0.5
"""From this share of common bigrams on, two Korean words count as forms of one word."""
SENTENCES = 3
"""From at most so many sentences of a passage its supporting words are taken."""
_GAP = 16  # between two supporting words in a row lie only spaces, marks and a few words without weight


@dataclass(frozen=True)
class Text:
    """A sentence or a passage as it is compared: its words, the stems it says and those it denies.

    Words count from `start`.
    """

    words: tuple[Word, ...]
    keys: frozenset[str]
    said: frozenset[str]
    denied: frozenset[str]
    denies: bool
    start: int = 0

    def holds(self, word: Word) -> float:
        """How much of a word is here: all or nothing, for Korean words by the share of their bigrams."""
        return _share(word, self.keys)


def read(text: str, start: int = 0) -> Text:
    """A text ready to be compared. One without words claims nothing."""
    found = tuple(words(text))
    turned = denied(text, found)
    keys = frozenset(key for word in found for key in (*word.keys, word.stem) if key)
    said = stems(word for word in found if word not in turned)
    return Text(found, keys, said, stems(turned), bool(negations(text)), start)


@dataclass(frozen=True)
class _Match:
    """What one passage has to say to a claim: how much of each word, of its whole weight, and where."""

    shares: tuple[float, ...]
    held: float
    spans: tuple[Span, ...]


class Evidence:
    """The given passages, ready to be asked what supports a claim. `texts` are in the order of the prompt."""

    def __init__(self, texts: Sequence[str], supported: float = SUPPORTED) -> None:
        self._supported = supported
        self._wholes = [read(text) for text in texts]
        self._parts = [_parts(text) for text in texts]
        self._holders = Counter(key for whole in self._wholes for key in whole.keys)

    def support(self, claim: Text) -> dict[int, tuple[Span, ...]]:
        """The passages that support the claim, by their number from 1, best first, each with the character
        ranges of its supporting words. Empty when nothing does."""
        weights = self.weights(claim)
        numbered = ((n, self._match(n, claim, weights)) for n in range(1, len(self._wholes) + 1))
        matches = {n: match for n, match in numbered if match is not None}
        ranked = sorted(matches, key=lambda n: -matches[n].held)
        chosen = self._alone(ranked, matches, claim) or self._together(ranked, matches, weights, claim)
        return {n: matches[n].spans for n in chosen}

    def held(self, claim: Text) -> list[float]:
        """The share of the claim's weight that each passage holds, whatever its numbers and denials."""
        weights = self.weights(claim)
        return [_held([whole.holds(word) for word in claim.words], weights) for whole in self._wholes]

    def weights(self, claim: Text) -> list[float]:
        """What each word of the claim weighs: more when fewer passages hold it."""
        count = len(self._wholes)
        return [
            sum(log(1 + count / max(1, self._holders[key])) for key in word.keys) / len(word.keys)
            for word in claim.words
        ]

    def _alone(self, ranked: list[int], matches: dict[int, _Match], claim: Text) -> list[int]:
        enough = SHORT_SUPPORTED if len(claim.words) <= SHORT else self._supported
        complete = [n for n in ranked if self._names_all(claim, [n])]
        if not complete or matches[complete[0]].held < enough:
            return []
        return [n for n in complete if matches[n].held >= AS_GOOD * matches[complete[0]].held]

    def _together(
        self, ranked: list[int], matches: dict[int, _Match], weights: list[float], claim: Text
    ) -> list[int]:
        if len(ranked) < 2 or len(claim.words) <= SHORT:
            return []
        first = ranked[0]

        def joint(n: int) -> float:
            both = zip(matches[first].shares, matches[n].shares, strict=True)
            return _held([max(pair) for pair in both], weights)

        second = max(ranked[1:], key=joint)
        added = joint(second) - matches[first].held
        complete = self._names_all(claim, [first, second])
        return [first, second] if complete and joint(second) >= TOGETHER and added >= ADDS else []

    def _names_all(self, claim: Text, passages: Sequence[int]) -> bool:
        """Whether every number and name of the claim is in one of the passages."""
        texts = [self._wholes[n - 1] for n in passages]
        return all(any(text.holds(word) for text in texts) for word in claim.words if word.names)

    def _match(self, n: int, claim: Text, weights: list[float]) -> _Match | None:
        """None when the passage says nothing to the claim, or the contrary."""
        telling = _telling(self._parts[n - 1], claim, weights)
        if not telling or not _agrees(telling, claim):
            return None
        keys = frozenset(key for word in claim.words for key in word.keys)
        spans = tuple(span for part in telling for span in _marked(part, keys))
        shares = tuple(self._wholes[n - 1].holds(word) for word in claim.words)
        return _Match(shares, _held(shares, weights), spans)


def _held(shares: Sequence[float], weights: Sequence[float]) -> float:
    return sum(share * weight for share, weight in zip(shares, weights, strict=True)) / sum(weights)


def _share(word: Word, keys: frozenset[str]) -> float:
    share = sum(key in keys for key in word.keys) / len(word.keys)
    return share if share >= ALIKE else 0.0


def _parts(text: str) -> list[Text]:
    return [read(text[start:end], start) for start, end in sentences(text)]


def _telling(parts: Sequence[Text], claim: Text, weights: Sequence[float]) -> list[Text]:
    """The few sentences that hold the claim's words between them, the most telling first."""
    chosen: list[Text] = []
    covered = [0.0] * len(claim.words)
    for _ in range(SENTENCES):
        gains = [
            sum(
                weight * max(0.0, part.holds(word) - have)
                for word, weight, have in zip(claim.words, weights, covered, strict=True)
            )
            for part in parts
        ]
        best = max(range(len(parts)), key=gains.__getitem__, default=None)
        if best is None or gains[best] <= 0:
            break
        chosen.append(parts[best])
        covered = [
            max(have, parts[best].holds(word)) for word, have in zip(claim.words, covered, strict=True)
        ]
    return chosen


def _agrees(telling: Sequence[Text], claim: Text) -> bool:
    """Whether the telling sentences deny what the claim denies, and nothing of what it says."""
    said = frozenset[str]().union(*(part.said for part in telling))
    turned = frozenset[str]().union(*(part.denied for part in telling))
    if claim.denies and not any(part.denies for part in telling):
        return False
    return not (claim.said - claim.denied) & (turned - said) and not claim.denied & (said - turned)


def _marked(part: Text, keys: frozenset[str]) -> list[Span]:
    """The ranges of the part's words that the claim has too; words in a row become one range."""
    ranges: list[Span] = []
    last: Word | None = None
    for word in part.words:
        if not _share(word, keys):
            last = None
            continue
        if last is not None and word.start - last.end <= _GAP:
            ranges[-1] = (ranges[-1][0], part.start + word.end)
        else:
            ranges.append((part.start + word.start, part.start + word.end))
        last = word
    return ranges
