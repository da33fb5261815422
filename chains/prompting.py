"""What all techniques share: the order of the messages, and how passages are put before the model."""

import unicodedata
from collections.abc import Iterable, Iterator

from chains.language import language_of, said
from chains.question import Example, Message, Prompt, Question
from vectorstore.passage import Passage

SYSTEM = {
    "en": "You are a helpful assistant. Answer clearly and briefly.",
    "ko": "당신은 친절한 도우미입니다. 명확하고 짧게 한국어로 답하세요.",
}
GROUNDED_SYSTEM = {
    "en": (
        "Answer the question using only the passages. Keep the answer short. "
        "If the passages do not contain the answer, say that you do not know."
    ),
    "ko": "주어진 문단만 보고 질문에 한국어로 짧게 답하세요. 문단에 답이 없으면 모른다고 말하세요.",
}
_PASSAGES = {"en": "Passages:", "ko": "문단:"}
_QUESTION = {"en": "Question: ", "ko": "질문: "}
_PAGE = {"en": "page {}", "ko": "{}쪽"}
_CHOOSE = {"en": "Answer with the letter of the right choice.", "ko": "맞는 보기의 글자로 답하세요."}


def conversation(question: Question, system: str, last: str, examples: Iterable[Example] = ()) -> Prompt:
    """One system message, the examples as turns, the earlier turns, and `last` as what the person says now.

    There is always a system message: some chat templates put in their own where it is missing.
    """
    chosen = question.system if question.system and question.system.strip() else system
    messages = [Message("system", chosen)]
    for example in examples:
        messages += [Message("user", example.question), Message("assistant", example.answer)]
    for turn in turns(question.history):
        messages += turn
    return Prompt((*messages, Message("user", last)))


def unasked(examples: Iterable[Example], question: Question) -> tuple[Example, ...]:
    """The examples without those that ask the very question, with passages before it or without: their
    answer would stand just before it."""
    asked = {_as_asked(question.text), _as_asked(chosen_from(question))}
    return tuple(example for example in examples if asked.isdisjoint(_askings(example.question)))


def _askings(text: str) -> Iterator[str]:
    yield _as_asked(text)
    for label in _QUESTION.values():
        yield _as_asked(text.rpartition(f"\n{label}")[2])


def _as_asked(text: str) -> str:
    """Without what does not make it another question: case, spaces, compatibility forms, the closing mark."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return plain.rstrip(" ?!.…") or plain


def turns(history: Iterable[Message]) -> list[tuple[Message, Message]]:
    """The complete turns: a question and its answer. A question that was never answered is no part of the
    conversation, and templates that want user and assistant in alternation would refuse it."""
    complete: list[tuple[Message, Message]] = []
    asked: Message | None = None
    for message in history:
        if message.role == "user":
            asked = message
        elif message.role == "assistant" and asked is not None and message.content.strip():
            complete.append((asked, message))
            asked = None
    return complete


def system_text(question: Question, passages: tuple[Passage, ...]) -> str:
    """The usual instruction in the question's language, with or without passages."""
    return said(GROUNDED_SYSTEM if passages else SYSTEM, language_of(question))


def asked_text(question: Question, passages: tuple[Passage, ...]) -> str:
    """What the person says: the question alone, or the numbered passages and then the question; with the
    choices by their letters where there are any."""
    asked = chosen_from(question)
    if not passages:
        return asked
    label = said(_QUESTION, language_of(question))
    return f"{numbered_passages(question, passages)}\n\n{label}{asked}"


def numbered_passages(question: Question, passages: tuple[Passage, ...]) -> str:
    """The passages under a title, numbered from 1; nothing without any."""
    if not passages:
        return ""
    language = language_of(question)
    numbered = "\n\n".join(_numbered(n, passage, language) for n, passage in enumerate(passages, start=1))
    return f"{said(_PASSAGES, language)}\n{numbered}"


def chosen_from(question: Question) -> str:
    """The question's text, and its choices a line each: A. …, B. …"""
    return f"{question.text}\n{choices_text(question)}" if question.choices else question.text


def choices_text(question: Question) -> str:
    """The choices a line each, and the request to choose; nothing without any."""
    if not question.choices:
        return ""
    lines = (f"{letter(n)}. {choice}" for n, choice in enumerate(question.choices))
    return "\n".join([*lines, said(_CHOOSE, language_of(question))])


def letter(n: int) -> str:
    """The letter of the n-th choice, counted from 0: A, B, … Z, then AA."""
    earlier, last = divmod(n, 26)
    return (letter(earlier - 1) if earlier else "") + chr(ord("A") + last)


def _numbered(n: int, passage: Passage, language: str) -> str:
    page = None if passage.page is None else said(_PAGE, language).format(passage.page)
    origin = ", ".join(part for part in (passage.source, page) if part)
    return f"[{n}] ({origin}) {passage.text.strip()}" if origin else f"[{n}] {passage.text.strip()}"
