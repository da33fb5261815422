"""Public sets: tiny invented files in their published forms, and counts of the real ones where they are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chains.compare.hub import parquet_readable
from chains.compare.public import examples_pool, load, public_set, public_sets
from chains.compare.question_set import ANSWER_TYPES, Item
from chains.errors import PublicSetMissing
from chains.question import Example
from tests.hub import REVISION, Faults, serving

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
here = pytest.mark.skipif(not DATA.is_dir(), reason="the public sets are not on this machine")


def article(*paragraphs: tuple[str, list[dict[str, object]]], title: str = "Floors") -> dict[str, object]:
    return {"title": title, "paragraphs": [{"context": text, "qas": qas} for text, qas in paragraphs]}


def asked(id: str, question: str, *answers: str, **rest: object) -> dict[str, object]:
    texts = [{"text": answer, "answer_start": 0} for answer in answers]
    return {"id": id, "question": question, "answers": texts, **rest}


SQUAD = {
    "version": "1.1",
    "data": [article(("A maru is made of wood.", [asked("q1", "What is it made of?", "wood", "wood")]))],
}
SQUAD2 = {
    "version": "v2.0",
    "data": [
        article(
            (
                "A maru is made of wood.",
                [
                    asked("q1", "What is it made of?", "wood", is_impossible=False),
                    asked("q2", "Who made it?", is_impossible=True, plausible_answers=[{"text": "wood"}]),
                ],
            )
        )
    ],
}
GSM = [
    {"question": "Two and two?", "answer": "2+2=<<2+2=4>>4\n#### 4"},
    {"question": "Thousand and one?", "answer": "1,000+1=<<1000+1=1001>>1,001\n#### 1,001"},
]
NLI = [
    {
        "guid": f"n{at}",
        "source": "ours",
        "premise": "비가 온다.",
        "hypothesis": "날이 젖는다.",
        "gold_label": label,
    }
    for at, label in enumerate(["entailment", "neutral", "contradiction"])
]
BOOLQ = [{"question": "is rice a grain", "title": "Rice", "answer": True, "passage": "Rice is a grain."}]
KMMLU = "question,answer,A,B,C,D,Category,Human Accuracy\n마루는?,2,벽,바닥,문,창,집,0.5\n"
MMLU = '"What is it, really?",wall,floor,door,window,B\nAnd this?,1,2,3,4,D\n'


def lines(records: list[dict[str, object]]) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records)


FILES = {
    "squad": ("dev-v1.1.json", json.dumps(SQUAD)),
    "squad2": ("dev-v2.0.json", json.dumps(SQUAD2)),
    "xquad": ("xquad.de.json", json.dumps(SQUAD)),
    "korquad": ("KorQuAD_v1.0_dev.json", json.dumps(SQUAD)),
    "gsm8k": ("grade_school_math/data/test.jsonl", lines(GSM)),
    "sst2": ("SST-2/dev.tsv", 'sentence\tlabel\na "fine film\t1\ndull\t0\n'),
    "klue_nli": ("klue-nli-v1.1_dev.json", json.dumps(NLI)),
    "boolq": ("dev.jsonl", lines(BOOLQ)),
    "mmlu": ("test/house_parts_test.csv", MMLU),
    "kmmlu": ("data/Houses-test.csv", KMMLU),
}


def put(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("key", public_sets())
def test_every_set_keeps_its_contract(key: str, tmp_path: Path) -> None:
    one = public_set(key)
    assert set(one.label) == {"en", "ko"}
    assert one.source and one.licence
    assert one.answer_type in ANSWER_TYPES
    assert one.language in {"en", "ko"}
    put(tmp_path, *FILES[key])
    found = load(key, tmp_path)
    assert found.items
    assert (found.answer_type, found.source, found.licence) == (one.answer_type, one.source, one.licence)
    assert len({item.id for item in found.items}) == len(found.items)
    for item in found.items:
        assert item.question.strip()
        assert bool(item.answers) == item.answerable
        assert all(answer in item.choices for answer in item.answers) or one.answer_type != "choice"
        assert all(answer in (item.passage or "") for answer in item.answers) or one.answer_type != "span"
    assert load(key, tmp_path / FILES[key][0]).items == found.items, "a file may be named itself"


def test_squads_forms(tmp_path: Path) -> None:
    put(tmp_path, *FILES["squad"])
    put(tmp_path, *FILES["squad2"])
    passage = "A maru is made of wood."
    first = Item("q1", "What is it made of?", ("wood",), passage, tags=("Floors",))
    assert load("squad", tmp_path).items == (first,)
    second = Item("q2", "Who made it?", (), passage, tags=("Floors",), answerable=False)
    assert load("squad2", tmp_path).items == (first, second)


def test_xquad_is_taken_in_the_language_that_is_there_or_asked_for(tmp_path: Path) -> None:
    put(tmp_path, *FILES["xquad"])
    assert load("xquad", tmp_path).name == "xquad-de"
    put(tmp_path, "xquad.en.json", json.dumps(SQUAD))
    assert load("xquad", tmp_path).name == "xquad"
    assert load("xquad", tmp_path, language="de").name == "xquad-de"
    with pytest.raises(PublicSetMissing, match=r"xquad\.th\.json"):
        load("xquad", tmp_path, language="th")
    with pytest.raises(PublicSetMissing, match=r'not exist in "ko"\. Languages: en, ar'):
        load("xquad", tmp_path, language="ko")


def test_sst2_with_and_without_a_header(tmp_path: Path) -> None:
    put(tmp_path / "a", *FILES["sst2"])
    put(tmp_path / "b", "sst2_dev.tsv", 'a "fine film\t1\ndull\t0\n')
    with_header, without = load("sst2", tmp_path / "a"), load("sst2", tmp_path / "b")
    assert with_header == without
    assert [item.answers for item in without.items] == [("positive",), ("negative",)]
    assert without.items[0].question.endswith('\na "fine film')
    assert without.items[0].choices == ("negative", "positive")


def test_multiple_choice_forms(tmp_path: Path) -> None:
    put(tmp_path, *FILES["mmlu"])
    put(tmp_path, *FILES["kmmlu"])
    first, second = load("mmlu", tmp_path).items
    assert (first.id, first.answers, first.tags) == ("house_parts-1", ("floor",), ("house parts",))
    assert first.question == "What is it, really?"
    assert second.answers == ("4",)
    (one,) = load("kmmlu", tmp_path).items
    assert (one.answers, one.choices, one.tags) == (("바닥",), ("벽", "바닥", "문", "창"), ("집",))


def test_examples_come_from_the_training_part(tmp_path: Path) -> None:
    put(tmp_path, "train.jsonl", lines(GSM))
    worked = set(examples_pool("gsm8k", tmp_path, 5))
    assert Example("Two and two?", "2+2=4\nAnswer: 4") in worked
    assert Example("Thousand and one?", "1,000+1=1,001\nAnswer: 1001") in worked
    assert Example("Two and two?", "4") in examples_pool("gsm8k", tmp_path, 5, worked=False)
    put(tmp_path, "SST-2/train.tsv", "sentence\tlabel\ndull\t0\n")
    (shown,) = examples_pool("sst2", tmp_path, 1)
    assert shown.question.endswith(
        "\ndull\nA. negative\nB. positive\nAnswer with the letter of the right choice."
    )
    assert shown.answer == "A. negative"
    with pytest.raises(PublicSetMissing, match="no training part"):
        examples_pool("korquad", tmp_path, 1)


def test_a_sample_depends_on_the_seed_alone_and_a_larger_one_adds_to_it(tmp_path: Path) -> None:
    records: list[dict[str, object]] = [
        {"question": f"What is {n}?", "answer": f"#### {n}"} for n in range(1, 101)
    ]
    put(tmp_path, "test.jsonl", lines(records))
    ids = [item.id for item in load("gsm8k", tmp_path, 5).items]
    assert ids == ["gsm8k-10", "gsm8k-43", "gsm8k-59", "gsm8k-78", "gsm8k-96"], "the same on every machine"
    assert set(ids) < {item.id for item in load("gsm8k", tmp_path, 10).items}
    assert ids != [item.id for item in load("gsm8k", tmp_path, 5, seed=1).items]
    first = load("gsm8k", tmp_path, 5, order="first")
    assert [item.id for item in first.items] == [f"gsm8k-{n}" for n in range(1, 6)]
    assert len(load("gsm8k", tmp_path, 1000).items) == 100


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("test.jsonl", '{"question": "x"}\n', "test.jsonl is not in the form"),
        ("test.jsonl", '{"question": "x", "answer": "4"}\n', "no ####"),
        ("test.jsonl", "{oops\n", "is not in the form"),
        ("test.jsonl", "[1]\n", "is not in the form"),
        ("test.jsonl", "", "holds no question"),
        ("other.txt", "", "none of its files. Expected: gsm8k*test*.jsonl"),
    ],
)
def test_what_is_not_as_published_is_named(tmp_path: Path, name: str, content: str, said: str) -> None:
    put(tmp_path, name, content)
    with pytest.raises(PublicSetMissing) as caught:
        load("gsm8k", tmp_path)
    assert said in caught.value.text("en")
    assert any("\uac00" <= letter <= "\ud7a3" for letter in caught.value.text("ko"))
    assert str(tmp_path) not in str(caught.value)


def test_an_unknown_set_and_a_missing_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(PublicSetMissing, match="Known sets: boolq, gsm8k"):
        load("gsm", tmp_path)
    with pytest.raises(PublicSetMissing, match="no such folder"):
        load("gsm8k", tmp_path / "nowhere")
    with pytest.raises(PublicSetMissing, match="read from a folder only"):
        load("korquad")


def test_parquet_is_read_or_its_package_asked_for(tmp_path: Path) -> None:
    if not parquet_readable():
        put(tmp_path, "main/test-00000-of-00001.parquet", "PAR1")
        for folder in (tmp_path, None):
            with pytest.raises(PublicSetMissing, match="pip install pyarrow"):
                load("gsm8k", folder)
        return
    import pyarrow
    import pyarrow.parquet

    for name, rows in PARQUET.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    assert [item.answers for item in load("gsm8k", tmp_path).items] == [("4",), ("1001",)]
    assert load("mmlu", tmp_path).items[0].answers == ("b",)
    assert [item.answerable for item in load("squad2", tmp_path).items] == [True, False]
    assert load("klue_nli", tmp_path).items[0].answers == ("모순",)


PARQUET: dict[str, list[dict[str, object]]] = {
    "main/test-00000-of-00001.parquet": GSM,
    "all/test-00000-of-00001.parquet": [
        {"question": "Which?", "subject": "house_parts", "choices": ["a", "b", "c", "d"], "answer": 1}
    ],
    "squad_v2/validation-00000-of-00001.parquet": [
        {
            "id": "q1",
            "title": "Floors",
            "context": "Wood.",
            "question": "Of what?",
            "answers": {"text": ["Wood"], "answer_start": [0]},
        },
        {
            "id": "q2",
            "title": "Floors",
            "context": "Wood.",
            "question": "By whom?",
            "answers": {"text": [], "answer_start": []},
        },
    ],
    "nli/validation-00000-of-00001.parquet": [
        {"guid": "n", "source": "ours", "premise": "비가 온다.", "hypothesis": "해가 난다.", "label": 2}
    ],
}

FETCH = """
import sys
from chains.compare.hub import Hub, fetched
from chains.errors import PublicSetMissing
hub = Hub("ours/tiny", sys.argv[1], ("{language}/test.jsonl",))
try:
    print([path.read_text() for path in fetched("tiny", hub, False, "en")])
