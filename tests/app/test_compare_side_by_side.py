"""Columns side by side: what each is at, what one that fails costs the others, stopping, what is shown."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.errors import ModelFailed
from adapters.spec import ModelSpec
from app.compare.asked import Wish, compared_with, comparison, references_in, reopened, voted, votes_of
from app.compare.compared import (
    LARGEST_BYTES,
    PASSAGES_KEPT_BYTES,
    compared_of,
    from_json,
    scores_of,
    to_json,
)
from app.compare.lanes import Board, Lane, groups, side_by_side
from app.compare.show_side_by_side import card
from app.errors import BadColumns, TooLong
from app.services import Services
from app.settings import Settings
from app.slot import ModelSlot
from chains.compare.experiment import Column
from chains.question import Answer, Message, Prompt, Question
from tests.fakes import Machine, PretendModel
from vectorstore.passage import Passage

ASKED = Question("What is the capital? <img src=x>")
HERE = Column("here", model="one")
SECOND = Column("second", "few_shot", model="one")
OTHER = Column("other", model="two")


class Slowly(list[str]):
    """A script that is written a piece at a time."""

    def __iter__(self) -> Iterator[str]:
        for piece in super().__iter__():
            time.sleep(0.01)
            yield piece


class Table(Machine):
    """Models that write what is in `scripts`."""

    def __init__(self, memory: int = 100) -> None:
        super().__init__(memory)
        self.scripts: dict[str, list[str]] = {}
        self.models: list[PretendModel] = []

    def load(self, spec, report, cancelled) -> PretendModel:
        model = super().load(spec, report, cancelled)
        model.script = self.scripts.get(spec.id, ["It is ", "Paris."])
        model.at_once = 4
        self.models.append(model)
        return model


@pytest.fixture
def machine() -> Table:
    return Table()


@pytest.fixture
def services(tmp_path: Path, machine: Table) -> Services:
    one = Services(Settings(tmp_path), ModelSpec("one"))
    one.model = ModelSlot(machine.load, ModelSpec("one"))
    return one


def boards(services: Services, *columns: Column, stop: threading.Event | None = None) -> list[Board]:
    told = side_by_side(services, ASKED, columns, stop or threading.Event())
    return [board for board in told if board is not None]


def states(board: Board) -> list[str]:
    return [lane.state for lane in board]


def test_columns_of_the_present_model_run_together_and_another_is_loaded_beside_it(
    services: Services, machine: Table
) -> None:
    last = boards(services, OTHER, HERE, SECOND)[-1]
    assert states(last) == ["done"] * 3
    assert [lane.answer.text for lane in last if lane.answer] == ["It is Paris."] * 3
    assert [one.id for one in machine.asked] == ["one", "two"]
    assert machine.closed == ["two"]  # and the chat's model stays
    assert services.model.loaded().spec.id == "one"


def test_columns_are_grouped_by_the_model_they_need() -> None:
    auto = replace(OTHER, name="again")
    half = replace(HERE, precision="bfloat16")
    assert list(groups([HERE, OTHER, SECOND, half, auto]).values()) == [[0, 2], [1, 4], [3]]


def test_a_model_that_cannot_be_loaded_or_does_not_fit_costs_only_its_column(
    services: Services, machine: Table
) -> None:
    machine.broken["two"] = ModelFailed(id="two", cause="no weights")
    machine.sizes["three"] = 1000
    last = boards(services, HERE, OTHER, Column("huge", model="three"), SECOND)[-1]
    assert states(last) == ["done", "failed", "failed", "done"]
    assert "no weights" in str(last[1].error)
    assert machine.closed == []


def test_a_column_that_breaks_keeps_what_it_wrote_and_the_others_go_on(
    services: Services, machine: Table
) -> None:
    machine.scripts["two"] = ["So far", RuntimeError("the engine broke")]  # type: ignore[list-item]
    last = boards(services, OTHER, HERE)[-1]
    assert states(last) == ["failed", "done"]
    assert last[0].answer is not None
    assert last[0].answer.text == "So far"


def test_where_nothing_answers_the_columns_say_why(services: Services, machine: Table) -> None:
    machine.broken["one"] = ModelFailed(id="one", cause="gone")
    last = boards(services, HERE, OTHER)[-1]
    assert states(last) == ["failed", "done"]


def test_stop_ends_all_of_them_at_once(services: Services, machine: Table) -> None:
    machine.scripts["one"] = Slowly(["word "] * 2000)
    stop = threading.Event()
    told = side_by_side(services, ASKED, [HERE, SECOND, OTHER], stop)
    for board in told:
        if board and all(lane.answer and lane.answer.text for lane in board[:2]):
            stop.set()
            break
    began = time.monotonic()
    last = [board for board in told if board is not None][-1]
    assert time.monotonic() - began < 2
    assert states(last) == ["stopped"] * 3
    assert last[0].answer is not None
    assert last[0].answer.text.startswith("word")
    assert last[2].answer is None
    assert [one.id for one in machine.asked] == ["one"]


def test_who_leaves_stops_them(services: Services, machine: Table) -> None:
    machine.scripts["one"] = Slowly(["word "] * 2000)
    stop = threading.Event()
    told = side_by_side(services, ASKED, [HERE, SECOND], stop)
    next(told)
    told.close()  # type: ignore[attr-defined]
    assert stop.is_set()


def test_waiting_for_a_model_can_be_stopped(services: Services, machine: Table) -> None:
    services.model.loaded()
    machine.gate.clear()
    stop = threading.Event()
    told = side_by_side(services, ASKED, [HERE, OTHER], stop)
    for board in told:
        if board and board[1].step == "loading":
            stop.set()
            break
    last = [board for board in told if board is not None][-1]
    assert states(last) == ["done", "stopped"]
    machine.gate.set()
    assert machine.open == ["one"]


def test_on_a_public_page_no_other_model_is_loaded(tmp_path: Path, machine: Table) -> None:
    public = Services(Settings(tmp_path, public=True), ModelSpec("one"))
    public.model = ModelSlot(machine.load, ModelSpec("one"))
    last = boards(public, HERE, OTHER)[-1]
    assert states(last) == ["done", "failed"]
    assert [one.id for one in machine.asked] == ["one"]


def named(columns: Sequence[Column]) -> tuple[dict[str, str], ...]:
    return tuple({"en": one.name, "ko": f"{one.name} 방식"} for one in columns)


def finished(services: Services, *references: str) -> dict:
    columns = (HERE, SECOND, OTHER)
    wish = Wish(ASKED, references, columns, named(columns), threading.Event())
    shown = [one for one in comparison(services, wish, "en") if one is not None]
    assert shown[0]["busy"]
    assert not shown[-1]["busy"]
    return shown[-1]


def test_what_is_shown_can_be_compared_with_another_answer_and_voted_on_once(
    services: Services, machine: Table
) -> None:
    machine.scripts["two"] = ["It is <b>Rome</b>."]
    last = finished(services, "Paris")
    assert 'class="other">' in last["patches"][2][0]
    assert "Word for word as here" in last["patches"][1][1]
    assert "Contains: yes" in last["cards"][0].replace("</span>", "")
    assert "<b>" not in last["cards"][2] + str(last["patches"]) + last["foot"]
    again = compared_with(services, last, "2", "ko")
    assert "Rome" in again["patches"][0][1]
    assert "<b>" not in str(again["patches"])
    assert compared_with(services, again, "77", "en")["kept"]["against"] == 2
    assert voted(services, last, "2", "en")["kept"]["voted"] == "2"
    chosen = voted(services, voted(services, last, "equal", "en"), "0", "en")
    assert "Too few votes" in chosen["foot"]
    kept = votes_of(services).all()
    assert [vote.choice for vote in kept] == [2, None]
    assert kept[0].texts[2] == "It is <b>Rome</b>."
    assert kept[0].columns[2]["model"] == "scripted-1"  # what the model said it is


def test_what_the_browser_kept_is_drawn_as_it_was_and_in_the_other_language(
    services: Services, machine: Table
) -> None:
    machine.scripts["one"] = ["It is [Paris](http://evil). \ud800\ue000<i>"]
    machine.broken["two"] = ModelFailed(id="two", cause="no weights")
    last = finished(services, "Paris", "Lutetia")
    sent = json.loads(json.dumps(voted(services, last, "1", "en")["kept"]))  # as it travels
    again, compared = reopened(services, sent, "en")
    assert again["cards"] == last["cards"]
    assert again["patches"] == last["patches"]
    assert again["kept"] == sent
    assert "✓" in again["foot"]
    assert (compared.question, compared.references) == (ASKED.text, ("Paris", "Lutetia"))
    korean, _ = reopened(services, sent, "ko")
    assert "here 방식" in korean["cards"][0]
    assert "here 방식" in korean["bar"]
    assert "불러오지 못했어요" in korean["cards"][2]
    assert "no weights" in korean["cards"][2]
    drawn = [korean[part] for part in ("cards", "patches", "bar", "foot")]
    assert "&lt;i&gt;" in str(drawn) and "<i>" not in str(drawn)


def test_a_comparison_that_was_stopped_comes_back_as_far_as_it_came(services: Services) -> None:
    began = Lane(HERE, "stopped", Answer(ASKED, Prompt(()), "So far", done=True, finish_reason="stopped"))
    kept = to_json(compared_of("q", (), named([HERE, SECOND]), (began, Lane(SECOND, "stopped"))))
    again, _ = reopened(services, kept, "en")
    assert again["cards"] == [card(began, "en"), card(Lane(SECOND, "stopped"), "en")]
    assert again["foot"] == ""
    assert "clear" in again["bar"]


def test_prompts_then_passages_are_left_out_where_they_would_take_much_room(services: Services) -> None:
    long = Passage("1", "1", "a.txt", "가" * 30_000, 0, 30_000)
    prompt = Prompt((Message("user", "가" * 40_000),))
    lanes = [
        Lane(HERE, "done", Answer(ASKED, prompt, "Yes.", passages=(long,) * count, done=True))
        for count in (1, 6)
    ]
    assert len(json.dumps(long.text, ensure_ascii=False).encode()) * 6 > PASSAGES_KEPT_BYTES
    small, large = (to_json(compared_of("q", (), named([HERE]), (lane,))) for lane in lanes)
    assert [len(one["columns"][0]["answer"]["passages"]) for one in (small, large)] == [1, 0]
    assert small["columns"][0]["answer"]["prompt"]["messages"] == []
    assert from_json(large).columns[0].text == "Yes."


@pytest.mark.parametrize("choice", ["7", "-1", "", "0; rm", None, "9" * 50])
def test_only_an_answer_that_is_there_can_be_chosen(services: Services, choice: object) -> None:
    last = finished(services)
    with pytest.raises(BadColumns):
        voted(services, last, choice, "en")
    assert votes_of(services).all() == ()


@pytest.mark.parametrize(
    "sent",
    [
        *(None, [], {"kept": 3}, {"kept": {"question": "q"}}, {"kept": {"columns": [1]}}),
        {"kept": {"question": "q", "columns": [{"name": {"ko": "x"}, "settings": {}}]}},
        {"kept": {"question": "q", "columns": [{"name": {"en": "x"}, "settings": {}, "state": "loading"}]}},
        {
            "kept": {
                "question": "q",
                "columns": [{"name": {"en": "x"}, "settings": {}, "answer": {"text": 1}}],
            }
        },
    ],
)
def test_what_is_no_comparison_is_refused(services: Services, sent: object) -> None:
    with pytest.raises(BadColumns):
        compared_with(services, sent, "0", "en")
    with pytest.raises(BadColumns):
        voted(services, sent, "0", "en")
    with pytest.raises(BadColumns):
        reopened(services, sent and sent["kept"], "en")


def test_a_comparison_that_is_too_large_is_refused() -> None:
    column = {"name": {"en": "x"}, "settings": {"text": "x" * LARGEST_BYTES}}
    with pytest.raises(BadColumns):
        from_json({"question": "q", "columns": [column]})
    with pytest.raises(BadColumns):
        from_json({"question": "q", "columns": [{"name": {"en": "x"}, "settings": {}}] * 9})
    assert from_json({"question": "q", "columns": [{"name": {"en": "x"}, "settings": {}}] * 8}).answered == []


def test_right_answers_are_lines_and_score_the_answer() -> None:
    assert references_in(" Paris \n\nParis\nParís") == ("Paris", "París")
    assert scores_of("Where?", ("Paris",), "It is Paris.") == {
        "exact_match": 0.0,
        "token_f1": pytest.approx(0.5),
        "contains": 1.0,
    }
    assert scores_of("Where?", (), "It is Paris.") == {}
    with pytest.raises(TooLong):
        references_in("x" * 5000)


@pytest.mark.parametrize(
    "state, words",
    [("waiting", "Waiting"), ("loading", "Loading the model… 50 %"), ("stopped", "before it began")],
)
def test_a_card_says_what_its_column_waits_for(state, words) -> None:
    lane = Lane(Column("<i>x</i>"), state, step="loading", fraction=0.5)
    html = card(lane, "en")
    assert words in html
    assert "<i>" not in html


def test_a_column_that_failed_says_why_beside_what_it_wrote() -> None:
    answer = Answer(ASKED, Prompt(()), text="<script>", done=True)
    failed = Lane(Column("x"), "failed", answer, ValueError("secret place"))
    html = card(failed, "en")
    assert 'role="alert"' in html
    assert "secret" not in html
    assert "&lt;script&gt;" in html
