"""A question through its form, the pages of a set, and what the screen makes of hostile texts."""

import time

import pytest

from app.compare.editing import edited, shown_tags
from app.compare.paging import A_PAGE, matching, page_of
from app.compare.show_sets import opened, problem, question, sets
from chains.compare.question_set import Item, QuestionSet
from chains.compare.saved_sets import SavedSet, SavedSets
from chains.compare.set_faults import refused

FLOOR = Item("1", "What is a maru?", ("a floor", "the floor"), "A maru is a floor.", (), ("house", "wood"))
HOSTILE = "<img src=x onerror=alert(1)>\"'&"


def test_a_form_changes_what_it_says_and_nothing_else() -> None:
    changed = edited(FLOOR, {"question": "And what?", "answers": ["a\nfloor", " ", "boards"]})
    assert changed == Item("1", "And what?", ("a\nfloor", "boards"), FLOOR.passage, (), FLOOR.tags)
    assert edited(FLOOR, {"passage": "  ", "answerable": False, "answers": []}) == Item(
        "1", FLOOR.question, (), None, (), FLOOR.tags, False
    )


def test_tags_are_one_line_and_stay_as_they_were_where_nobody_touched_them() -> None:
    odd = Item("1", "What?", ("a",), tags=("a|b", " c "))
    assert edited(odd, {"tags": shown_tags(odd)}).tags == odd.tags
    assert edited(FLOOR, {"tags": "house|  | stone"}).tags == ("house", "stone")


@pytest.mark.parametrize(
    "sent", [None, [], "x", {"question": 3, "answers": "a", "choices": None, "tags": {}}]
)
def test_what_is_no_form_changes_nothing(sent: object) -> None:
    assert edited(FLOOR, sent) == FLOOR


def many(count: int) -> list[Item]:
    return [Item(str(n), f"What is thing {n}?", (f"마루 {n}",), "Of WOOD. " * 50) for n in range(count)]


def test_pages_and_the_search_over_all_texts() -> None:
    items = many(60)
    assert [item.id for item in page_of(items, "", 30).items] == [str(n) for n in range(25, 50)]
    assert page_of(items, "", 10_000).start == 50
    assert page_of(items, "", -3).start == 0
    assert page_of(items, None, None).items == tuple(items[:A_PAGE])
    assert [item.id for item in matching(items, "THING wood 마루 59")] == ["59"]
    assert page_of(items, "no such words").items == ()


def test_ten_thousand_questions_are_paged_and_searched_quickly() -> None:
    items = many(10_000)
    begun = time.monotonic()
    page = page_of(items, "thing 9999", 0)
    html = opened(QuestionSet("big", "exact", tuple(items)), page_of(items, "", 5_000), "en")
    assert (page.found, page.total) == (1, 10_000)
    assert "5,001" not in html and "5001–5025 of 10,000" in html
    assert len(html) < 200_000
    assert time.monotonic() - begun < 2


def test_no_text_of_a_question_acts() -> None:
    item = Item(HOSTILE, HOSTILE, (HOSTILE,), HOSTILE, (HOSTILE, "b"), (HOSTILE,))
    named = QuestionSet(HOSTILE, "choice", (item,), HOSTILE, HOSTILE, HOSTILE)
    broken = SavedSet(HOSTILE, problem=refused(HOSTILE, {"en": HOSTILE, "ko": HOSTILE}))
    html = "".join(
        [
            question(item, "en"),
            opened(named, page_of(named.items), "ko"),
            sets([SavedSet(HOSTILE), broken], HOSTILE, "en"),
            problem(f"{HOSTILE}\n{HOSTILE}"),
        ]
    )
    assert "<img" not in html
    assert html.count("&lt;img") >= 15


def test_a_changed_question_is_kept_in_the_file(tmp_path) -> None:
    saved = SavedSets(tmp_path)
    saved.save(QuestionSet("집", "span", (FLOOR,)))
    saved.edit("집", "1", edited(FLOOR, {"answers": ["a floor"]}))
    assert SavedSets(tmp_path).get("집").items[0].answers == ("a floor",)