except PublicSetMissing as error:
    print(error)
"""


def fetch(hub: str, cache: Path, revision: str = REVISION) -> str:
    environment = {
        "HF_ENDPOINT": hub,
        "HF_HUB_CACHE": str(cache),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", FETCH, revision],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def test_files_come_from_the_hub_at_their_revision_and_then_from_this_disk(tmp_path: Path) -> None:
    with serving("datasets/ours/tiny", {"en/test.jsonl": b"a record"}) as hub:
        assert fetch(hub, tmp_path) == "['a record']"
    with serving("datasets/ours/tiny", {}, Faults(refused=(404, "RevisionNotFound"))) as hub:
        said = fetch(hub, tmp_path / "new", "2" * 40)
        assert "the Hub does not give en/test.jsonl (RevisionNotFoundError)" in said
    assert fetch(hub, tmp_path) == "['a record']", "nobody needs to be reached for it"
    assert "the Hub cannot be reached" in fetch(hub, tmp_path / "new")


@here
@pytest.mark.parametrize(
    "key, count", [("xquad", 612), ("korquad", 5774), ("klue_nli", 3000), ("gsm8k", 660), ("sst2", 872)]
)
def test_the_real_sets_are_read_whole(key: str, count: int) -> None:
    found = load(key, DATA)
    assert len(found.items) == count
    assert len({item.id for item in found.items}) == count
    assert all(item.answers for item in found.items)
    assert len(load(key, DATA, 100).items) == 100


@here
def test_the_real_training_parts_give_examples() -> None:
    worked = examples_pool("gsm8k", DATA, 8)
    assert len(worked) == len(set(worked)) == 8
    assert all("<<" not in one.answer and "\nAnswer: " in one.answer for one in worked)
    assert len(examples_pool("sst2", DATA, 10_000)) == 6920
