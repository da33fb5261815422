"""Think, search, look at what was found, and so on, until the answer is known."""

import re

from chains.asking import asking, behind, plainly
from chains.filling import quoted
from chains.language import language_of, reader_language, said
from chains.question import Prompt, Question
from chains.steps import ANSWER, Build, Call, Outcome, Run, Search
from chains.techniques import Paper
from vectorstore.passage import Passage

order = 110
label = {"en": "ReAct", "ko": "ReAct (생각하고 찾기)"}
help = {
    "en": "The model thinks, searches the collection for what it lacks, and goes on, at most 4 times.",
    "ko": "모델이 생각하면서 필요한 내용을 컬렉션에서 직접 찾아봐요. 많아도 네 번까지 찾아요.",
}
paper = Paper(
    "ReAct: Synergizing Reasoning and Acting in Language Models", "https://arxiv.org/abs/2210.03629"
)
retrieval = "needed"
retrieval_note = {
    "en": "It decides itself what to search for, so it needs a collection.",
    "ko": "무엇을 찾을지 모델이 직접 정하므로 컬렉션이 있어야 해요.",
}

MOST_STEPS = 4
KEPT = 2
"""Passages taken from one search: those of four must fit into one prompt."""
LONGEST_THOUGHT = 400
"""Characters of a step that the next one sees."""

_THINK = {"en": "Step {}", "ko": "{}단계"}
_SEARCH = {"en": "Search {}", "ko": "찾기 {}"}
_ASK = {
    "en": (
        "Work in steps. In each step write one line with what you still need to know, and one line with an "
        "action:\nThought: …\nAction: search[words to look for in the documents]\nWhen you know the answer, "
        "the action is:\nAction: finish[the answer]"
    ),
    "ko": (
        "단계별로 진행하세요. 단계마다 더 알아야 할 것을 한 줄, 행동을 한 줄 쓰세요.\n생각: …\n"
        "행동: 검색[문서에서 찾을 말]\n답을 알게 되면 이렇게 쓰세요.\n행동: 완료[답]"
    ),
}
_TOLD = {"en": "{told}\n\nWrite the next step.", "ko": "{told}\n\n다음 단계를 쓰세요."}
_OBSERVED = {"en": "Observation: {}", "ko": "관찰: {}"}
_NEW = {"en": "passages {}", "ko": "문단 {}"}
_NONE = {"en": "nothing new", "ko": "새로운 내용 없음"}
_NOTHING_FOUND = {
    "en": "I found nothing about this in the documents.",
    "ko": "문서에서 관련 내용을 찾지 못했어요.",
}
_STOP = ("Observation:", "관찰:")
_KIND = r"(?P<kind>search|look ?up|find|검색|찾기|finish|answer|완료|답변|답)"
_ARGUMENT = r"(?:\[(?P<inside>[^\]\n]+)\]?|(?<=\S)\((?P<round>[^)\n]+)\)?|[:：]?\s+(?P<rest>[^\n]+))"
# An action on its line may leave out the brackets; anywhere else they are what tells it from prose.
_ACTION = re.compile(rf"(?:Action|행동)\s*\d*\s*[:：]\s*{_KIND}\s*{_ARGUMENT}", re.IGNORECASE)
_BARE = re.compile(r"\b(?P<kind>search|finish|검색|완료)\s?\[(?P<inside>[^\]\n]+)\]", re.IGNORECASE)
_FINISHING = {"finish", "answer", "완료", "답변", "답"}
_PLACEHOLDERS = {"the answer", "words to look for in the documents", "답", "문서에서 찾을 말", "…", "..."}


def run(question: Question, passages: tuple[Passage, ...]) -> Run:
    """At most MOST_STEPS thoughts, a search for each that asks for one. A model that names no action (or the
    same again) answers from what was found; one that never searched gets what the question itself finds."""
    language, seen, told, queries = language_of(question), passages, list[str](), list[str]()
    for n in range(1, MOST_STEPS + 1):
        (thought,) = yield [Call(_numbered(_THINK, n), _next_step(told), passages=seen)]
        written = _own_part(thought.raw or thought.text)
        told.append(quoted(written, LONGEST_THOUGHT))
        kind, argument = action(written)
        if kind == "finish" and seen:
            return Outcome(argument, "\n".join(told), passages=seen)
        query = argument if kind == "search" else "" if seen else question.text
        if not query or query.casefold() in queries:
            break
        queries.append(query.casefold())
        (found,) = yield [Search(_numbered(_SEARCH, n), query)]
        more = _unseen(found.passages, seen)[:KEPT]
        told.append(_observed(len(seen), len(more), language))
        seen = (*seen, *more)
        if kind != "search":
            break
    if not seen:
        return Outcome(said(_NOTHING_FOUND, reader_language(question)), "\n".join(told), passages=())
    (answer,) = yield [Call(ANSWER, plainly, final=True, passages=seen)]
    return Outcome(answer.text, "\n".join(told))


def action(text: str) -> tuple[str, str]:
    """("search" | "finish", its argument), or ("", "") where the text names neither."""
    for match in sorted([*_ACTION.finditer(text), *_BARE.finditer(text)], key=re.Match.start):
        groups = match.groupdict()
        argument = next((groups[name] for name in ("inside", "round", "rest") if groups.get(name)), "")
        argument = argument.strip(" \t\"'`*“”")
        if argument and argument.casefold() not in _PLACEHOLDERS:
            return ("finish" if groups["kind"].casefold() in _FINISHING else "search"), argument
    return "", ""


def _next_step(told: list[str]) -> Build:
    build = asking(behind(_ASK, _TOLD) if told else _ASK, step=True, told="\n".join(told))

    def stopping(question: Question, passages: tuple[Passage, ...]) -> Prompt:
        return Prompt(build(question, passages).messages, _STOP)

    return stopping


def _own_part(text: str) -> str:
    """Without the observations that a model makes up where it does not stop for them."""
    return re.split("|".join(_STOP), text)[0].strip()


def _unseen(found: tuple[Passage, ...], seen: tuple[Passage, ...]) -> tuple[Passage, ...]:
    known = {passage.text for passage in seen}
    return tuple(passage for passage in found if passage.text not in known)


def _observed(before: int, more: int, language: str) -> str:
    numbers = ", ".join(f"[{n}]" for n in range(before + 1, before + more + 1))
    new = said(_NEW, language).format(numbers) if more else said(_NONE, language)
    return said(_OBSERVED, language).format(new)


def _numbered(name: dict[str, str], n: int) -> dict[str, str]:
    return {language: text.format(n) for language, text in name.items()}
