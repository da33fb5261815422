"""A grid of columns: its product, its names, what cannot work here, and what a browser may send."""

from pathlib import Path

import pytest

from adapters.spec import GenerationOptions
from app.compare.possible import Common, columns, problems_of
from app.compare.ways import Way, names_of, read_ways, ways_of, written
from app.errors import BadColumns
from app.services import Services
from app.settings import Settings

LIMITS = (2, 8)
COMMON = Common(4, GenerationOptions(max_tokens=32, seed=0))


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return Services(Settings(tmp_path))


def test_the_product_leaves_examples_and_templates_to_those_that_use_them() -> None:
    ways = ways_of(
        {
            "technique": ["zero_shot", "few_shot"],
            "temperature": [0.0, 0.7],
            "examples": ["one", "two"],
            "template": ["mine"],
            "passages": ["hybrid:papers: new"],
        }
    )
    assert len(ways) == 2 + 4
    assert {(one.technique, one.examples, one.template) for one in ways} == {
        ("zero_shot", "", ""),
        ("few_shot", "one", ""),
        ("few_shot", "two", ""),
    }
    assert {(one.retriever, one.collection) for one in ways} == {("hybrid", "papers: new")}
    assert ways_of({}) == ways_of({"technique": []}) == ()


def test_a_name_says_only_what_differs() -> None:
    ways = [Way("zero_shot"), Way("few_shot")]
    assert names_of(ways, "en") == ("Zero-shot", "Few-shot")
    hot = [*ways, Way("zero_shot", temperature=0.7)]
    assert names_of(hot, "en")[-1] == "Zero-shot · temperature 0.7"
    assert len(set(names_of(hot, "ko"))) == 3
    found = names_of([Way("zero_shot"), Way("zero_shot", passages="dense:<b>")], "en")
    assert found[0] == "Zero-shot · No passages"
    assert found[1].startswith("Zero-shot · <b>, ")


def test_what_was_written_is_read_again() -> None:
    ways = (Way("few_shot", "hybrid:문서", temperature=0.5, examples="예시"), Way("zero_shot"))
    assert read_ways(written(ways)) == ways


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "zero_shot",
        ["zero_shot"],
        [{}],
        [{"technique": "../../etc/passwd"}],
        [{"technique": "zero_shot", "temperature": 99}],
        [{"technique": "zero_shot", "temperature": float("nan")}],
        [{"technique": "zero_shot", "model": "x" * 5000}],
        [{"technique": "zero_shot", "passages": "p" * 400}],
        [{"technique": "zero_shot"}] * 1000,
    ],
)
def test_what_is_no_list_of_columns_is_refused(sent) -> None:
    with pytest.raises(BadColumns):
        read_ways(sent)


def test_what_cannot_work_here_says_why(services: Services) -> None:
    ways = [
        Way("zero_shot"),
        Way("react"),
        Way("generated_knowledge", passages="hybrid:papers"),
        Way("template"),
        Way("zero_shot", model="nobody/knows"),
        Way("zero_shot", precision="int0"),
        Way("zero_shot", adapter="pirate"),
        Way("zero_shot", precision="auto"),
    ]
    found = problems_of(services, ways, "en")
    assert found[0] is None
    assert all(found[1:])
    assert "no model nobody/knows" in str(found[4])
    assert "does not fit" in str(found[6])
    assert "same as" in str(found[7])
    assert problems_of(services, ways, "ko")[6] != found[6]


def test_columns_are_those_that_work_within_the_limits(services: Services) -> None:
    ways = [Way("zero_shot"), Way("react"), Way("few_shot", temperature=0.7)]
    made = columns(services, {"ways": written(ways)}, COMMON, "en", LIMITS)
    assert [(one.name, one.technique) for one in made] == [
        ("Zero-shot · temperature 0", "zero_shot"),
        ("Few-shot · temperature 0.7", "few_shot"),
    ]
    assert [one.options.temperature for one in made] == [0.0, 0.7]
    assert {one.options.max_tokens for one in made} == {32}
    with pytest.raises(BadColumns):
        columns(services, {"ways": written(ways[:2])}, COMMON, "en", LIMITS)
    with pytest.raises(BadColumns):
        columns(services, {"ways": written(ways)}, COMMON, "en", (2, 1))
    with pytest.raises(BadColumns):
        columns(services, {}, COMMON, "en", LIMITS)


def test_on_a_public_page_only_the_model_that_answers_is_compared(tmp_path: Path) -> None:
    public = Services(Settings(tmp_path, public=True))
    ways = [Way("zero_shot"), Way("zero_shot", model="gpt2"), Way("zero_shot", precision="float32")]
    found = problems_of(public, ways, "en")
    assert found[0] is None
    assert all("open to everyone" in str(why) for why in found[1:])
