"""Whether a passage says what a sentence claims, judged by wording.

A passage supports a claim when it holds most of the words that carry the claim's meaning. Words that tell the
given passages apart weigh more (inverse document frequency); every number must be there by value; what the
claim denies must be denied there too, and what the passage denies must not be claimed. This cannot see a
paraphrase without common words, and it does not prove a claim to be true.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from chains.negation import denied, negations, stems
from chains.sentences import Span, sentences
from chains.words import Word, words

# Chosen on XQuAD and KorQuAD by `python -m benchmarks.citations`, which prints what other values would give.
SUPPORTED = 0.6
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
class Claim:
    """A sentence that says something."""

    words: tuple[Word, ...]
    denied: frozenset[str]
    denies: bool

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers it names, by value."""
        return frozenset(word.keys[0] for word in self.words if word.number)


def claim(text: str) -> Claim | None:
    """What a sentence claims; None when it has no word to check."""
    found = tuple(words(text))
    return Claim(found, denied(text, found), bool(negations(text))) if found else None


@dataclass(frozen=True)
class _Part:
    """A passage, or a sentence of it that begins at `start`; the words count from there."""

    start: int
    words: tuple[Word, ...]
    keys: frozenset[str]
    denied: frozenset[str]
    denies: bool

    def holds(self, word: Word) -> float:
        """How much of a word is here: all or nothing, for Korean words by the share of their bigrams."""
        return _share(word, self.keys)


@dataclass(frozen=True)
class _Match:
    """What one passage has to say to a claim: how much of each word, of its whole weight, and where."""

    shares: tuple[float, ...]
    held: float
    spans: tuple[Span, ...]


class Evidence:
    """The given passages, ready to be asked what supports a claim. `texts` are in the order of the prompt."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._wholes = [_part(text) for text in texts]
        self._parts = [_parts(text) for text in texts]
        self._holders = Counter(key for whole in self._wholes for key in whole.keys)

    def support(self, claim: Claim) -> dict[int, tuple[Span, ...]]:
        """The passages that support the claim, by their number from 1, best first, each with the character
        ranges of its supporting words. Empty when nothing does."""
        weights = self.weights(claim)
        numbered = ((n, self._match(n, claim, weights)) for n in range(1, len(self._wholes) + 1))
        matches = {n: match for n, match in numbered if match is not None}
        ranked = sorted(matches, key=lambda n: -matches[n].held)
        chosen = self._alone(ranked, matches, claim) or self._together(ranked, matches, weights, claim)
        return {n: matches[n].spans for n in chosen}

    def held(self, claim: Claim) -> list[float]:
        """The share of the claim's weight that each passage holds, whatever its numbers and denials."""
        weights = self.weights(claim)
        return [_held([whole.holds(word) for word in claim.words], weights) for whole in self._wholes]

    def weights(self, claim: Claim) -> list[float]:
        """What each word of the claim weighs: more when fewer passages hold it."""
        count = len(self._wholes)
        return [
            sum(log(1 + count / max(1, self._holders[key])) for key in word.keys) / len(word.keys)
            for word in claim.words
        ]

    def _alone(self, ranked: list[int], matches: dict[int, _Match], claim: Claim) -> list[int]:
        enough = SHORT_SUPPORTED if len(claim.words) <= SHORT else SUPPORTED
        complete = [n for n in ranked if claim.numbers <= self._numbers([n])]
        if not complete or matches[complete[0]].held < enough:
            return []
        return [n for n in complete if matches[n].held >= AS_GOOD * matches[complete[0]].held]

    def _together(
        self, ranked: list[int], matches: dict[int, _Match], weights: list[float], claim: Claim
    ) -> list[int]:
        if len(ranked) < 2 or len(claim.words) <= SHORT:
            return []
        first = ranked[0]

        def joint(n: int) -> float:
            both = zip(matches[first].shares, matches[n].shares, strict=True)
            return _held([max(pair) for pair in both], weights)

        second = max(ranked[1:], key=joint)
        added = joint(second) - matches[first].held
        complete = claim.numbers <= self._numbers([first, second])
        return [first, second] if complete and joint(second) >= TOGETHER and added >= ADDS else []

    def _numbers(self, passages: Iterable[int]) -> frozenset[str]:
        return frozenset().union(*(self._wholes[n - 1].keys for n in passages))

    def _match(self, n: int, claim: Claim, weights: list[float]) -> _Match | None:
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


def _part(text: str, start: int = 0) -> _Part:
    found = tuple(words(text))
    keys = frozenset(key for word in found for key in word.keys)
    return _Part(start, found, keys, denied(text, found), bool(negations(text)))


def _parts(text: str) -> list[_Part]:
    return [_part(text[start:end], start) for start, end in sentences(text)]


def _telling(parts: Sequence[_Part], claim: Claim, weights: Sequence[float]) -> list[_Part]:
    """The few sentences that hold the claim's words between them, the most telling first."""
    chosen: list[_Part] = []
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


def _agrees(telling: Sequence[_Part], claim: Claim) -> bool:
    """Whether the telling sentences deny what the claim denies, and nothing of what it says."""
    if claim.denies:
        return any(part.denies for part in telling)
    denied_here = frozenset().union(*(part.denied for part in telling))
    return not denied_here & stems(claim.words)


def _marked(part: _Part, keys: frozenset[str]) -> list[Span]:
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
