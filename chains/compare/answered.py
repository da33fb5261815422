"""From an Answer (or the error in its place) to the Cell that is kept and scored."""

from collections.abc import Mapping
from dataclasses import replace

from adapters.errors import PromptTooLong
from chains.compare.cell import AnsweredBy, Cell, Generation
from chains.compare.plan import Chunk
from chains.errors import ChainError
from chains.question import Answer, Step, Timings


def cells_of(
    chunk: Chunk,
    keys: list[str],
    answers: list[Answer | Exception],
    peak_memory: int | None,
    answered_by: AnsweredBy,
) -> list[Cell]:
    """A cell for every question of the chunk."""
    return [
        error_cell(chunk.column.name, item.id, chunk.repeat, key, answer)
        if isinstance(answer, Exception)
        else _cell(
            Cell(chunk.column.name, item.id, chunk.repeat, key, answered_by=answered_by), answer, peak_memory
        )
        for item, key, answer in zip(chunk.items, keys, answers, strict=True)
    ]


def error_cell(column: str, item: str, repeat: int, key: str, error: Exception) -> Cell:
    """A cell that says why there is no answer."""
    return Cell(column, item, repeat, key, error=said_by(error), passing=passes(error))


def passes(error: Exception) -> bool:
    """Whether it lies not in the question and its prompt, but in what happened meanwhile."""
    return not isinstance(error, ChainError | PromptTooLong)


def said_by(error: Exception) -> dict[str, str]:
    """What an error tells a person, in both languages."""
    text = getattr(error, "text", None)
    if callable(text):
        return {language: str(text(language)) for language in ("en", "ko")}
    plain = f"{type(error).__name__}: {error}"
    return {"en": plain, "ko": plain}


def lasting(answers: list[Answer | Exception]) -> bool:
    """Whether the same would come of asking again: a broken model or a full line may pass, and an answer that
    ran out of time may have more of it."""
    return all(
        not passes(one)
        if isinstance(one, Exception)
        else one.finish_reason not in ("stopped", "time_limit", "error")
        for one in answers
    )


def _cell(place: Cell, answer: Answer, peak_memory: int | None) -> Cell:
    return replace(
        place,
        text=answer.text,
        reasoning=answer.reasoning,
        agreement=answer.agreement,
        passages=answer.passages,
        citations=answer.citations,
        sentences=answer.sentences,
        generations=tuple(_generation(step) for step in answer.steps),
        prompt_tokens=answer.tokens.prompt,
        completion_tokens=answer.tokens.completion,
        seconds=_seconds(answer.timings),
        peak_memory_bytes=peak_memory,
        finish_reason=answer.finish_reason,
        notices=answer.notices,
    )


def _seconds(timings: Timings) -> float:
    """The answer's own part of its group's time: nothing, where no model was asked."""
    spent = timings.total_s if timings.shared_s is None else timings.shared_s
    return spent or 0.0


def _generation(step: Step) -> Generation:
    name: Mapping[str, str] = step.name
    return Generation(
        name=name["en"],
        messages=step.prompt.messages,
        raw=step.raw,
        prompt_tokens=step.tokens.prompt,
        completion_tokens=step.tokens.completion,
        query=step.query or "",
    )
