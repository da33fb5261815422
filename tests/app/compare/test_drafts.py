"""Drafted questions as a person keeps, changes and drops them; drafting itself with the real store."""

import threading
from copy import deepcopy
from pathlib import Path

import pytest

from app.compare.drafting import Wanted, drafting
from app.compare.drafts import Drafts
from app.compare.set_draft import how_many
from app.compare.show_drafts import drafts
from app.errors import BadOption, NoCollection
from app.services import Services
from app.settings import Settings
from chains.compare.drafting import DraftedItem
from chains.compare.question_set import Item
from chains.errors import BadSet
from tests.fakes import passage
from vectorstore.errors import VectorstoreError

MILL = passage("The mill on Gull Point was built in 1871 by Ana Ferreira. It ground oats.", "mill")


def drafted(id: str, flaw: str | None = None, answer: str = "Ana Ferreira") -> DraftedItem:
    item = Item(id, f"Who built mill {id}?", (answer,), MILL.text)
    return DraftedItem(item, MILL, MILL.start + 39, MILL.start + 51, flaw)


@pytest.fixture
def own() -> Drafts:
    made = Drafts()
    made.add(drafted("a"))
    made.add(drafted("b", "not_in_passage", "Jonas"))
    made.add(drafted("c", "shortened"))
    return made


def test_what_has_a_flaw_is_kept_only_when_the_person_says_so(own: Drafts) -> None:
    assert [item.id for item in own.kept("mill", None).items] == ["a"]
    own.keep("c", True)
    own.keep("a", False)
    own.keep("unknown", True)
    kept = own.kept("mill", None)
    assert ([item.id for item in kept.items], kept.answer_type, kept.language) == (["c"], "span", "en")
    assert own.kept("mill", "ko").language == "ko"
    assert own.flaws() == {"not_in_passage": 1, "shortened": 1}


def test_a_draft_that_was_put_right_is_kept_and_its_place_found(own: Drafts) -> None:
    own.edit("b", {"question": "What did it grind?", "answers": ["oats"]})
    right = own.all()[1]
    assert (right.kept, right.drafted.flaw) == (True, None)
    assert right.drafted.start is not None
    at = right.drafted.start - MILL.start
    assert MILL.text[at : at + 4] == "oats"
    assert "<mark>oats</mark>" in drafts(own.all(), "en")
    own.edit("b", {"answers": ["wheat"]})
    assert (own.all()[1].kept, own.all()[1].drafted.flaw) == (False, "not_in_passage")
    own.edit("b", {"question": " "})
    assert own.all()[1].drafted.flaw == "no_question"
    own.drop("b")
    own.drop("b")
    assert [draft.item.id for draft in own.all()] == ["a", "c"]


def test_another_session_has_its_own(own: Drafts) -> None:
    assert deepcopy(own).all() == []


def test_drafts_are_shown_with_flaw_and_passage_and_no_text_acts() -> None:
    made = Drafts()
    made.add(DraftedItem(Item("<i>", "<script>", ("<b>",), "<p>"), MILL, flaw="no_answer"))
    html = drafts(made.all(), "ko")
    assert "모델이 답을 쓰지 않았어요" in html and "1개 중 0개" in html
    assert not {"<script>", "<b>", "<i>"} & {
        html[at : html.index(">", at) + 1] for at in range(len(html)) if html[at] == "<"
    }


@pytest.mark.parametrize("number", [0, 201, "7", None, True, float("nan")])
def test_a_number_out_of_range_is_refused(number: object) -> None:
    with pytest.raises(BadOption):
        how_many(number)


def test_drafting_without_documents_says_what_to_do(tmp_path: Path) -> None:
    services = Services(Settings(tmp_path))
    try:
        with pytest.raises(NoCollection):
            list(drafting(services, Drafts(), Wanted("", 3), threading.Event(), "en"))
        with pytest.raises(VectorstoreError):
            list(drafting(services, Drafts(), Wanted("none", 3), threading.Event(), "en"))
    finally:
        services.close()


@pytest.mark.model
def test_drafts_come_from_the_model_and_stop_when_they_are_told_to(
    tmp_path: Path, models_folder: Path
) -> None:
    from vectorstore.ingest import add

    (tmp_path / "models").symlink_to(models_folder)
    (tmp_path / "mill.txt").write_text(MILL.text + " The harbour was dug in 1902.", encoding="utf-8")
    services, own, stop = Services(Settings(tmp_path)), Drafts(), threading.Event()
    try:
        list(add(services.store, "mills", [tmp_path / "mill.txt"]))
        services.model.start()
        said = list(drafting(services, own, Wanted("mills", 1), stop, "en"))
        assert "aria-busy" in said[0] and "aria-busy" not in said[-1]
        assert own.all() and own.all()[0].drafted.passage.source == "mill.txt"
        stop, own = threading.Event(), Drafts()
        stop.set()
        assert "Stopped" in list(drafting(services, own, Wanted("mills", 1), stop, "en"))[-1]
        assert own.all() == []
        with pytest.raises(BadSet):
            services.question_sets.save(own.kept("mills", None))
    finally:
        services.close()
