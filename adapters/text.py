"""From token ids to text, as early as possible and never wrong.

A Hangul syllable is often two or three tokens of a byte-level vocabulary: text is handed out only once its
characters are complete, and at once then, with no waiting for a space. Knows no model and no torch.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class StopStrings:
    """Cuts a growing text at the first stop string, and holds back what might become one."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""

    def push(self, text: str) -> tuple[str, bool]:
        """The text that may be shown now, and whether a stop string was found (then nothing follows)."""
        self._held += text
        found = [at for at in map(self._held.find, self._stops) if at >= 0]
        if found:
            shown, self._held = self._held[: min(found)], ""
            return shown, True
        cut = len(self._held) - self._unfinished()
        shown, self._held = self._held[:cut], self._held[cut:]
        return shown, False

    def finish(self) -> str:
        """What was held back and turned out to be plain text."""
        shown, self._held = self._held, ""
        return shown

    def _unfinished(self) -> int:
        """The length of the longest end of the held text with which a stop string begins."""
        longest = 0
        for stop in self._stops:
            for length in range(min(len(stop) - 1, len(self._held)), longest, -1):
                if self._held.endswith(stop[:length]):
                    longest = length
                    break
        return longest


def fast_tokenizer(tokenizer: Any) -> "Tokenizer":
    """The tokenizers library's object inside a fast transformers tokenizer; one of its own passes through."""
    inside: Tokenizer = getattr(tokenizer, "_tokenizer", tokenizer)
    return inside


class TokenText:
    """The text of one generation: tokens go in, complete characters come out."""

    def __init__(self, tokenizer: "Tokenizer", stops: Sequence[str] = ()) -> None:
        from tokenizers.decoders import DecodeStream

        self._tokenizer = tokenizer
        self._decoder = DecodeStream(skip_special_tokens=True)
        self._stops = StopStrings(stops)

    def push(self, token: int) -> tuple[str, bool]:
        """The text this token completes, and whether a stop string has been reached."""
        return self._stops.push(self._decoder.step(self._tokenizer, token) or "")

    def finish(self) -> str:
        """The rest, when the generation ends. Half a character at the very end is dropped."""
        return self._stops.finish()


def end_tokens(listed: int | list[int] | None, tokenizer: Any) -> frozenset[int]:
    """The tokens with which a model ends its answer: those its settings list, and the tokenizer's own."""
    known = listed if isinstance(listed, list) else [listed]
    return frozenset(token for token in [*known, tokenizer.eos_token_id] if token is not None)
