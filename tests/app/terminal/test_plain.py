"""An answer in a terminal: growing, then its sources; and tables."""

import io
import json
from dataclasses import replace

from adapters.spec import ModelSpec
from app.terminal.console import Console
from app.terminal.plain import Growing, figures
from app.terminal.serialize import answer_document
from app.terminal.table import table, width
from chains.question import Answer, Citation, Prompt, Question, Sentence, Timings, Tokens
from tests.app import steps


def shown(*answers: Answer, language: str = "en") -> str:
    out = io.StringIO()
    growing = Growing(Console(out, io.StringIO(), language))
    for answer in answers:
        growing.show(answer)
    growing.end()
    return out.getvalue()


def answer(text: str, reasoning: str | None = None, done: bool = False) -> Answer:
    return Answer(Question("?"), Prompt(()), text=text, reasoning=reasoning, done=done)


def test_each_piece_is_written_once() -> None:
    assert shown(answer(""), answer("A ma"), answer("A maru."), answer("A maru.", done=True)) == "A maru.\n"


def test_white_space_that_the_end_takes_away_changes_nothing() -> None:
    assert shown(answer("A maru. "), answer("A maru.", done=True)) == "A maru. \n"


def test_a_text_that_the_end_rewrites_is_written_whole() -> None:
    assert shown(answer("One two"), answer("One.", done=True)) == "One two\nOne.\n"


def test_reasoning_comes_first_and_apart() -> None:
    grown = [answer("", "Two and"), answer("", "Two and two."), answer("Four", "Two and two.")]
    done = answer("Four.", "Two and two.", done=True)
    assert shown(*grown, done) == "Reasoning:\nTwo and two.\n\nAnswer:\nFour.\n"


def test_reasoning_whose_end_turns_out_to_be_the_answer_is_not_written_again() -> None:
    assert shown(answer("", "Two and two.\nFour."), answer("Four.", "Two and two.", done=True)) == (
        "Reasoning:\nTwo and two.\nFour.\n\nAnswer:\nFour.\n"
    )


def test_sources_say_where_what_and_why() -> None:
    text = "A maru is a floor. It flies."
    cited = replace(
        answer(text, done=True),
        citations=(Citation(1, "집.md", 2, "A maru is\na floor.", 10, 27, 0.5, ((10, 27),)),),
        sentences=(Sentence(0, 18, (1,), True), Sentence(19, 28, (), False)),
    )
    assert shown(cited).splitlines() == [
        text,
        "",
        "Sources:",
        "[1] 집.md, page 2 (10-27, score 0.500)",
        "    A maru is a floor.",
        "    supports: A maru is a floor.",
        "",
        "Not found in the documents:",
        "  - It flies.",
    ]
    assert "집.md, 2쪽" in shown(cited, language="ko")


def test_an_answer_that_was_never_finished_has_no_sources() -> None:
    assert shown(answer("A ma")) == "A ma\n"


def test_figures_leave_out_what_did_not_happen() -> None:
    assert figures(answer("x")) == "default auto · "
    through = replace(answer("x"), model=ModelSpec("one", "nf4", "poet:0.7+pirate:0.3"))
    assert figures(through) == "one nf4 · poet:0.7+pirate:0.3 · "
    full = replace(
        answer("x", done=True),
        timings=Timings(total_s=1.25),
        tokens=Tokens(9, 2),
        seed=4,
        finish_reason="stop",
    )
    assert figures(full) == "default auto · 9 + 2 tokens · 1.2 s · seed 4 · stop"


def test_wide_letters_take_two_columns() -> None:
    assert width("한국 abc") == 8
    assert width("e\u0301") == 1
    assert table(["name", "n"], [["한국", 1], ["abc", None]]) == "name  n\n한국  1\nabc\n"


def test_a_column_without_values_is_left_out_and_headings_stay_without_rows() -> None:
    assert table(["a", "b"], [["1", None], ["2", None]]) == "a\n1\n2\n"
    assert table(["a", "b"], []) == "a  b\n"


def test_steps_are_a_line_each_and_their_reasoning_is_not_told_twice() -> None:
    begun = replace(steps.ANSWER, text="", raw="", reasoning=None, agreement=None, done=False)
    plan, look, final = steps.ANSWER.steps
    growing = [
        replace(begun, steps=(replace(plan, total_s=None),)),
        replace(begun, steps=(plan, replace(look, total_s=None))),
        replace(begun, steps=(plan, look, replace(final, total_s=None)), text="It is"),
    ]
    assert shown(*growing, steps.ANSWER).splitlines() == [
        "Steps:",
        "1. Plan: Add **both**. (14 + 40 tokens)",
        "2. Look it up: searched for “3 <and> 4”, 1 passages",
        "",
        "Answer:",
        "It is 7.",
        "80% of the samples agree",
    ]
    assert "샘플의 80%가 같은 답이에요" in shown(steps.ANSWER, language="ko")


def test_the_document_holds_every_step() -> None:
    told = answer_document(steps.ANSWER)
    assert [one["name"] for one in told["steps"]] == ["Plan", "Look it up", "Answer"]
    assert told["steps"][0]["prompt"][0] == {"role": "system", "content": "Plan first."}
    assert told["steps"][0]["tokens"] == {"prompt": 14, "completion": 40}
    assert (told["steps"][1]["query"], told["steps"][1]["passages"][0]["source"]) == (
        "3 <and> 4",
        "notes.txt",
    )
    assert (told["agreement"], told["tokens"]) == (0.8, {"prompt": 34, "completion": 45})
    assert json.loads(json.dumps(told)) == told
