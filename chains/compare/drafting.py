"""Questions out of a person's own documents: the model drafts them, each with the passage that answers it.

Passages are picked from all over the documents. A draft is good when it is a question, no other draft asks
it, and its answer stands in the passage, where it is marked. What is not good is told with its flaw: a person
may put it right or leave it; nothing is made up in its place.
"""

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from math import ceil
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from adapters.spec import Text
from chains.compare.question_set import Item
from chains.compare.replies import Reply, replies
from chains.language import HANGUL, said
from chains.reading_answers.normalise import normalised
from chains.sentences import sentences
from vectorstore.passage import Passage

GROUP = 8
"""Passages that are put to the model at once."""

MOST_TRIES = 4
"""Passages tried for each question that is wanted, before drafting gives up."""

SHORTEST_PASSAGE = 60
"""Characters: shorter ones hold too little to ask about."""

SHOWN = 160
"""Characters of a passage, at least, that the model is shown: a few whole sentences, because a small model
loses itself in more."""

LONGEST_SHOWN = 600
LONGEST_QUESTION, LONGEST_ANSWER = 300, 120
OPTIONS: Mapping[str, Any] = {"max_tokens": 64, "temperature": 0.0, "seed": 0, "stop": ["\n\n"]}
MOST_WORDS, LEAST_KEPT = 40, 0.4
"""Words of an answer that are looked at, and the share of them that must stand in the passage for it to
be cut to those."""

FLAWS: dict[str, Text] = {
    "no_question": {
        "en": "The model wrote no question. Write one, or leave this out.",
        "ko": "모델이 질문을 쓰지 않았어요. 직접 적거나 빼 주세요.",
    },
    "not_a_question": {
        "en": "This does not read as a question. Put it right, or leave it out.",
        "ko": "질문으로 보이지 않아요. 고치거나 빼 주세요.",
    },
    "no_answer": {
        "en": "The model wrote no answer. Take it from the passage, or leave this out.",
        "ko": "모델이 답을 쓰지 않았어요. 지문에서 찾아 적거나 빼 주세요.",
    },
    "not_in_passage": {
        "en": "The answer does not stand in the passage. Put it right, or leave this out.",
        "ko": "답이 지문에 없어요. 고치거나 빼 주세요.",
    },
    "shortened": {
        "en": "The answer was cut to those of the model's words that stand in the passage. Check it.",
        "ko": "모델의 답에서 지문에 있는 말만 남겼어요. 맞는지 확인해 주세요.",
    },
    "long_answer": {
        "en": "The answer repeats much of the passage. Shorten it, or leave this out.",
        "ko": "답이 지문을 길게 옮긴 거예요. 줄이거나 빼 주세요.",
    },
    "answer_in_question": {
        "en": "The question already tells the answer. Put it right, or leave it out.",
        "ko": "질문 안에 답이 들어 있어요. 고치거나 빼 주세요.",
    },
    "duplicate": {
        "en": "Another draft asks the same. Change one of them, or leave this out.",
        "ko": "같은 질문이 이미 있어요. 하나를 바꾸거나 빼 주세요.",
    },
    "failed": {
        "en": "The model gave no answer for this passage. Write a question, or leave it out.",
        "ko": "이 지문에서는 모델이 답하지 못했어요. 직접 적거나 빼 주세요.",
    },
}
"""What can be wrong with a draft, in the words the person reads."""

