"""Questions drafted from documents: what is kept, what is put aside and why."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import Field

from chains.compare.drafting import (
    FLAWS,
    GROUP,
    MOST_TRIES,
    draft,
    flaws,
    located,
    longest_part,
    parted,
    shown_part,
    spread,
)
from tests.fakes import InterruptedModel, ScriptedModel, passage
from tests.vectorstore.embedders import OtherWeights
from vectorstore.ingest import add
from vectorstore.passage import Passage
from vectorstore.store import Store

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel

MILL = passage(
    "The wind mill on Gull Point was built in 1871 by Ana Ferreira. It ground oats until 1956.", "mill"
)
BRIDGE = passage("The old bridge was painted green in 1956. Before that, it had been painted red.", "bridge")


class Writer(ScriptedModel):
    """Writes for each passage what is given for a word of it; an Exception is raised."""

    replies: dict[str, Any] = Field(default_factory=dict)

    def batch(
        self, inputs: Any, config: Any = None, *, return_exceptions: bool = False, **kwargs: Any
    ) -> Any:
        self.batches.append(len(inputs))
        return [self._one(messages, **kwargs) for messages in inputs]

    def _one(self, messages: list[BaseMessage], **kwargs: Any) -> Any:
        try:
            return self.invoke(messages, **kwargs)
        except RuntimeError as error:
            return error

    def _told(self, messages: list[BaseMessage], seed: int | None) -> Iterator[ChatGenerationChunk]:
        shown = str(messages[-1].content)
        found = [reply for word, reply in self.replies.items() if word in shown]
        self.script = found[:1]
        yield from super()._told(messages, seed)


def drafted(reply: Any, one: Passage = MILL, **rest: Any) -> Any:
    model = Writer(replies={"": reply, **rest})
    (made,) = draft([one], model, 1)
    return made


def test_a_good_draft_marks_its_answer_in_the_document() -> None:
    document = "# Harbour\n\n" + MILL.text
    one = Passage("p1", "d1", "mill.md", MILL.text, 11, 11 + len(MILL.text))
    made = drafted("Question: Who built the wind mill?\nAnswer: ana ferreira.", one)
    assert made.flaw is None
    assert made.item.question == "Who built the wind mill?"
    assert made.item.answers == ("Ana Ferreira",), "as it stands in the passage"
    assert document[made.start : made.end] == "Ana Ferreira"
    assert (made.item.id, made.item.passage, made.passage) == ("p1", MILL.text, one)


@pytest.mark.parametrize(
    "reply, flaw",
    [
        ("", "no_question"),
        ("The mill is old.", "no_question"),
        ("Question: The mill was built in 1871.\nAnswer: 1871", "not_a_question"),
        ("Question: Who built it?", "no_answer"),
        ("Question: Who built it?\nAnswer:", "no_answer"),
        ("Question: Who built it?\nAnswer: John", "not_in_passage"),
        ("Question: When was it built?\nAnswer: 187", "not_in_passage"),
        ("Question: Who built it?\nAnswer: Nobody but Ana Ferreira did", "shortened"),
        (f"Question: What is said?\nAnswer: {MILL.text}", "long_answer"),
        ("Question: Was it built in 1871?\nAnswer: 1871", "answer_in_question"),
        ("Question: Who built the old mill on Linden Street?\nAnswer: Ana Ferreira", "duplicate"),
    ],
)
def test_every_flaw_is_named_and_the_draft_offered_all_the_same(reply: str, flaw: str) -> None:
    made = drafted(reply)
    assert made.flaw == flaw
    assert made.raw == reply
    assert made.item.passage == MILL.text
    assert set(FLAWS[flaw]) == {"en", "ko"}
    if flaw == "shortened":
        assert made.item.answers == ("Ana Ferreira",)


def test_the_same_question_is_kept_once_and_flaws_are_counted() -> None:
    pages = [passage(f"{MILL.text} Page {n}.", f"doc{n}") for n in range(3)]
    model = Writer(replies={"": "Question: Who built the mill?\nAnswer: Ana Ferreira"})
    made = list(draft(pages, model, 3))
    assert [one.flaw for one in made] == [None, "duplicate", "duplicate"]
    assert flaws(made) == {"duplicate": 2}


def test_drafting_ends_when_enough_are_good_or_too_many_were_tried() -> None:
    pages = [passage(f"{MILL.text} Room {n}.", f"doc{n}") for n in range(100)]
    good = Writer(
        replies={f"Room {n}.": f"Question: Who built room {n}?\nAnswer: Ana Ferreira" for n in range(100)}
    )
    made = [one for one in draft(pages, good, 20) if one.flaw is None]
    assert len(made) <= 20
    bad = Writer(replies={"": "no"})
    assert len(list(draft(pages, bad, 3))) == 3 * MOST_TRIES
    assert max(bad.batches) <= GROUP


def test_stop_is_heeded_between_groups() -> None:
    pages = [passage(f"{MILL.text} Room {n}.", f"doc{n}") for n in range(100)]
    model, stop = Writer(replies={"": "no"}), threading.Event()
    made = []
    for one in draft(pages, model, 20, stop=stop):
        made.append(one)
        stop.set()
    assert len(made) == GROUP == sum(model.batches)


def test_a_stop_inside_a_group_gives_the_group_up() -> None:
    pages = [passage(f"{MILL.text} Room {n}.", f"doc{n}") for n in range(30)]
    model = InterruptedModel(script=["Question: Who built it?\nAnswer: Ana Ferreira"], last=3)
    assert list(draft(pages, model, 20, stop=model.event)) == []
    assert len(model.asked) == 3 < GROUP


def test_one_passage_may_fail_but_not_all() -> None:
    broken = Writer(replies={"mill": RuntimeError("no"), "bridge": "Question: What colour?\nAnswer: green"})
    made = {one.passage.source: one.flaw for one in draft([MILL, BRIDGE], broken, 2)}
    assert made == {"mill": "failed", "bridge": None}
    with pytest.raises(RuntimeError):
        list(draft([MILL], broken, 1))


def test_braces_in_a_document_are_text_and_korean_is_asked_in_korean() -> None:
    model = Writer(replies={"": "질문: 마루는 무엇으로 만드나요?\n정답: 나무"})
    one = passage(
        "마루는 나무로 만든다. {question} {0} 같은 글자도 그대로 두어야 하고, 마루 아래로는 바람이 지나간다.",
        "ko",
    )
    (made,) = draft([one], model, 1)
    assert made.flaw is None
    assert made.item.answers == ("나무",)
    sent = model.asked[0]
    assert "독해" in str(sent[0].content)
    assert shown_part(one, 0) in str(sent[-1].content)
    assert model.options[0]["temperature"] == 0.0


def test_every_document_has_its_turn() -> None:
    pages = [passage(f"{MILL.text} {n}", f"doc{n % 3}", start=n * 100) for n in range(30)]
    order = list(spread(pages, 0))
    assert sorted(order, key=pages.index) == pages
    assert all(len({one.source for one in order[at : at + 3]}) == 3 for at in range(0, 30, 3))
    assert order == list(spread(list(reversed(pages)), 0)) != list(spread(pages, 1))
    short = passage("Too short.", "short")
    assert short not in list(spread([*pages, short], 0))
    assert list(spread([short], 0)) == [short]


@pytest.mark.parametrize(
    "raw, expected",
    [
        ("Question: Who?\nAnswer: Ana", ("Who?", "Ana")),
        ("**Question:** Who?\n\n**Answer:** *Ana*", ("Who?", "Ana")),
        ("Q1: Who?\nA: Ana\nMore text", ("Who?", "Ana")),
        ("Who is it?\nAna", ("Who is it?", "Ana")),
        ('질문: "누구인가요?"\n정답: 아나', ("누구인가요?", "아나")),
        ("Question: Who? Answer: Ana", ("Who?", "Ana")),
        ("I cannot.", ("", "")),
    ],
)
def test_what_a_model_writes_is_parted(raw: str, expected: tuple[str, str]) -> None:
    assert parted(raw) == expected


@pytest.mark.parametrize(
    "answer, text, found",
    [
        ("the art", "The party had art.", "art"),
        ("12", "In 1200, 12.5 or 12,000", None),
        ("12", "Of 12, one.", "12"),
        ("6", "He had 6½ of them.", None),
        ("1989", "1989년에 지었다.", "1989"),
        ("서울", "대한민국의 서울은 크다.", "서울"),
        ("jean luc", "By Jean-Luc P.", "Jean-Luc"),
        ("...", "anything", None),
        ("", "anything", None),
    ],
)
def test_answers_are_found_as_whole_words(answer: str, text: str, found: str | None) -> None:
    place = located(answer, text)
    assert (place and text[slice(*place)]) == found


def test_no_small_words_alone_and_nothing_the_question_says() -> None:
    assert longest_part("it was in the end so", "When?", "Then it was in the sea.") is None
    assert (
        longest_part("It is all about the great harbour of a town", "What?", "A harbour lay there.") is None
    )
    assert longest_part("The mill stands on the hill", "Where does the mill stand?", "See the mill.") is None


def test_every_passage_of_a_collection_is_handed_out(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"{name} " + MILL.text * 40, encoding="utf-8")
    with Store(tmp_path / "store", OtherWeights()) as store:
        list(add(store, "notes", [tmp_path / "a.txt", tmp_path / "b.txt"]))
        found = list(store.every_passage("notes"))
        assert {one.source for one in found} == {"a.txt", "b.txt"}
        assert len(found) == store.collections()[0].passages > 2


@pytest.mark.model
def test_the_embedded_model_drafts_and_what_fails_is_told(chat_model: "LocalChatModel") -> None:
    pages = [
        MILL,
        BRIDGE,
        passage("Members borrow six books at a time. Books are lent for three weeks each.", "b"),
    ]
    made = list(draft(pages, chat_model, 3))
    assert 1 <= len(made) <= 3
    assert any(one.item.question.endswith("?") for one in made)
    for one in made:
        assert one.flaw is None or one.flaw in FLAWS
        if one.flaw is None:
            assert one.passage.text[one.start : one.end] == one.item.answers[0]
