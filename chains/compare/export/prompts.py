"""The prompts of a column with marks in place of what changes from question to question."""

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from chains.compare.experiment import Column
from chains.errors import ChainError
from chains.question import Message, Prompt, Question
from chains.steps import Call, Reply, all_is_answer
from chains.techniques import chain_of_thought, technique
from vectorstore.passage import Passage

QUESTION, PASSAGES, CHOICES = "<<the question>>", "<<the passages>>", "<<the choices>>"
_ASKED = {"en": ("Firstmarkedquestion", "Othermarkedquestion"), "ko": ("첫째표시질문", "다른표시질문")}
_TEXTS = ("Firstmarkedpassage", "Secondmarkedpassage")
_CHOICES = ("Firstmarkedchoice", "Secondmarkedchoice")
_LISTED = re.compile(r"A\. {}\nB\. {}".format(*_CHOICES))
_BY_QUESTION = {"few_shot_similar"}
"""Techniques that ask once, but choose their examples by the question."""


class NotExportable(ChainError):
    """The column's technique cannot be written down as fixed prompts."""

    en = (
        '"{column}" cannot be exported: {technique} writes its prompts anew for every question. Techniques '
        "that ask once, and self-consistency, can be exported. Use this one in Maru: make it the chat's "
        "default."
    )
    ko = (
        "'{column}' 열은 내보낼 수 없어요: {technique} 기법은 질문마다 프롬프트를 새로 만들어요. 한 번만 "
        "묻는 기법과 자기 일관성은 내보낼 수 있어요. 이 열은 채팅의 기본값으로 정해서 쓰세요."
    )


class Marked(NamedTuple):
    """Messages in which QUESTION, PASSAGES and CHOICES stand for what is put in, and the stop strings.

    `between` joins the numbered passages.
    """

    messages: tuple[Message, ...]
    stop: tuple[str, ...]
    between: str = "\n\n"


@dataclass(frozen=True)
class Exported:
    """A column as fixed prompts: `plain` without passages, `grounded` with them (None: it never has any).

    `samples` is how often it asks; `reads` says how the answer is found in what the model wrote: "all" of
    it, "marked" (behind a mark like "Answer:"), or "unread": only the technique itself can tell. `choices`:
    the prompts hold choices, a letter each.
    """

    plain: Marked
    grounded: Marked | None
    samples: int
    temperature: float
    reads: str
    choices: bool = False


def exported(column: Column, language: str, choices: bool = False) -> Exported:
    """`choices`: its questions have some. Raises NotExportable and TechniqueNotFound."""
    known = technique(column.technique)
    if column.technique in _BY_QUESTION or known.retrieval == "needed":
        raise _refused(column)
    first, other = _ASKED["ko" if language == "ko" else "en"]
    listed = _CHOICES if choices else ()
    calls = _calls(column, first, (), listed)
    plain, changed = _marked(calls[0], first), _marked(_calls(column, other, (), listed)[0], other)
    if plain != changed:
        raise _refused(column)
    grounded = (
        None if known.retrieval == "unused" else _marked(_calls(column, first, _PAIR, listed)[0], first)
    )
    prompts = {call.prompt for call in calls}
    if len(prompts) > 1 or not any(QUESTION in one.content for one in plain.messages):
        raise _refused(column)
    if grounded is not None and not any(PASSAGES in one.content for one in grounded.messages):
        grounded = None
    return Exported(plain, grounded, len(calls), calls[0].temperature, calls[0].reads, choices)


class _Asked(NamedTuple):
    prompt: Prompt
    temperature: float
    reads: str


_PAIR = tuple(Passage(str(n), str(n), "", text, 0, len(text)) for n, text in enumerate(_TEXTS))


def _calls(
    column: Column, asked: str, passages: tuple[Passage, ...], choices: tuple[str, ...]
) -> list[_Asked]:
    """What the technique sends, when that is all in one round."""
    question = Question(
        asked,
        technique=column.technique,
        system=column.system,
        examples=column.examples,
        options=replace(column.options, seed=0),
        template=column.template,
        choices=choices,
    )
    run = technique(column.technique).run(question, passages)
    wanted = [one for one in next(run) if isinstance(one, Call)]
    if not wanted:
        raise _refused(column)
    try:
        run.send([Reply("x", raw="x") for _ in wanted])
    except StopIteration:
        return [
            _Asked(one.build(question, passages), (one.options or question.options).temperature, _reads(one))
            for one in wanted
        ]
    finally:
        run.close()
    raise _refused(column)


def _reads(call: Call) -> str:
    if call.read is all_is_answer:
        return "all"
    return "marked" if call.read is chain_of_thought.read else "unread"


def _marked(asked: _Asked, question: str) -> Marked:
    """The two numbered passages become one mark, what stands between them is kept; so do the choices."""
    block = re.compile(rf"\[1\] {_TEXTS[0]}(\s*)\[2\] {_TEXTS[1]}")
    found = [match[1] for one in asked.prompt.messages if (match := block.search(one.content))]
    messages = tuple(
        Message(one.role, _LISTED.sub(CHOICES, block.sub(PASSAGES, one.content)).replace(question, QUESTION))
        for one in asked.prompt.messages
    )
    return Marked(messages, asked.prompt.stop, found[0] if found else "\n\n")


def _refused(column: Column) -> NotExportable:
    return NotExportable(column=column.name, technique=dict(technique(column.technique).label))
