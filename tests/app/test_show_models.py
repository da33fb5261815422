"""What the Models tab says, as HTML."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters import memory, sources
from adapters.errors import HubUnreachable, NotEnoughDisk, SourceRefused, WeightsMissing
from adapters.lora import AdapterEntry, LoraAdapter
from adapters.models import known_models
from adapters.progress import Bytes
from adapters.spec import ModelSpec
from app.errors import message_of
from app.header import state_html
from app.model_choices import Choice, Need
from app.model_state import Answering, Loading, ModelState
from app.show_adapters import adapters
from app.show_models import models, now, precisions
from app.terminal.model_facts import widest

GB = 1_000_000_000
EVIL = '<img src=x onerror="alert(1)">'
ONE = Answering(ModelSpec("one", "bfloat16"), "transformers", 612_000_000, 8192, 8)


def choice(key: str, need: Need | None, problem: str = "", trains: bool = True) -> Choice:
    told = {"en": key, "ko": key}
    why = {"en": problem, "ko": problem} if problem else None
    return Choice(key, told, {"en": "help", "ko": "도움말"}, "transformers", trains, why, need)


def test_what_answers_is_said_with_its_measured_memory():
    html = now(ModelState(ONE), "en")
    for said in ("one", "bfloat16", "transformers", "612 MB", "8,192 tokens", "<dd>8</dd>"):
        assert said in html
    assert "data-do" not in html


def test_what_should_be_known_of_a_model_is_said():
    note = {"en": f"4096 tokens are assumed {EVIL}", "ko": "4096토큰으로 보고 있어요"}
    html = now(ModelState(replace(ONE, notes=(note,))), "en")
    assert "4096 tokens are assumed" in html
    assert EVIL not in html
    assert "4096토큰" in now(ModelState(replace(ONE, notes=(note,))), "ko")


def test_a_model_elsewhere_says_so_and_an_unknown_engine_is_named_by_its_key():
    html = now(ModelState(replace(ONE, memory=None, engine="../evil")), "ko")
    assert "서버에서 사용" in html
    assert "../evil" in html


def test_loading_counts_bytes_and_can_be_cancelled_while_the_present_one_stays():
    loading = Loading(ModelSpec("two"), "downloading", Bytes(30_000_000, 120_000_000))
    html = now(ModelState(ONE, loading), "en")
    assert "30 MB / 120 MB" in html
    assert 'value="25"' in html
    assert 'data-do="stop"' in html
    assert "one goes on answering" in html
    assert "goes on answering" not in now(ModelState(None, loading), "en")


def test_the_same_model_in_another_precision_is_told_apart():
    other = ModelSpec("one", "float32")
    html = now(ModelState(ONE, Loading(other)), "en")
    assert "one (float32)" in html and "one (bfloat16) goes on answering" in html
    html = now(ModelState(ONE, cancelled=other), "en")
    assert "Loading one (float32) was cancelled." in html and "one (bfloat16) answers now." in html
    assert "Loading one (Automatic)" in now(ModelState(ONE, cancelled=ModelSpec("one", "auto")), "en")
    assert "one (float32)" in state_html(ModelState(ONE, Loading(other)), "en")
    assert "default" not in now(ModelState(None, Loading(ModelSpec())), "ko")


def test_a_failure_names_the_model_the_reason_and_offers_to_try_again():
    state = ModelState(ONE, failed=ModelSpec("two"), error=WeightsMissing())
    html = now(state, "ko")
    assert "two 모델을 불러오지 못했어요" in html
    assert "내장 모델이 설치되어 있지 않아요" in html
    assert 'data-do="retry"' in html
    assert "지금은 one 모델이 답해요" in html
    assert 'data-do="dismiss"' in html
    assert 'data-do="dismiss"' not in now(replace(state, answering=None), "ko")


def test_what_was_given_up_is_named_and_so_is_what_answers():
    html = now(ModelState(ONE, cancelled=ModelSpec("two")), "en")
    assert "Loading two was cancelled." in html
    assert "one answers now." in html
    assert 'data-do="dismiss"' in html


def test_why_another_one_is_being_loaded_stays_told():
    state = ModelState(None, Loading(ModelSpec("one")), ModelSpec("two"), WeightsMissing())
    html = now(state, "en")
    assert "two could not be loaded" in html and 'data-do="stop"' in html
    assert 'data-do="retry"' not in html


def test_nothing_a_model_calls_itself_is_html():
    spec = ModelSpec(EVIL, EVIL)
    state = ModelState(replace(ONE, spec=spec), Loading(spec, EVIL))
    assert "<img" not in now(state, "en")
    assert "<img" not in now(ModelState(None, failed=spec, error=WeightsMissing()), "en")
    entry = AdapterEntry(EVIL, None, {"en": EVIL, "ko": EVIL})
    assert "<img" not in adapters([entry], [], True, "en")


def test_the_largest_precision_that_fits_is_named_where_one_does_not():
    choices = [choice("a", Need(9 * GB)), choice("b", Need(3 * GB)), choice("c", Need(2 * GB))]
    html = precisions(choices, "b", 4 * GB, 0, "en")
    assert html.count("disabled") == 1
    assert "Needs about 9.0 GB; 4.0 GB are free" in html
    assert "The widest that fits: b, about 3.0 GB." in html
    assert "widest" not in precisions(choices, "b", 10 * GB, 0, "en")
    assert "None of them fits" in precisions(choices, "", 1 * GB, 0, "en")


def test_the_page_names_the_one_that_the_command_line_and_the_loader_name():
    """One that holds more of each weight, though its libraries take less in all."""
    needs = {"bfloat16": Need(3 * GB, overhead=0), "nf4": Need(1 * GB, overhead=3 * GB), "x": Need(9 * GB)}
    html = precisions([choice(key, need) for key, need in needs.items()], "", 5 * GB, 0, "en")
    rows = [
        {"precision": key, "problem": None, "total": need.total, "weights": need.weights}
        | {"cache": 0, "overhead": need.overhead, "at_least": False}
        for key, need in needs.items()
    ]
    assert widest(rows, 5 * GB) == memory.widest_that_fits(needs, 5 * GB) == "bfloat16"
    assert "The widest that fits: bfloat16, about 3.0 GB." in html


def test_what_earlier_prompts_may_take_is_said_as_far_as_there_is_room():
    need = Need(GB, cache=100_000_000, kept=300_000_000)
    assert "up to 300 MB more for earlier prompts" in precisions([choice("a", need)], "a", 9 * GB, 0, "en")
    tight = precisions([choice("a", need)], "a", 1_800_000_000, 0, "en")  # a quarter of what is left
    assert "up to 100 MB more for earlier prompts" in tight
    assert "earlier prompts" not in precisions([choice("a", Need(GB))], "a", 9 * GB, 0, "en")


def test_what_fits_once_the_present_one_is_gone_says_so():
    html = precisions([choice("a", Need(9 * GB))], "a", 4 * GB, 6 * GB, "en")
    assert "disabled" not in html
    assert "Fits once the present model is let go" in html


def test_what_the_loader_would_refuse_is_not_offered():
    """It leaves a little of the memory to others."""
    need = Need(9_800_000_000)
    assert not memory.fits(need.total, 10 * GB)
    html = precisions([choice("a", need)], "a", 10 * GB, 0, "en")
    assert "disabled" in html and "checked" not in html
    assert "None of them fits" in html
    assert "Fits once the present model is let go" in precisions([choice("a", need)], "a", 10 * GB, GB, "en")


def test_a_precision_that_cannot_work_is_greyed_with_its_reason():
    html = precisions([choice("a", Need(GB), problem="needs a GPU", trains=False)], "a", 4 * GB, 0, "en")
    assert "disabled" in html
    assert "checked" not in html
    assert "needs a GPU" in html
    assert "LoRA: can be used<" in html


@pytest.mark.parametrize("need", [None, Need(GB, whole=False)])
def test_what_is_not_known_of_the_memory_is_not_claimed(need):
    html = precisions([choice("a", need)], "a", 4 * GB, 0, "en")
    assert "about" not in html
    assert ("more than 1.0 GB" in html) == (need is not None)


def test_a_server_decides_itself():
    assert "server decides" in precisions([], "", GB, 0, "en")


def test_models_say_size_languages_and_licence_and_the_unusable_why(tmp_path):
    entries = known_models(tmp_path)
    broken = replace(entries[0], id="broken", problem=HubUnreachable(id="b", cause="offline", embedded="e"))
    html = models([*entries, broken], entries[0].id, False, "ko")
    assert "파라미터 135M" in html
    assert "Apache-2.0" in html
    assert html.count("checked") == html.count("disabled") == 1
    assert "내려받지도 못했어요" in html
    assert 'data-do="delete"' not in html


def test_a_public_page_names_no_folder_and_no_address(caplog):
    entries = known_models(Path("/nowhere"))
    problem = SourceRefused(reason={"en": "/home/maru/x is not there any more.", "ko": "/home/maru/x 없음"})
    broken = replace(entries[0], id="broken", problem=problem)
    assert "/home/maru/x" in models([broken], "", True, "en")
    for language, words in (("en", "The operator of this page"), ("ko", "운영자가 로그에서")):
        html = models([broken], "", False, language)
        assert words in html and "/home" not in html
    told = NotEnoughDisk(id="two", needed="2 GB", free="1 GB", folder="/data/hub", variable="HF_HOME")
    state = ModelState(ONE, failed=ModelSpec("two"), error=told)
    assert "/data/hub" in now(state, "ko") and "/data/hub" in caplog.text + now(state, "en")
    assert "/data" not in now(state, "ko", public=True) + now(state, "en", public=True)
    assert caplog.text.count("/data/hub") == 1  # for the operator, once
    unreadable = dict.fromkeys(("en", "ko"), "'/home/kim/adapters/x' (Permission denied)")
    entry = AdapterEntry("x", None, unreadable)
    assert "/home/kim" in adapters([entry], [], True, "en")
    for language, words in (("en", "The operator of this page"), ("ko", "운영자가 로그에서")):
        html = adapters([entry], [], False, language)
        assert words in html and "/home" not in html
    assert caplog.text.count("/home/kim") == 1


def test_a_public_page_shows_no_location_of_a_server(tmp_path):
    sources.add_server("http://10.1.2.3:8000/v1", tmp_path)
    (entry,) = (one for one in known_models(tmp_path) if one.kind == "server")
    html = models([entry], entry.id, False, "en")
    assert "Answers on a model server" in html
    assert "10.1.2.3" not in html and "8000" not in html
    own = models([entry], entry.id, True, "en")
    assert "http://10.1.2.3:8000/v1" in own and "travel unencrypted" in own
    state = ModelState(replace(ONE, spec=ModelSpec("llama3", "server"), address=entry.location))
    for html in (now(state, "en"), state_html(state, "en")):
        assert "10.1.2.3:8000" in html and "llama3" in html
    for html in (now(state, "en", True), state_html(state, "en", True)):
        assert "10.1.2.3" not in html and "8000" not in html


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ("in /home/maru/models.", True),
        ("'~/models'", True),
        (r"in C:\models", True),
        ("http://inside:8000/v1 did not answer", True),
        ("HTTPConnectionPool(host='inside', port=8000)", True),
        ("10.1.2.3 refused", True),
        ("int8/int4, owner/name, and/or: 1.5.2", False),
        ("poet:0.5+pirate:0.5 / 3 of 4", False),
    ],
)
def test_what_tells_a_place_is_told_to_the_owner_only(words, hidden):
    error = SourceRefused(reason={"en": words, "ko": words})
    assert words in message_of(error, "en")
    assert (words not in message_of(error, "en", public=True)) == hidden


def test_adapters_say_rank_and_targets_or_every_reason(tmp_path):
    targets = ("model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.q_proj", "m.v_proj")
    sound = LoraAdapter("poet", tmp_path, "base", 8, 2.0, targets, False, 1_800_000)
    bad = AdapterEntry("bad", None, {"en": "wrong shape", "ko": "모양이 달라요"})
    entries = [bad, AdapterEntry("poet", sound, None)]
    html = adapters(entries, ["poet"], True, "en")
    assert html.index("poet") < html.index("bad")
    assert "rank 8 · on q_proj, v_proj · 1.8 MB" in html
    assert "wrong shape" in html
    assert "Unload" in html
    assert "Unload" not in adapters(entries, [], True, "en")
    assert "data-do" not in adapters(entries, [], False, "en")
    assert "as soon as a model answers" in adapters(None, [], True, "en")
    assert "There is no adapter" in adapters([], [], True, "en")
