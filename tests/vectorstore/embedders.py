"""An embedder that is quick and wrong, where only what is done with it is tested."""

from collections.abc import Sequence

import numpy as np

from vectorstore.embed import Vectors
from vectorstore.scripts import Script


class OtherWeights:
    """Registered under the name of the real one, but not the same."""

    name = "minilm"
    label = "Other weights"
    fingerprint = "sha256:of-something-else"
    script: Script = "latin"
    passage_tokens = 254

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        rows = np.array([[len(text), text.count("e"), 1.0] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def embed_query(self, text: str) -> Vectors:
        return self.embed_passages([text])
