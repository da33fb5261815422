"""Where Maru keeps its data, and the few things an operator may set by environment variables."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

DEFAULT_RETRIEVER = "hybrid"
DEFAULT_PASSAGES = 4
WITH_TEMPLATE = ("template", "role")
"""The techniques that read a template."""
WITH_EXAMPLES = ("few_shot", "few_shot_similar")
"""The techniques that show the chosen examples, or choose among them."""

DEFAULT_CONTEXT = 8192
"""Tokens that a model reads where nobody chose: what the packaged one can."""


@dataclass(frozen=True)
class Settings:
    """Read once at start.

    `home` (MARU_HOME): everything that must survive, outside the repository and outside the temp folder.
    `host`, `port` (MARU_HOST, MARU_PORT, or PORT-like names a Space sets): where the page is served.
    `public`: a Space, or a server bound beyond loopback; admin actions are refused there.
    """

    home: Path
    host: str = "127.0.0.1"
    port: int = 7860
    public: bool = False

    @property
    def host_in_url(self) -> str:
        """The host as a URL spells it: an IPv6 address in brackets."""
        bare = ":" in self.host and not self.host.startswith("[")
        return f"[{self.host}]" if bare else self.host

    @property
    def models(self) -> Path:
        """Converted base models."""
        return self.home / "models"

    @property
    def vectorstore(self) -> Path:
        """The Chroma store and its manifest."""
        return self.home / "vectorstore"

    @property
    def chosen(self) -> Path:
        """Which model the operator chose last."""
        return self.home / "chosen.json"

    @property
    def examples(self) -> Path:
        """The person's own few-shot sets."""
        return self.home / "examples"

    @property
    def templates(self) -> Path:
        """The person's own prompt templates."""
        return self.home / "templates"

    @property
    def cards(self) -> Path:
        """What the quality and speed card measured last."""
        return self.home / "cards.json"

    @property
    def runs(self) -> Path:
        """Comparisons over whole sets: what was asked for, and what came out."""
        return self.home / "runs"

    @property
    def question_sets(self) -> Path:
        """The person's own question sets."""
        return self.home / "sets"


def read_settings(host: str | None = None, port: int | None = None) -> Settings:
    """Settings from the environment; what the command line gives goes first.

    Raises ValueError when MARU_PORT is no number.
    """
    home = Path(os.environ.get("MARU_HOME") or user_data_path("maru", appauthor=False))
    on_space = bool(os.environ.get("SPACE_ID"))
    default_host = "0.0.0.0" if on_space else "127.0.0.1"  # noqa: S104 (a Space must be reachable)
    chosen_host = host or os.environ.get("MARU_HOST") or os.environ.get("GRADIO_SERVER_NAME") or default_host
    chosen_port = port or int(os.environ.get("MARU_PORT") or os.environ.get("GRADIO_SERVER_PORT") or 7860)
    loopback = chosen_host in {"127.0.0.1", "localhost", "::1"}
    return Settings(home.expanduser().resolve(), chosen_host, chosen_port, public=on_space or not loopback)
