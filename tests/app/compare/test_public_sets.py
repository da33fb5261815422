"""Public sets on the screen: greyed with a reason where they cannot be had, read from a folder, named."""

import json
from pathlib import Path

import pytest

from app.compare.public_sets import Offer, chosen_offer, loaded, offers, usual_name
from app.compare.show_public import public
from app.errors import BadOption, BadPath
from chains.compare.hub import Hub, obstacle
from chains.compare.public import public_set, public_sets
from chains.errors import PublicSetMissing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"question": f"What is {n} + {n}?", "answer": f"Add.\n#### {2 * n}"} for n in range(30)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "gsm8k_test.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def test_a_set_the_hub_does_not_give_is_greyed_with_its_reason() -> None:
    one = public_set("gsm8k")
    reason = obstacle(None, "en", lambda: True)
    assert reason is not None and "folder" in reason["en"]
    html = public([Offer(one, reason), Offer(public_set("squad"), None)], "squad", "en")
    assert html.count("disabled") == 1 and html.count("checked") == 1
    assert "It is read from a folder only" in html and "MIT" in html and "Cobbe" in html


def test_the_hub_is_asked_only_where_it_matters() -> None:
    asked: list[bool] = []

    def nobody() -> bool:
        asked.append(True)
        return False

    reason = obstacle(Hub("nobody/nothing", "0" * 40, ("a.jsonl",)), "en", nobody)
    assert reason is not None and "cannot be reached" in reason["en"]
    assert asked == [True]


def test_from_a_folder_every_set_may_be_tried() -> None:
    found = offers(True)
    assert {offer.one.key for offer in found} == set(public_sets())
    assert all(offer.reason is None for offer in found)
    assert chosen_offer({"chosen": "squad"}, found) == "squad"
    assert chosen_offer({"chosen": "../../etc"}, found) == found[0].one.key
    assert chosen_offer(None, []) == ""


def test_a_sample_is_read_from_a_folder(folder: Path) -> None:
    found = loaded("gsm8k", str(folder), 5, 3, None)
    assert (len(found.items), found.answer_type, found.licence) == (5, "number", "MIT")
    assert found == loaded("gsm8k", f" {folder} ", 5.0, 3, "xx")
    assert usual_name(public_set("gsm8k"), 5, None) == "gsm8k-5"
    assert usual_name(public_set("xquad"), 200, "de") == "xquad-de-200"


@pytest.mark.parametrize("place", ["../data", "no/such", "/no/such/folder", "\0", "~nobody/x", "x" * 5000])
def test_what_is_no_path_is_refused(place: str) -> None:
    with pytest.raises(BadPath):
        loaded("gsm8k", place, 5, 0, None)


@pytest.mark.parametrize(
    ("limit", "seed"), [(0, 0), (None, 0), (1.5, 0), (True, 0), (5, -1), (5, "0"), (10**9, 0)]
)
def test_numbers_are_checked(folder: Path, limit: object, seed: object) -> None:
    with pytest.raises(BadOption):
        loaded("gsm8k", str(folder), limit, seed, None)


def test_an_unknown_set_and_a_folder_without_its_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(PublicSetMissing, match="Known sets"):
        loaded("nothing", str(tmp_path), 5, 0, None)
    with pytest.raises(PublicSetMissing, match="none of its files"):
        loaded("gsm8k", str(tmp_path), 5, 0, None)
