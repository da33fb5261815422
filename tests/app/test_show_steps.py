"""What the transcript tells of the steps before an answer: while they run, and when they are done."""

from dataclasses import replace

import pytest

from app.conversation import Conversation, Turn, from_json, to_json
from app.language import declared
from app.show import model_facts, turn
from app.show_steps import agreement_words
from app.stored_answer import PROMPTS_KEPT_BYTES
from chains.question import Answer, Prompt, Question, Step
from chains.techniques import techniques
from tests.app.steps import ANSWER, FINAL, LOOK, PLAN
from tests.app.test_marked import HOSTILE, Seen


def html(answer: Answer, language: str = "en") -> str:
    return turn(0, Turn("3 + 4?", answer), language)


def test_steps_are_folded_with_their_prompts_texts_and_tokens() -> None:
    shown = html(ANSWER)
    assert "Steps before the answer (2)" in shown
    assert "Plan · 14 → 40 tokens · 0.8 s" in shown and "Look it up · 0.1 s" in shown
    assert "Add <strong>both</strong>." in shown and "Plan first." in shown and "8 tokens" in shown
    assert "Searched for “3 &lt;and&gt; 4” (passages: 1)" in shown and "Three and four are seven." in shown
    assert shown.count("It is 7.") == 1, "the final call's text is the answer itself"
    assert shown.count("With that: 3 + 4?") == 1, "and its prompt the answer's"
    assert "2 calls" in model_facts(ANSWER, "en") and "호출 2번" in model_facts(ANSWER, "ko")
    assert 'class="running"' not in shown
    assert "답변까지의 단계 (2)" in html(ANSWER, "ko") and "계획 · " in html(ANSWER, "ko")


def test_one_call_has_no_steps_to_show() -> None:
    shown = html(replace(ANSWER, steps=(FINAL,), agreement=None))
    assert "Steps" not in shown and "calls" not in shown


def test_the_running_step_is_seen_as_it_grows() -> None:
    begun = replace(PLAN, total_s=None, raw="Add", finish_reason=None)
    growing = Answer(Question("3 + 4?"), Prompt(()), steps=(begun,))
    shown = turn(0, Turn("3 + 4?", growing), "en", waiting="Reading…")
    assert 'class="running"' in shown and "<h4>Plan</h4>" in shown and "<p>Add</p>" in shown
    assert "Reading…" not in shown and "Steps before" not in shown
    silent = replace(growing, steps=(PLAN, replace(begun, raw="")))
    shown = turn(0, Turn("3 + 4?", silent), "en", waiting="Reading…")
    assert "Reading…" in shown and "Steps before the answer (1)" in shown


@pytest.mark.parametrize(
    ("agreement", "samples", "english", "korean"),
    [
        (0.8, 5, "4 of 5 samples agree.", "샘플 5개 중 4개가 같은 답이에요."),
        (1.0, 3, "3 of 3 samples agree.", "샘플 3개 중 3개가 같은 답이에요."),
        (0.5, 3, "50 % of the samples agree.", "샘플의 50%가 같은 답이에요."),
    ],
)
def test_agreement_is_told_in_words(agreement: float, samples: int, english: str, korean: str) -> None:
    answer = replace(ANSWER, steps=(PLAN,) * samples, agreement=agreement)
    assert english in html(answer) and korean in html(answer, "ko")
    assert agreement_words(replace(answer, agreement=None), "en") == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_step_makes_no_new_elements(text: str) -> None:
    call = replace(PLAN, raw=text, text=text, name={"en": text, "ko": text})
    search = replace(LOOK, query=text, name={"en": text, "ko": text})
    running = replace(call, total_s=None)
    seen = Seen(html(replace(ANSWER, steps=(call, search, running), done=False)))
    assert not {"script", "img", "a", "iframe", "svg", "style", "!--"} & set(seen.tags)


# in the browser's storage ---------------------------------------------------------------------------------


def stored(answer: Answer) -> Answer:
    again = from_json(to_json(Conversation("a", turns=(Turn("3 + 4?", answer),)))).turns[0].answer
    assert again is not None
    return again


def test_steps_come_back_without_what_is_told_twice() -> None:
    slim: list[Step] = [replace(one, passages=(), prompt_text="") for one in (PLAN, LOOK)]
    assert stored(ANSWER).steps == tuple(slim)
    assert "Plan · 14 → 40 tokens" in html(stored(ANSWER))


def test_steps_that_take_much_room_are_left_out() -> None:
    large = replace(PLAN, raw="x" * PROMPTS_KEPT_BYTES)
    again = stored(replace(ANSWER, steps=(large, FINAL)))
    assert (again.steps, again.text, again.agreement) == ((), "It is 7.", 0.8)


def test_conversations_from_before_there_were_steps_are_read() -> None:
    kept = to_json(Conversation("a", turns=(Turn("3 + 4?", ANSWER),)))
    del kept["turns"][0]["answer"]["steps"], kept["turns"][0]["answer"]["agreement"]
    (old,) = from_json(kept).turns
    assert old.answer is not None and (old.answer.steps, old.answer.agreement) == ((), None)


# the form's help ------------------------------------------------------------------------------------------


def test_what_a_technique_says_of_collections_is_known_to_the_screen() -> None:
    texts = declared()
    for key, one in techniques().items():
        needed, unused = f"technique.{key}.without_collection", f"technique.{key}.with_collection"
        assert (needed in texts) == (one.retrieval == "needed")
        assert (unused in texts) == (one.retrieval == "unused" and one.retrieval_note is not None)
