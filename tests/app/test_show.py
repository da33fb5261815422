"""What a turn looks like in each of its states."""

from dataclasses import replace

import pytest

from app.conversation import Conversation, Turn
from app.show import ENDINGS, model_facts, tokens_per_second, turn, turns
from app.show_documents import FileState, documents, embedders, files, passages, results, size
from chains.question import Answer, Citation, Message, Prompt, Question, Sentence, Timings, Tokens
from tests.app.test_marked import HOSTILE, Seen
from vectorstore.embedders import Choice
from vectorstore.errors import DocumentNotFound
from vectorstore.passage import Passage
from vectorstore.records import Collection, DocumentInfo

ANSWER = Answer(
    Question("q", technique="chain_of_thought"),
    Prompt((Message("system", "s"), Message("user", "u"))),
    text="Twelve trees. Blue sky.",
    reasoning="Let me see.",
    citations=(Citation(1, "a.pdf", 2, "There are twelve trees", 100, 122, 0.25, ((110, 116),)),),
    sentences=(Sentence(0, 13, (1,), True), Sentence(14, 23, (), False)),
    prompt_text="<|im_start|>",
    seed=5,
    timings=Timings(0.5, 0.5, 3.0),
    tokens=Tokens(1200, 21, (3,)),
    finish_reason="stop",
    done=True,
)
DOCUMENT = DocumentInfo("d1", "a.md", ".md", None, 45, 900, 1234, "", "2026-01-02T03:04:05+00:00", "utf-8")


def test_a_finished_turn_tells_everything():
    html = turn(0, Turn("q", ANSWER), "en")
    for part in ('data-fold="reasoning"', "<mark>twelve</mark>", "page 2", "score 0.250", 'data-cite="1"'):
        assert part in html
    assert 'data-do="retry"' in html
    assert 'aria-busy="false"' in html
    assert "3 tokens" in html


def test_facts_in_both_languages():
    assert tokens_per_second(ANSWER) == pytest.approx(10.0)
    facts = model_facts(ANSWER, "en")
    assert "1,200 → 21 tokens" in facts and "first token 0.50 s" in facts and "10.0 tokens/s" in facts
    assert "초당 10.0토큰" in model_facts(ANSWER, "ko")
    assert tokens_per_second(replace(ANSWER, tokens=Tokens(1, 1))) is None
    assert tokens_per_second(replace(ANSWER, timings=Timings())) is None


def test_a_count_that_nobody_told_is_no_zero():
    untold = replace(ANSWER, raw="Twelve trees. Blue sky.", tokens=Tokens())
    assert not [fact for fact in model_facts(untold, "en") if "tokens" in fact]
    half = replace(untold, tokens=Tokens(prompt=9))
    assert "9 → ? tokens" in model_facts(half, "en")


def test_a_growing_turn_offers_nothing_to_press():
    growing = replace(ANSWER, done=False, finish_reason=None, sentences=(), citations=())
    html = turn(0, Turn("q", growing), "en", waiting="Reading…")
    assert 'aria-busy="true"' in html
    assert "data-do" not in html
    assert 'class="facts"' not in html


@pytest.mark.parametrize("reason", ENDINGS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_ending_is_said_in_words(reason, language):
    assert turn(0, Turn("q", replace(ANSWER, finish_reason=reason)), language).count('class="remark"') == 2


def test_only_the_last_turn_can_be_asked_again():
    one, two = turns(Conversation(turns=(Turn("a", ANSWER), Turn("b", ANSWER))), "en")
    assert "retry" not in one and "retry" in two
    (waiting,) = turns(Conversation(turns=(Turn("a", ANSWER),)), "en", more=True)
    assert "retry" not in waiting


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_anywhere_makes_no_new_elements(text):
    answer = replace(
        ANSWER,
        question=Question(text, technique=text),
        prompt=Prompt((Message("user", text),), (text,)),
        text=text,
        reasoning=text,
        prompt_text=text,
        model=replace(ANSWER.model, id=text, precision=text, adapter=text),
        citations=(Citation(1, text, 1, text, 0, len(text), 1.0, ((0, 4),)),),
        sentences=(Sentence(0, len(text), (1,), False),),
        notices=(text,),
    )
    html = turn(0, Turn(text, answer), "ko")
    info = replace(DOCUMENT, id=text, source=text, kind=text, encoding=text)
    found = [Passage("i", "d", text, text, 0, len(text))]
    html += documents(Collection(text, 1, 1, "", text), [info], "ko")
    html += passages(info, found, 0, "ko") + results(found, "ko") + files([FileState(text)], "ko", text)
    seen = Seen(html)
    assert not {"script", "img", "a", "iframe", "svg", "style", "!--"} & set(seen.tags)
    assert not [name for _, name, _ in seen.attributes if name.startswith("on") or name in {"href", "src"}]


def test_files_say_how_they_fared():
    states = [
        FileState("a.md", "embedding", 12, 0.5),
        FileState("b.pdf", "failed", error=DocumentNotFound()),
        FileState("c.txt", "unchanged", 1),
    ]
    html = files(states, "en", note="Korean")
    assert 'value="0.50"' in html and "Refresh the list" in html and "unchanged" in html and "Korean" in html
    assert files([], "en") == ""


def test_documents_are_listed_or_the_next_step_is_told():
    assert "New collection" in documents(None, [], "en")
    collection = Collection("c", 1, 45, "", "all-MiniLM-L6-v2")
    assert "Drop files" in documents(collection, [], "en")
    html = documents(replace(collection, problem=DocumentNotFound()), [DOCUMENT], "en")
    assert "a.md" in html and "md · utf-8" in html and "1.2 kB" in html and 'class="problem"' in html


@pytest.mark.parametrize(
    ("start", "first", "last"), [(0, 1, 20), (20, 21, 40), (40, 41, 45), (-9, 1, 20), (999, 41, 45)]
)
def test_long_documents_are_paged(start, first, last):
    found = [Passage(str(n), "d1", "a.md", f"text {n}", n, n + 1, page=1) for n in range(45)]
    html = passages(DOCUMENT, found, start, "en")
    assert f"{first}–{last} of 45" in html
    assert html.count("<li") == last - first + 1


def test_an_embedder_that_cannot_be_used_is_greyed_with_the_reason():
    class Unreachable(Choice):
        def available(self):
            return {"en": "no hub", "ko": "허브 없음"}

    html = embedders([Unreachable("m", "M", {"en": "many", "ko": "여럿"}, 471, "MIT")], "m", "ko")
    assert "disabled" in html and "허브 없음" in html and "471 MB" in html


def test_sizes_for_people():
    sizes = {0: "0 B", 999: "999 B", 1234: "1.2 kB", 56_789: "57 kB", 5_600_000: "5.6 MB"}
    assert {count: size(count) for count in sizes} == sizes


def test_a_source_says_how_relevant_it_is_where_that_is_known():
    known = replace(ANSWER, citations=(replace(ANSWER.citations[0], relevance=0.816),))
    assert "relevance 82 %" in turn(0, Turn("q", known), "en")
    assert "관련도 82%" in turn(0, Turn("q", known), "ko")
    assert "relevance" not in turn(0, Turn("q", ANSWER), "en")


def test_where_nothing_was_found_no_model_is_named():
    assert model_facts(replace(ANSWER, finish_reason="nothing_found"), "en") == ["Chain of thought"]
