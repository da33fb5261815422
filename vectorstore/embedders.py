"""The embedders a collection can be made with: the packaged English one, multilingual ones from the Hub.

A Hub embedder is downloaded when a collection is first made with it, never before, and then used from disk.
"""

import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vectorstore.embed import Embedder, LocalEmbedder, PackagedMiniLM
from vectorstore.errors import EmbedderNotFound, EmbedderUnavailable, VectorstoreError, in_both

DEFAULT = "minilm"

REACHABLE_TIMEOUT_S = 2.0
REACHABLE_FOR_S = 60.0


@dataclass(frozen=True)
class Choice:
    """One embedder as a form offers it. `download_mb` is 0 for the packaged one."""

    name: str
    label: str
    languages: Mapping[str, str]
    download_mb: int
    licence: str
    repository: str | None = None
    max_tokens: int = 512
    prefixes: tuple[str, str] = ("", "")

    def available(self) -> Mapping[str, str] | None:
        """None when it can be used now, else the reason as {"en": …, "ko": …}. At most 2 s, remembered."""
        try:
            if self.repository is None:
                get(self.name)
            elif _cached_folder(self.repository) is None and not hub_reachable():
                return _NOT_HERE
        except VectorstoreError as error:
            return in_both(error)
        return None


_NOT_HERE = {
    "en": "it is not downloaded, and the model hub cannot be reached",
    "ko": "아직 내려받지 않았고, 모델 허브에 연결할 수 없어요",
}
_ENGLISH = {"en": "English", "ko": "영어"}
_MANY = {"en": "100 languages, Korean among them", "ko": "한국어를 포함한 100개 언어"}
_KOREAN = {"en": "Korean and English", "ko": "한국어와 영어"}

CHOICES = {
    choice.name: choice
    for choice in (
        Choice(DEFAULT, "all-MiniLM-L6-v2", _ENGLISH, 0, "Apache-2.0"),
        Choice(
            "multilingual-e5-small",
            "multilingual-e5-small",
            _MANY,
            471,
            "MIT",
            repository="intfloat/multilingual-e5-small",
            prefixes=("query: ", "passage: "),  # its model card: without them it does worse
        ),
        Choice("bge-m3", "BGE-M3", _MANY, 2270, "MIT", repository="BAAI/bge-m3", max_tokens=8192),
        Choice("kure-v1", "KURE-v1", _KOREAN, 2270, "MIT", repository="nlpai-lab/KURE-v1", max_tokens=8192),
    )
}

PASSAGE_TOKENS = 384
"""A multilingual passage is no longer than this, however much its embedder reads: about 750 syllables."""


@cache
def get(name: str) -> Embedder:
    """The embedder registered under that name; nothing is loaded yet. Raises EmbedderNotFound."""
    choice = CHOICES.get(name)
    if choice is None:
        raise EmbedderNotFound(key=name, known=", ".join(CHOICES))
    return HubEmbedder(choice) if choice.repository else PackagedMiniLM()


class HubEmbedder(LocalEmbedder):
    """A multilingual embedder from the Hub, downloaded once and then used from disk."""

    def __init__(self, choice: Choice) -> None:
        room = choice.max_tokens - 16  # special tokens and the prefix
        super().__init__(choice.name, choice.label, "all", min(PASSAGE_TOKENS, room), choice.prefixes)
        self._choice = choice

    @property
    def fingerprint(self) -> str:
        """Repository, revision and prefixes. Does not download: raises EmbedderUnavailable."""
        folder = _cached_folder(str(self._choice.repository))
        if folder is None:
            raise self._unavailable(_NOT_HERE)
        return f"{self._choice.repository}@{folder.name}"

    def folder(self) -> Path:
        """The snapshot on this disk."""
        folder = _cached_folder(str(self._choice.repository))
        if folder is None:
            raise self._unavailable(_NOT_HERE)
        return folder

    def download(self) -> None:
        """Brings the weights here unless they are. Raises EmbedderUnavailable."""
        reason = self._choice.available()
        if reason is not None:
            raise self._unavailable(reason)
        if _cached_folder(str(self._choice.repository)) is None:
            _download(self._choice)

    def _unavailable(self, reason: Mapping[str, str]) -> EmbedderUnavailable:
        return EmbedderUnavailable(label=self.label, reason={key: f"{text}." for key, text in reason.items()})


def hub_reachable() -> bool:
    """Whether the model hub answers; asked at most once a minute, and never when HF_HUB_OFFLINE is set."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE or os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}:
        return False
    with _REACHABLE_LOCK:
        asked_at, answer = _REACHABLE.get(constants.ENDPOINT, (-REACHABLE_FOR_S, False))
        if time.monotonic() - asked_at >= REACHABLE_FOR_S:
            answer = _answers(constants.ENDPOINT)
            _REACHABLE[constants.ENDPOINT] = (time.monotonic(), answer)
        return answer


_REACHABLE: dict[str, tuple[float, bool]] = {}
_REACHABLE_LOCK = threading.Lock()


def _answers(address: str) -> bool:
    if not address.startswith(("https://", "http://")):
        return False
    request = urllib.request.Request(address, method="HEAD")  # noqa: S310 (the scheme is checked above)
    answered: list[bool] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(request, timeout=REACHABLE_TIMEOUT_S):  # noqa: S310
                answered.append(True)
        except urllib.error.HTTPError as error:
            answered.append(error.code < 500)
            error.close()
        except (OSError, ValueError):
            answered.append(False)

    # A thread of its own, because looking up a name has no timeout.
    thread = threading.Thread(target=ask, name="hub-reachable", daemon=True)
    thread.start()
    thread.join(REACHABLE_TIMEOUT_S)
    return bool(answered and answered[0])


def _cached_folder(repository: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(repository, local_files_only=True))
    except (LocalEntryNotFoundError, OSError, ValueError):
        return None
    complete = (folder / "tokenizer.json").is_file() and (folder / "modules.json").is_file()
    return folder if complete and any(folder.glob("*.safetensors")) else None


def _download(choice: Choice) -> None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    wanted = ["*.json", "*/config.json", "*.safetensors", "sentencepiece.bpe.model"]
    try:
        snapshot_download(str(choice.repository), allow_patterns=wanted)
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise EmbedderUnavailable(
            label=choice.label,
            reason={"en": f"downloading it failed: {error}", "ko": f"내려받지 못했어요: {error}"},
        ) from error