_SYSTEM: Text = {
    "en": "You write questions for a reading test.",
    "ko": "당신은 독해 시험 문제를 만드는 사람이에요.",
}
_TASK: Text = {
    "en": "Passage:\n{passage}\n\nWrite one question that this passage answers. Then write the answer: one "
    "to five words, copied from the passage.",
    "ko": "지문:\n{passage}\n\n이 지문으로 답할 수 있는 질문을 하나 쓰세요. 그리고 지문에서 그대로 옮긴 "
    "다섯 낱말 이내의 정답을 쓰세요.",
}
_FORM: Text = {"en": "Question: {question}\nAnswer: {answer}", "ko": "질문: {question}\n정답: {answer}"}
_SHOWN: dict[str, tuple[tuple[str, str, str], ...]] = {
    "en": (
        (
            "The old mill on Linden Street was built in 1903 by the carpenter Jonas Vail. It ground oats "
            "until the river was moved.",
            "Who built the old mill on Linden Street?",
            "Jonas Vail",
        ),
        (
            "Members may borrow up to six books at a time. Books are lent for three weeks.",
            "How long are books lent?",
            "three weeks",
        ),
    ),
    "ko": (
        (
            "느티마을의 물레방아는 1903년에 목수 한도윤이 만들었다. 냇물의 길을 바꿀 때까지 귀리를 빻았다.",
            "느티마을의 물레방아는 누가 만들었나요?",
            "한도윤",
        ),
        (
            "회원은 책을 한 번에 여섯 권까지 빌릴 수 있다. 대출 기간은 삼 주이다.",
            "책의 대출 기간은 얼마인가요?",
            "삼 주",
        ),
    ),
}
_QUESTION_MARK = re.compile(
    r"(?:\*\*)?\b(?:question|질문|문제|q)(?:\s?\d+)?(?:\*\*)?\s*[:：]\s*(?:\*\*)?\s*", re.I
)
_ANSWER_MARK = re.compile(r"(?:\*\*)?\b(?:answer|정답|답변|답|a)(?:\*\*)?\s*[:：]\s*(?:\*\*)?\s*", re.I)
_SAYS_THAT = re.compile(r"^.*?\b(?:is|was|are|were|by|called)\b:?\s+", re.IGNORECASE)
_ASKS = re.compile(
    r"[?？][\"'”’)]*$|^(?:who|whom|whose|what|which|when|where|why|how)\b|(?:까|나요|가요|[인은는던]가|니|냐)[.]?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class DraftedItem:
    """A drafted question. `item` has the passage's text and id; `answers` is the piece of the passage itself
    where it was found, at `start`..`end` of the document's loaded text. `flaw` is a key of FLAWS, None for a
    good draft. `raw` is what the model wrote."""

    item: Item
    passage: Passage
    start: int | None = None
    end: int | None = None
    flaw: str | None = None
    raw: str = ""


def draft(
    passages: Iterable[Passage],
    model: BaseChatModel,
    count: int,
    language: str | None = None,
    stop: threading.Event | None = None,
    *,
    seed: int = 0,
) -> Iterator[DraftedItem]:
    """Drafts as they come, until `count` are good, the passages (at most MOST_TRIES for each) run out, or
    `stop` is set. Those with flaws come too, in their place.

    `language` is that of our words to the model (None: each passage's own). Raises what the model raises
    where it cannot work at all; a passage it fails at is a draft with a flaw.
    """
    picked = islice(spread(passages, seed), count * MOST_TRIES)
    asked = {normalised(question, spoken) for spoken, shown in _SHOWN.items() for _, question, _ in shown}
    good = 0
    while good < count and not (stop is not None and stop.is_set()):
        group = list(islice(picked, min(GROUP, count * 2 - good)))
        if not group:
            return
        shown = [shown_part(passage, seed) for passage in group]
        # nothing comes back of a group that was stopped
        for passage, reply in zip(group, _replies(shown, model, language, stop), strict=False):
            one = _judged(passage, reply, asked)
            asked.add(_compared(one.item.question))
            good += one.flaw is None
            yield one
            if good == count:
                return


def flaws(drafts: Iterable[DraftedItem]) -> dict[str, int]:
    """How many drafts were put aside for which flaw, the commonest first."""
    return dict(Counter(one.flaw for one in drafts if one.flaw is not None).most_common())


def spread(passages: Iterable[Passage], seed: int) -> Iterator[Passage]:
    """The passages in a drawn order in which every document has its turn; too short ones only where there are
    no others. The same order on every machine."""
    everything = list(passages)
    usable = [one for one in everything if len(one.text.strip()) >= SHORTEST_PASSAGE] or everything
    documents: dict[str, list[Passage]] = {}
    for one in sorted(usable, key=lambda passage: _lot(seed, passage)):
        documents.setdefault(one.document_id, []).append(one)
    turns = zip_longest(*documents.values())
    return (one for one in chain.from_iterable(turns) if one is not None)


def shown_part(passage: Passage, seed: int) -> str:
    """The sentences of the passage that the model is asked about, drawn by the seed."""
    text = passage.text
    spans = sentences(text) or [(0, len(text))]
    starts = [start for start, _ in spans if len(text) - start >= SHOWN] or [spans[0][0]]
    start = starts[int.from_bytes(_lot(seed, passage)[:4], "big") % len(starts)]
    ends = [end for _, end in spans if end - start >= SHOWN] or [len(text)]
    return text[start : min(ends[0], start + LONGEST_SHOWN)]


def _lot(seed: int, passage: Passage) -> bytes:
    place = f"{seed}:{passage.document_id}:{passage.start}"
    return hashlib.blake2b(place.encode("utf-8", "replace"), digest_size=16).digest()


def _replies(
    shown: Sequence[str], model: BaseChatModel, language: str | None, stop: threading.Event | None
) -> list[Reply]:
    prompts = [_messages(text, language) for text in shown]
    found = replies(model, prompts, OPTIONS, stop)
    broken = [reply for reply in found if isinstance(reply, Exception)]
    if broken and len(broken) == len(found):
        raise broken[0]  # not this passage's fault
    return found


def _messages(shown: str, language: str | None) -> list[BaseMessage]:
    spoken = language or ("ko" if HANGUL.search(shown) else "en")
    messages: list[BaseMessage] = [SystemMessage(content=said(_SYSTEM, spoken))]
    for text, question, answer in _SHOWN["ko" if spoken == "ko" else "en"]:
        messages.append(HumanMessage(content=_task(text, spoken)))
        form = said(_FORM, spoken).format(question=question, answer=answer)
        messages.append(AIMessage(content=form))
    return [*messages, HumanMessage(content=_task(shown, spoken))]


def _task(text: str, language: str) -> str:
    before, after = said(_TASK, language).split("{passage}")
    return before + text.strip() + after  # braces in the text stay as they are


def _judged(passage: Passage, reply: Reply, asked: set[str]) -> DraftedItem:
    raw = "" if isinstance(reply, Exception) else reply.text
    question, answer = parted(raw)
    place = located(answer, passage.text)
    if place is None:  # "The mill was built by Jonas Vail." says it, too
        place = located(_SAYS_THAT.sub("", answer), passage.text)
    shortened = place is None
    if place is None:
        place = longest_part(answer, question, passage.text)
    if place is not None:
        answer = passage.text[slice(*place)]
    flaw = "failed" if isinstance(reply, Exception) else _flaw(question, answer, place, passage, asked)
    flaw = flaw or ("shortened" if shortened else None)
    return DraftedItem(
        Item(passage.id, question, (answer,) if answer else (), passage.text),
        passage,
        None if place is None else passage.start + place[0],
        None if place is None else passage.start + place[1],
        flaw,
        raw,
    )


def _flaw(
    question: str, answer: str, place: tuple[int, int] | None, passage: Passage, asked: set[str]
) -> str | None:
    if not question:
        return "no_question"
    if not _ASKS.search(question) or len(question) > LONGEST_QUESTION:
        return "not_a_question"
    if not answer:
        return "no_answer"
    if place is None:
        return "not_in_passage"
    if len(answer) > min(LONGEST_ANSWER, len(passage.text) // 2):
        return "long_answer"
    if located(answer, question) is not None:
        return "answer_in_question"
    return "duplicate" if _compared(question) in asked else None


def parted(raw: str) -> tuple[str, str]:
    """Question and answer out of what the model wrote, each on its line, with or without our words before
    them; "" for what is missing."""
    asked = _QUESTION_MARK.search(raw)
    rest = raw[asked.end() :] if asked else raw
    answered = _ANSWER_MARK.search(rest)
    question = (rest[: answered.start()] if answered else rest).strip()
    if asked is None and answered is None and "?" not in question:
        return "", ""
    lines = [line.strip() for line in question.splitlines() if line.strip()]
    answer = rest[answered.end() :] if answered else "\n".join(lines[1:])
    return _tidy(lines[0] if lines else ""), _tidy(answer.strip().split("\n")[0])


def located(answer: str, text: str) -> tuple[int, int] | None:
    """Where the words of the answer stand in the text, whatever is between them; whole words and numbers, but
    for the particle behind a Korean one."""
    words = re.findall(r"\w+", answer)
    while len(words) > 1 and words[0].lower() in {"the", "a", "an"}:
        words = words[1:]
    if not words:
        return None
    pattern = r"[\W_]+".join(map(re.escape, words))
    end = r"(?![^\W\uac00-\ud7a3])" if words[-1].isascii() else ""
    found = re.search(rf"(?<![\w])(?<!\d[.,]){pattern}{end}(?![.,]\d)", text, re.IGNORECASE)
    return found.span() if found else None


def longest_part(answer: str, question: str, text: str) -> tuple[int, int] | None:
    """Where the longest run of the answer's words stands in the text; not one that the question says already,
    nor one of small words alone, nor one that keeps less than LEAST_KEPT of the answer."""
    words = answer.split()[:MOST_WORDS]
    for length in range(len(words) - 1, ceil(len(words) * LEAST_KEPT) - 1, -1):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            place = located(" ".join(run), text) if any(map(_tells, run)) else None
            if place is not None and located(" ".join(run), question) is None:
                return place
    return None


def _tells(word: str) -> bool:
    return (
        len(word) >= 5
        or any(letter.isdigit() or letter.isupper() for letter in word)
        or bool(HANGUL.search(word))
    )


def _tidy(text: str) -> str:
    return text.strip().strip('"“”*').strip()


def _compared(question: str) -> str:
    return normalised(question, "ko" if HANGUL.search(question) else "en")
