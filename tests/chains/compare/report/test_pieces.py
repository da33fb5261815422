"""The page's pieces on another page: the summary without the questions, and one question by itself."""

import re
from dataclasses import replace

import pytest

from chains.compare.report import answers, html
from chains.compare.results import results
from chains.compare.scores import score_all
from chains.compare.stored import gathered
from tests.chains.compare.believable import cells, experiment
from tests.chains.compare.report.test_report import HOSTILE, Elements, hostile


@pytest.fixture(scope="module")
def run():
    of = experiment(30)
    made = cells(of)
    return of, made, results(of, score_all(of, made), made)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_summary_holds_all_but_the_questions(run, language):
    of, _, document = run
    shown = html.summary(document, language)
    assert 'class="headline"' in shown and "<svg" in shown and 'class="more"' in shown
    assert all(f"<bdi>{column.name}</bdi>" in shown for column in of.columns)
    assert of.questions.items[0].question not in shown and '<details class="question"' not in shown
    assert "<script" not in shown and "style=" not in shown


def test_what_was_fixed_and_broken_is_asked_for_by_a_button(run):
    _, _, document = run
    buttons = re.findall(
        r'data-do="filter" data-id="(fixed|broke) (\d+)"( disabled)?', html.summary(document, "en")
    )
    counts = {
        (kind, at): len(document["changes"][one["name"]][kind])
        for at, one in enumerate(document["columns"])
        if one["name"] in document["changes"]
        for kind in ("fixed", "broke")
    }
    assert {(kind, int(at)): not off for kind, at, off in buttons} == {
        place: bool(count) for place, count in counts.items()
    }


def test_a_question_opens_all_prompts_and_answers(run):
    of, made, document = run
    item = of.questions.items[3]
    own = list(gathered(of, made).of_question(item.id))
    row = document["per_question"][3]["scores"][document["deciding"]]
    lines = list(answers.lines(of, own))
    again, read = answers.read(lines)
    assert (again.id, again.question, again.answers) == (item.id, item.question, item.answers)
    shown = html.question(again, read, document, row, "en")
    untagged = html.question(replace(item, tags=()), own, document, row, "en")
    assert shown == untagged
    assert shown.count("<article") == len(of.columns)
    folded = html.head(again, document, row, "en")
    assert item.question in folded and folded.count('class="mark ') == len(of.columns)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_becomes_markup(text):
    assert [shape(one) for one in everything(text)] == [shape(one) for one in everything("harmless")]


def everything(text):
    of, made = hostile(text)
    document = results(of, score_all(of, made), made)
    item = of.questions.items[0]
    own = [cell for cell in made if cell.item == item.id]
    row = document["per_question"][0]["scores"][document["deciding"]]
    return (
        html.summary(document, "en"),
        html.question(item, own, document, row, "ko"),
        html.head(item, document, row, "en"),
    )


def shape(shown):
    return [(tag, sorted(attributes)) for tag, attributes in Elements(shown).found]
