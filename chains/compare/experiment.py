"""What is compared: columns, the questions' options, the metrics. All frozen."""

from dataclasses import dataclass, field
from typing import Any

from adapters.spec import DEFAULT_MODEL, GenerationOptions, ModelSpec
from chains.compare.question_set import QuestionSet
from chains.question import Example, Template

GREEDY = GenerationOptions(max_tokens=64, temperature=0.0, seed=0)
"""The options of a comparison that names none: the same answers on every run."""


@dataclass(frozen=True)
class Column:
    """One way to answer: a column of the grid.

    `passage` puts the question's own passage before the model; `collection` searches there instead (they
    exclude each other). `examples` are few-shot examples, resolved; `template` is a person's own, resolved.
    """

    name: str
    technique: str = "zero_shot"
    model: str = DEFAULT_MODEL
    precision: str = "auto"
    adapter: str | None = None
    collection: str | None = None
    retriever: str = "hybrid"
    k: int = 4
    passage: bool = False
    system: str | None = None
    examples: tuple[Example, ...] | None = None
    template: Template | None = None
    options: GenerationOptions = GREEDY

    @property
    def spec(self) -> ModelSpec:
        """The model that has to be loaded for it; adapters are switched without loading again."""
        return ModelSpec(self.model, self.precision)


@dataclass(frozen=True)
class Judge:
    """Which model judges, by which rubric (None: the one that comes with Maru)."""

    model: str = DEFAULT_MODEL
    precision: str = "auto"
    rubric: str | None = None


@dataclass(frozen=True)
class Experiment:
    """A comparison, as its specification says. The first metric decides where one has to.

    `repeats`: how often each question is asked, each time with samples of its own. `document` is the
    specification itself, for the report and for the command that repeats it.
    """

    questions: QuestionSet
    columns: tuple[Column, ...]
    metrics: tuple[str, ...]
    baseline: str
    repeats: int = 1
    judge: Judge | None = None
    document: dict[str, Any] = field(default_factory=dict)
