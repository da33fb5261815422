"""What a report says of questions without an answer and of answers that were cut off."""

from dataclasses import replace

import pytest

from chains.compare.cell import Cell
from chains.compare.report import html
from chains.compare.report.markdown import markdown
from chains.compare.report.remarks import remarks
from chains.compare.report.sentences import against_baseline, headline
from chains.compare.report.words import Words
from chains.compare.results import results
from chains.compare.scores import score_all
from tests.chains.compare.believable import cells, experiment

FAILED = {"en": "It broke.", "ko": "고장 났어요."}
SAID = {
    "en": {
        "none": "few: not answered",
        "some": "gold: 10 of 30 answers",
        "cut": "cot: 12 of 30 answers were cut off at the limit of {limit} new tokens",
    },
    "ko": {
        "none": "few: 답변을 받지 못해서",
        "some": "30개 중 10개",
        "cut": "답변 30개 중 12개가 최대 토큰(max_tokens) {limit}에서",
    },
}


def gone(cell, passing=True):
    return Cell(cell.column, cell.item, cell.repeat, cell.key, error=FAILED, passing=passing)


def document(of, change):
    made = [change(cell) for cell in cells(of)]
    return results(of, score_all(of, made), made)


@pytest.fixture(scope="module")
def found():
    """few was not answered, gold in part, cot was cut off."""

    def change(cell):
        if cell.column == "few" or (cell.column == "gold" and cell.item < "q010"):
            return gone(cell)
        cut = cell.column == "cot" and cell.item < "q012"
        return replace(cell, finish_reason="length") if cut else cell

    return document(experiment(30), change)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_page_and_markdown_say_what_was_not_answered_and_what_was_cut_off(found, language):
    (limit,) = {one["settings"]["options"]["max_tokens"] for one in found["columns"]}
    for shown in (html.summary(found, language), markdown(found, language).replace("\\", "")):
        assert all(said.format(limit=limit) in shown for said in SAID[language].values())


def test_a_column_without_answers_is_told_instead_of_a_verdict(found):
    verdicts = against_baseline(found, Words("en"))
    assert [one.text.split(":")[0] for one in verdicts if one.kind == "unanswered"] == ["few"]
    assert len(verdicts) == 5 and verdicts[-1].kind == "unanswered"
    assert 'class="unanswered"' in html.summary(found, "en")


def test_nothing_is_ahead_of_what_was_not_answered():
    of = experiment(60, columns=2)
    alone = document(of, lambda cell: gone(cell) if cell.column == "few" else cell)
    assert headline(alone, Words("en")) == "Only zero has a score: there is nothing to compare it with."
    assert "하나뿐" in headline(alone, Words("ko"))
    wrong = {"few": lambda cell: replace(cell, text="no"), "few-hybrid": gone}
    two = document(experiment(60, columns=3), lambda cell: wrong.get(cell.column, lambda one: one)(cell))
    assert headline(two, Words("en")) == "zero is ahead of every other column that has a score."


def test_a_report_in_which_nothing_was_answered_can_be_read():
    of = replace(experiment(6, columns=2), metrics=("length", "exact_match"))
    for shown in (of, replace(of, metrics=("length",))):
        page = html.summary(document(shown, gone), "en")
        assert page.count("not answered") == 2


def test_results_of_an_earlier_version_have_no_remarks(found):
    earlier = {
        **found,
        "columns": [
            {
                **one,
                "cost": {
                    key: cost for key, cost in one["cost"].items() if key not in ("unanswered", "cut_off")
                },
            }
            for one in found["columns"]
        ],
    }
    assert remarks(earlier, Words("en")) == [] and "unanswered" not in html.summary(earlier, "en")
