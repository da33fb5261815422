"""Think step by step, then answer: the reasoning is shown apart from the answer.

The model is asked to reason first and to write a mark ("Answer:") before the answer proper. A small model
often forgets the mark, or says it in its own words: the usual ones are known, in English and Korean, and
without any of them the last paragraph counts as the answer.
"""

import re

from chains.language import language_of, said
from chains.prompting import asked_text, conversation, system_text
from chains.question import Prompt, Question
from chains.techniques import Paper
from vectorstore.passage import Passage

order = 30
label = {"en": "Chain of thought", "ko": "단계별 추론"}
help = {
    "en": "Asks the model to reason step by step before it answers; the reasoning is folded away.",
    "ko": "답하기 전에 단계별로 추론하게 해요. 추론 과정은 접어서 보여 줘요.",
}
paper = Paper("Large Language Models are Zero-Shot Reasoners", "https://arxiv.org/abs/2205.11916")

_ASK = {
    "en": 'Let\'s think step by step. Then write "Answer:" and the answer.',
    "ko": '단계별로 생각해 봅시다. 그런 다음 "정답:"이라고 쓰고 답을 쓰세요.',
}
_PHRASES = (
    "so the answer is",
    "so, the answer is",
    "therefore the answer is",
    "therefore, the answer is",
    "thus the answer is",
    "thus, the answer is",
    "the final answer is",
    "the answer is",
    "따라서 답은",
    "따라서 정답은",
    "그러므로 답은",
    "그러므로 정답은",
)
_TITLES = ("answer", "final answer", "the answer", "정답", "최종 답", "답")
_MARKS = (
    *_PHRASES,
    *(f"{title}:" for title in _TITLES),
    *(f"**{title}:**" for title in _TITLES),
    *(f"**{title}**:" for title in _TITLES),
)
# A mark stands at the start, on a new line, or behind the end of a clause: not within "I know the answer is".
_START = r"(?:\A|(?<=\n)|(?<=[.,;:!?]\s)|(?<=[.!?]))[ \t]*"
_MARK = re.compile(
    _START + "(?:" + "|".join(re.escape(mark) for mark in sorted(_MARKS, key=len, reverse=True)) + ")",
    re.IGNORECASE,
)
_CLAUSE = re.compile(_START)
_NOT = re.compile(r"not\b", re.IGNORECASE)
_AROUND = " \t\n:*"
_LONGEST = max(map(len, _MARKS))


def build(question: Question, passages: tuple[Passage, ...]) -> Prompt:
    """As zero-shot, with the request to reason behind the question, where a small model heeds it most."""
    asked = f"{asked_text(question, passages)}\n\n{said(_ASK, language_of(question))}"
    return conversation(question, system_text(question, passages), asked)


def read(text: str, done: bool) -> tuple[str | None, str]:
    """Reasoning before the mark, answer behind it.

    While the text grows it is the first mark; until one is seen all is reasoning, but for a tail that may
    become a mark. At the end it is the last mark with an answer behind it ("The answer: first we add. …
    Answer: 7"), before those that only say what the answer is not. A text without an answer gives its last
    paragraph as the answer: what the model meant is shown, never an empty bubble.
    """
    if done:
        return _ended(text)
    mark = _MARK.search(text)
    if mark is None:
        return text[: _settled(text)].strip() or None, ""
    return text[: mark.start()].strip() or None, text[mark.end() :].lstrip(_AROUND)


def _ended(text: str) -> tuple[str | None, str]:
    found, end = list[tuple[str, str]](), len(text)
    for mark in reversed(list(_MARK.finditer(text))):
        answer = text[mark.end() : end].lstrip(_AROUND).strip()
        if answer:
            found.append((text[: mark.start()].strip(), answer))
        elif not found:
            end = mark.start()
    if not found:
        return _unmarked(text[:end])
    reasoning, answer = next((one for one in found if not _NOT.match(one[1])), found[0])
    return reasoning or None, answer


def _unmarked(text: str) -> tuple[str | None, str]:
    reasoning, _, answer = text.strip().rpartition("\n\n")
    return reasoning.strip() or None, answer.strip()


def _settled(text: str) -> int:
    """Up to where no mark can begin any more, whatever comes next."""
    for clause in _CLAUSE.finditer(text, max(0, len(text) - 2 * _LONGEST)):
        tail = text[clause.end() :].casefold()
        if len(tail) < _LONGEST and any(mark.startswith(tail) for mark in _MARKS):
            return clause.start()
    return len(text)
