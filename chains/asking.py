"""What techniques with several steps share: a request behind the question, and reading what a model lists."""

import re
from collections.abc import Sequence
from dataclasses import replace

from adapters.spec import GenerationOptions, Text
from chains.filling import filled, quoted
from chains.language import language_of, said
from chains.prompting import asked_text, conversation, system_text
from chains.question import Prompt, Question
from chains.seeds import derived
from chains.steps import Build
from vectorstore.passage import Passage

STEP = {
    "en": "You work carefully, one step at a time. Write only what is asked for.",
    "ko": "당신은 한 단계씩 꼼꼼히 일합니다. 요청한 것만 한국어로 쓰세요.",
}
"""The instruction of a step that does not write the answer: asked to answer briefly, a small model would."""

SAMPLING_TEMPERATURE = 0.7

_ITEM = re.compile(r"^\s*(?:\(?\d{1,2}[.):](?!\d)|[-*•·]|[QqSs]\d{1,2}[.):]|질문\s*\d{0,2}\s*[.):])\s*(.+)$")
_PAIR = {"en": "Q: |A: ", "ko": "질문: |답: "}
_DECORATION = ' \t*_`"“”'


def asking(request: Text, *, step: bool = False, **written: str) -> Build:
    """The question, with its passages, and the request behind it, where a small model heeds it most.

    The request's gaps are filled with what the model has `written` so far. A `step` is no answer: it comes
    with an instruction of its own, which the person's does not replace: told "Answer with one word", a model
    would plan and score in one word.
    """
    values = {name: quoted(text) for name, text in written.items()}

    def build(question: Question, passages: tuple[Passage, ...]) -> Prompt:
        language = language_of(question)
        system = said(STEP, language) if step else system_text(question, passages)
        asked = f"{asked_text(question, passages)}\n\n{filled(said(request, language), values)}"
        return conversation(replace(question, system=None) if step else question, system, asked)

    return build


def behind(first: Text, request: Text) -> Text:
    """Two of our own texts as one request, a paragraph each."""
    return {language: f"{text}\n\n{request[language]}" for language, text in first.items()}


def plainly(question: Question, passages: tuple[Passage, ...]) -> Prompt:
    """The question as zero-shot asks it."""
    return conversation(question, system_text(question, passages), asked_text(question, passages))


def instead(text: str) -> Build:
    """Another, shorter question in place of the person's: without its choices and without what was said."""

    def build(question: Question, passages: tuple[Passage, ...]) -> Prompt:
        return plainly(replace(question, text=quoted(text), choices=(), history=()), passages)

    return build


def sampled(options: GenerationOptions, *parts: str | int) -> GenerationOptions:
    """The options of one sample of several: not greedy, and with a seed of its own."""
    temperature = max(SAMPLING_TEMPERATURE, options.temperature)
    return replace(options, temperature=temperature, seed=derived(options.seed, *parts))


def listed(text: str, most: int) -> list[str]:
    """The entries of a list that a model wrote, each once: its numbered lines, or else those that ask."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    entries = [match[1] for line in lines if (match := _ITEM.match(line))]
    if not entries:
        entries = [line for line in lines if line.rstrip(_DECORATION).endswith(("?", "？"))]
    plain = (entry.strip(_DECORATION) for entry in entries)
    return list(dict.fromkeys(entry for entry in plain if len(entry) > 1))[:most]


def first_line(text: str) -> str:
    """The first line of what a model wrote, without quotation marks; empty where it wrote nothing."""
    lines = (line.strip().strip(_DECORATION) for line in text.splitlines())
    return next((line for line in lines if line), "")


def pairs(questions: Sequence[str], answers: Sequence[str], language: str) -> str:
    """Questions with their answers, as a later prompt shows them."""
    asked, answered = said(_PAIR, language).split("|")
    shown = zip(questions, answers, strict=False)
    return "\n".join(f"{asked}{quoted(one)}\n{answered}{quoted(answer)}" for one, answer in shown)
