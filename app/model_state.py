"""What is said of the model in memory and of the one that loads: plain values, for whoever shows them."""

from dataclasses import dataclass
from typing import Literal

from adapters.progress import Bytes
from adapters.spec import ModelSpec, Text

STEPS = (
    "checking",
    "converting",
    "optimizing",
    "downloading",
    "loading",
    "finishing",
    "restoring",
    "cancelling",
)
"""What loading a model may be at; each has its words under "model." in the locale files."""


@dataclass(frozen=True)
class Loading:
    """What is being loaded: the step's name, and how much of it is done (0..1)."""

    spec: ModelSpec
    step: str = "waiting"
    fraction: float = 0.0

    @property
    def bytes(self) -> tuple[int, int] | None:
        """(done, all), where bytes are counted."""
        return (self.fraction.done, self.fraction.total) if isinstance(self.fraction, Bytes) else None


@dataclass(frozen=True)
class Answering:
    """What answers now: the resolved spec, the engine's key, bytes of memory (measured), tokens it reads, how
    many answers it writes at once, what a person should know of it, the spec it was asked for by, and where
    the server is that answers ("": here), which is its operator's affair."""

    spec: ModelSpec
    engine: str = ""
    memory: int | None = None
    context: int = 0
    capacity: int = 1
    notes: tuple[Text, ...] = ()
    asked: ModelSpec | None = None
    address: str = ""


@dataclass(frozen=True)
class ModelState:
    """What the screen says about the model. `failed` is what could not be loaded, and `error` why; the model
    that answered before answers on, unless `answering` is None. `cancelled` is what somebody gave up last."""

    answering: Answering | None = None
    loading: Loading | None = None
    failed: ModelSpec | None = None
    error: Exception | None = None
    cancelled: ModelSpec | None = None

    @property
    def status(self) -> Literal["loading", "ready", "failed"]:
        """Whether somebody who asks now is answered, waits, or is refused."""
        if self.answering is not None:
            return "ready"
        return "loading" if self.loading is not None or self.error is None else "failed"

    @property
    def step(self) -> str:
        """What loading is at."""
        return self.loading.step if self.loading is not None else "waiting"

    @property
    def fraction(self) -> float:
        """How much of it is done, 0..1."""
        return self.loading.fraction if self.loading is not None else 0.0
