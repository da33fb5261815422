"""Results page by page: only what is looked at is read; a large run stays quick."""

import time

import pytest

from app.compare.run_folders import ANSWERS, RESULTS
from app.compare.run_opened import LOOKED, moved
from app.compare.run_results import A_PAGE, matching, results_of, seen
from app.compare.show_results import choices, found, questions
from app.errors import NoResults
from chains.compare.report import write
from chains.compare.results import results
from chains.compare.scores import score_all
from tests.chains.compare.believable import cells, experiment
from tests.chains.compare.report.test_report import HOSTILE, Elements, hostile


def written(folder, of, made):
    write(folder, of, made, results(of, score_all(of, made), made))
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    of = experiment(90)
    return of, written(tmp_path_factory.mktemp("run"), of, cells(of))


def test_pages_hold_every_question_once(run):
    of, folder = run
    document = results_of(folder)
    pages = [seen(folder, document, "", start) for start in range(0, 90, A_PAGE)]
    assert [one.item.question for page in pages for one in page.asked] == [
        item.question for item in of.questions.items
    ]
    last = pages[-1].asked[-1]
    assert len(last.cells) == len(of.columns) and last.item.tags == of.questions.items[-1].tags
    assert last.cells[0].messages and len(last.scores) == len(of.columns)
    assert seen(folder, document, "", 10_000).start == 80 and seen(folder, document, "", -5).start == 0


def test_filters_let_through_what_the_report_says(run):
    _, folder = run
    document = results_of(folder)
    for place, column in enumerate(document["columns"]):
        for kind in ("fixed", "broke"):
            ids = document["changes"].get(column["name"], {}).get(kind, [])
            assert list(matching(document, f"{kind} {place}")) == ids
    assert list(matching(document, "divided")) == document["disagreements"]
    tagged = set(matching(document, "tag 1"))
    tag = list(document["tags"])[1]
    assert len(tagged) == document["tags"][tag]["n"]
    everything = [one["id"] for one in document["per_question"]]
    for nonsense in ("", "tag 99", "fixed 99", "fixed -1", "tag x", "drop table", "tag"):
        assert list(matching(document, nonsense)) == everything
    offered = dict(choices(document, "en"))
    assert {"", "divided", "tag 0", "tag 1", "tag 2"} <= set(offered)
    assert all(len(matching(document, value)) for value in offered)


def test_what_is_not_there_or_damaged_is_said(run, tmp_path):
    of, _ = run
    with pytest.raises(NoResults):
        results_of(tmp_path)
    written(tmp_path, of, cells(of))
    (tmp_path / ANSWERS).write_bytes(b'{"id": "q000", "column"\n')
    with pytest.raises(NoResults):
        seen(tmp_path, results_of(tmp_path))
    (tmp_path / RESULTS).write_text("{")
    with pytest.raises(NoResults):
        results_of(tmp_path)


def test_a_click_goes_to_another_filter_page_or_question():
    divided = moved(LOOKED, "filter", "divided")
    assert divided == {"wanted": "divided", "start": 0, "question": ""}
    second = moved(divided, "page", "20")
    opened = moved(second, "question", "q7")
    assert opened == {"wanted": "divided", "start": 20, "question": "q7"}
    assert moved(opened, "question", "q7")["question"] == ""
    assert moved(opened, "page", "-20")["start"] == 0


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_screen_shows_the_reports_pieces(run, language):
    of, folder = run
    document = results_of(folder)
    top = found(document, tuple(column.name for column in of.columns), language)
    assert 'class="headline"' in top and top.count("<svg") >= 3 and "reason" not in top
    assert "later" in found(document, ("zero", "later"), language)
    page = questions(document, seen(folder, document), "", "q003", language)
    assert page.count('<details class="question"') == A_PAGE
    assert page.count("<article") == len(of.columns)
    assert questions(document, seen(folder, document), "", "", language).count("<article") == 0


@pytest.mark.parametrize("text", HOSTILE[:-1])  # half a pair in an id is refused when a set is read
def test_nothing_hostile_becomes_markup(text, tmp_path):
    def shape(text, folder):
        of, made = hostile(text)
        document = results_of(written(folder, of, made))
        id = document["per_question"][0]["id"]
        shown = questions(document, seen(folder, document), "", id, "en")
        return [(tag, sorted(attributes)) for tag, attributes in Elements(shown).found]

    assert shape(text, tmp_path / "a") == shape("harmless", tmp_path / "b")


@pytest.mark.slow
def test_ten_thousand_questions_stay_quick(tmp_path):
    of = experiment(10_000)
    written(tmp_path, of, cells(of))
    document = results_of(tmp_path)
    questions(document, seen(tmp_path, document), "", "", "en")
    began = time.perf_counter()
    for wanted in ("", "divided", "tag 0"):
        questions(document, seen(tmp_path, document, wanted, 400), wanted, "", "en")
    assert (time.perf_counter() - began) / 3 < 1.0
