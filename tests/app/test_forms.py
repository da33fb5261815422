"""What a client may send as settings, and what becomes of it."""

from dataclasses import fields

import pytest

from adapters.spec import GenerationOptions
from app.errors import BadOption, TooLong, TooManyExamples
from app.forms import option_components, read_examples, read_options, read_settings, restored
from chains.examples import MOST_BYTES, MOST_EXAMPLES
from chains.question import Example


def test_a_template_is_read_where_the_technique_uses_one() -> None:
    assert read_settings({"technique": "role", "template": "mine"}).template == "mine"
    assert read_settings({"technique": "role", "template": ""}).template is None
    assert read_settings({"technique": "zero_shot", "template": "mine"}).template is None
    assert restored({"template": "mine"}, [], ["mine"])["template"] == "mine"
    assert restored({"template": "gone"}, [], ["mine"])["template"] == ""


def test_every_option_has_its_component():
    assert list(option_components()) == [option.name for option in fields(GenerationOptions)]


def test_nothing_said_means_the_defaults():
    assert read_options({}) == GenerationOptions()
    settings = read_settings({})
    assert (settings.technique, settings.collection, settings.system, settings.examples) == (
        "zero_shot",
        None,
        None,
        None,
    )


def test_numbers_are_taken_as_numbers():
    options = read_options({"max_tokens": 12.0, "temperature": "0.5", "top_p": 1, "seed": "7"})
    assert options == GenerationOptions(12, 0.5, 1.0, 7)
    assert isinstance(options.max_tokens, int) and isinstance(options.seed, int)


@pytest.mark.parametrize("value", [0, 4097, -1, "many", "nan", float("inf"), True, [3], {"a": 1}, "1e400"])
def test_a_bad_number_is_named_with_its_range(value):
    with pytest.raises(BadOption, match="Max new tokens: enter a number from 1 to 4096") as caught:
        read_options({"max_tokens": value})
    assert "최대 생성 토큰" in caught.value.text("ko")


@pytest.mark.parametrize("value", [0, 21, "x"])
def test_the_number_of_passages_has_limits(value):
    with pytest.raises(BadOption, match="Passages"):
        read_settings({"passages": value})


def test_a_long_system_prompt_is_refused():
    with pytest.raises(TooLong, match="20000"):
        read_settings({"system": "x" * 20_001})


def test_examples_are_read_row_by_row():
    rows = [["q", "a"], ["", " "], "text", [1], ["only", None]]
    assert read_examples(rows) == (Example("q", "a"), Example("only", ""))
    assert read_examples([]) is read_examples("x") is read_examples(None) is None
    assert read_settings({"technique": "zero_shot", "examples": rows}).examples is None


@pytest.mark.parametrize(
    "rows",
    [[["q", "a"]] * (MOST_EXAMPLES + 1), [["q", "x" * MOST_BYTES]], [["가" * (MOST_BYTES // 3 + 1), "a"]]],
)
def test_examples_without_end_are_refused(rows):
    with pytest.raises(TooManyExamples, match=f"{MOST_EXAMPLES} examples") as caught:
        read_examples(rows)
    assert f"{MOST_EXAMPLES}개" in caught.value.text("ko")


def test_empty_rows_do_not_count():
    assert (
        read_examples([["", ""]] * 1000 + [["q", "a"]] * MOST_EXAMPLES)
        == (Example("q", "a"),) * MOST_EXAMPLES
    )


def test_what_the_browser_remembered_is_kept_as_far_as_it_is_still_true():
    saved = {
        "technique": "few_shot",
        "collection": "gone",
        "retriever": "lexical",
        "max_tokens": 99999,
        "temperature": 0,
        "system": "Be brief.",
    }
    values = restored(saved, ["there"])
    assert values["technique"] == "few_shot" and values["retriever"] == "lexical"
    assert values["collection"] == "" and values["max_tokens"] == 256
    assert values["temperature"] == 0 and values["system"] == "Be brief."
    for nonsense in (None, [], "x", {"technique": ["a"], "passages": {}}):
        assert restored(nonsense, [])["technique"] == "zero_shot"


def test_the_chosen_examples_are_read_for_the_techniques_that_show_some() -> None:
    rows = [["Where?", "Here."]]
    for technique, wanted in (("few_shot", 1), ("few_shot_similar", 1), ("zero_shot", 0), ("template", 0)):
        found = read_settings({"technique": technique, "examples": rows}).examples
        assert len(found or ()) == wanted
