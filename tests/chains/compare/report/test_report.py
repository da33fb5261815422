"""The report's files: what they say, that hostile texts stay texts, that nothing half-written is left."""

import base64
import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from chains.compare.cell import Cell, Generation
from chains.compare.report import FILES, write
from chains.compare.report.answers import lines, read
from chains.compare.report.markdown import plain
from chains.compare.report.numbers import about, p_value, value
from chains.compare.report.plot import HEIGHT, WIDTH, plot
from chains.compare.report.sentences import against_baseline, headline, sentence
from chains.compare.report.table import guarded, letter
from chains.compare.report.words import WORDS, Words
from chains.compare.results import results
from chains.compare.scores import score_all
from chains.question import Message
from tests.chains.compare.believable import cells, experiment

HOSTILE = [
    "<script>document.title='owned'</script>",
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    '"><svg onload=document.title="owned">',
    "</pre></details></main><h1>owned</h1>",
    "<style>*{display:none}</style><base href=https://evil.example/>",
    "{{ 7 * 7 }} {% raw %} ${7*7} {name}",
    "javascript:document.title='owned'",
    "<!-- --><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "half \ud800 a pair, \x00 nothing, \u202e backwards, \u2028 line",
]


def written(folder, of, made, **options):
    found = results(of, score_all(of, made), made)
    write(folder, of, made, found, **options)
    return found


@pytest.fixture(scope="module")
def museum(tmp_path_factory):
    folder, of = tmp_path_factory.mktemp("report"), experiment(120)
    made = cells(of)
    return folder, of, made, written(folder, of, made)


class Elements(HTMLParser):
    """Every element with its attributes, and the text between them."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text.append(data)


def test_all_files_are_there_and_nothing_else(museum):
    folder = museum[0]
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert json.loads((folder / "results.json").read_bytes()) == museum[3]


def test_the_same_cells_in_another_order_give_the_same_files(museum, tmp_path):
    folder, of, made, _ = museum
    written(tmp_path, of, made[::-1])
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_every_answer_is_in_answers_with_its_prompt(museum):
    folder, of, made, _ = museum
    entries = [json.loads(line) for line in (folder / "answers.jsonl").read_bytes().splitlines()]
    assert len(entries) == len(made) == 120 * 6
    first = entries[0]
    assert (first["id"], first["column"], first["question"]) == (
        "q000",
        "zero",
        of.questions.items[0].question,
    )
    assert first["prompt"][-1] == {"role": "user", "content": first["question"]}
    assert {entry["answer"] for entry in entries} == {cell.text for cell in made}


@pytest.mark.parametrize("answerable", [True, False])
def test_whether_a_question_can_be_answered_is_read_as_it_was_written(answerable):
    of = experiment(1, columns=1)
    item = replace(of.questions.items[0], answers=(), answerable=answerable)
    of = replace(of, questions=replace(of.questions, items=(item,)))
    again, _ = read(lines(of, cells(experiment(1, columns=1))))
    assert again.answerable is answerable


def test_the_page_needs_nothing_from_elsewhere(museum):
    page = (museum[0] / "report.html").read_text("utf-8")
    elements = Elements(page).found
    names = {tag for tag, _ in elements}
    assert not names & {"link", "img", "iframe", "object", "embed", "base"}
    for _, attributes in elements:
        assert not {"src", "style", "action", "srcset"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in page and "@import" not in page


def test_the_policy_names_exactly_our_style_and_script(museum):
    page = (museum[0] / "report.html").read_bytes().decode("utf-8")
    policy = next(one["content"] for _, one in Elements(page).found if one.get("http-equiv"))
    for tag in ("style", "script"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        mark = base64.b64encode(hashlib.sha256(inside.encode("utf-8")).digest()).decode()
        assert f"{tag}-src 'sha256-{mark}'" in policy
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy


def hostile(text, language="en"):
    """An experiment in which every text and name is that one."""
    of = experiment(6, columns=2, language=language)
    items = tuple(
        replace(item, id=f"{n} {text}", question=text, answers=("right", text), tags=(text,))
        for n, item in enumerate(of.questions.items)
    )
    columns = tuple(replace(one, name=f"{n}{text}", adapter=text) for n, one in enumerate(of.columns))
    of = replace(
        of, questions=replace(of.questions, name=text, items=items, licence=text), columns=columns,
        baseline=columns[0].name, document={"columns": [{"name": text}]},
    )  # fmt: skip
    sent = (Message("system", text), Message("user", text))
    made = [
        Cell(column.name, item.id, 0, "k", text=text if at == n % 2 else "wrong", reasoning=text,
             generations=(Generation(text, sent, text, query=text),),
            error=None if n else {"en": text, "ko": text})
        for at, column in enumerate(columns)
        for n, item in enumerate(items)
    ]  # fmt: skip
    return of, made


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text, tmp_path):
    language = "ko" if HOSTILE.index(text) % 3 == 0 else "en"
    of, made = hostile(text, language)
    written(tmp_path, of, made)
    written(tmp_path / "harmless", *hostile("harmless", language))
    shape = [tag for tag, _ in Elements((tmp_path / "report.html").read_text("utf-8")).found]
    expected = [tag for tag, _ in Elements((tmp_path / "harmless" / "report.html").read_text("utf-8")).found]
    assert shape == expected
    shown = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = [one.type for one in shown.parse((tmp_path / "report.md").read_text("utf-8"))]
    wanted = [one.type for one in shown.parse((tmp_path / "harmless" / "report.md").read_text("utf-8"))]
    assert tokens == wanted
    lines = (tmp_path / "answers.jsonl").read_bytes().decode("utf-8").splitlines()
    assert [json.loads(line)["question"] for line in lines] == [text] * 12
    json.loads((tmp_path / "results.json").read_bytes())


@pytest.mark.parametrize(
    "text",
    ["a|b", "[x](https://evil.example)", "![x](y)", "`a` *b* _c_", "# h", "- x", "1. x", "<b>", "a\nb"],
)
def test_markdown_shows_a_text_as_it_is(text):
    found = MarkdownIt("commonmark", {"html": True}).parse(plain(text))
    assert [one.type for one in found] == ["paragraph_open", "inline", "paragraph_close"]
    assert {one.type for one in found[1].children} <= {"text", "text_special"}
    assert "".join(one.content for one in found[1].children) == " ".join(text.split())


def test_the_table_is_exact_and_no_formula(museum):
    folder, _, _, found = museum
    raw = (folder / "table.csv").read_bytes()
    assert raw.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == [one["name"] for one in found["columns"]]
    assert float(rows[2]["token_f1"]) == found["columns"][2]["scores"]["token_f1"]["mean"]
    assert rows[5]["exact_match_band"].startswith("a")
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        assert guarded(text) == "'" + text
    assert guarded("zero") == "zero"


def test_without_texts_no_text_is_copied(tmp_path):
    of = experiment(40)
    of = replace(
        of, document={**of.document, "columns": [{"name": "few", "examples": [{"question": "secret"}]}]}
    )
    found = written(tmp_path, of, cells(of), texts=False)
    for name in FILES:
        text = (tmp_path / name).read_text("utf-8")
        assert (
            "Who built" not in text and "Solen" not in text and "secret" not in text and "plaque" not in text
        )
    assert found["disagreements"][0] in (tmp_path / "report.html").read_text("utf-8")
    assert len((tmp_path / "answers.jsonl").read_text("utf-8").splitlines()) == 240


def test_a_large_set_keeps_the_page_small(tmp_path):
    of = experiment(300, columns=3)
    made = [replace(cell, generations=(Generation("Answer", raw="x" * 20_000),)) for cell in cells(of)]
    found = written(tmp_path, of, made)
    page = (tmp_path / "report.html").read_text("utf-8")
    inline = page.count('class="question"')
    assert 20 < inline <= 100 < len(found["disagreements"])
    assert f"The first {inline} are here" in page
    assert len(page) < 6_000_000


def test_a_report_that_fails_leaves_the_earlier_one(museum, tmp_path):
    _, of, made, found = museum
    write(tmp_path, of, made, found)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    broken = replace(made[0], seconds=float("nan"))
    with pytest.raises(ValueError, match="JSON"):
        write(tmp_path, of, [broken, *made[1:]], found)
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_verdicts_are_said_in_plain_words(museum, language):
    found, words = museum[3], Words(language)
    said = {one.text.split(":")[0].split(" ")[0]: one for one in against_baseline(found, words)}
    assert said["gold"].kind == "better"
    pattern = r"gold answers \d+ points better than zero \(\d+ to \d+; p.+\)\."
    if language == "ko":
        pattern = r"gold: zero보다 \d+점 높아요 \(\d+~\d+점, p.+\)\."
    assert re.fullmatch(pattern, said["gold"].text)
    assert headline(found, words)
    open_pair = next(one for one in found["pairs"] if one["verdict"] not in ("a", "b"))
    assert ("no detectable difference" if language == "en" else "차이를 확인할 수 없") in sentence(
        open_pair, found, words
    )


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.021, 0.076, "(+2.1 to +7.6 by itself)"), (-0.065, -0.01, "(−6.5 to −1.0 by itself)")],
)
def test_an_open_interval_has_the_signs_of_both_ends(museum, low, high, said):
    found = museum[3]
    ends = {"low": low, "high": high, "difference": (low + high) / 2, "more_questions": 160}
    pair = {**found["pairs"][0], "verdict": "no detectable difference", **ends}
    assert said in sentence(pair, found, Words("en"))


def test_a_hopeless_pair_says_so(museum):
    found = museum[3]
    pair = {
        **found["pairs"][0],
        "verdict": "no detectable difference",
        "difference": 0.001,
        "low": -0.1,
        "high": 0.1,
    }
    assert "not even 100,000 more" in sentence({**pair, "more_questions": None}, found, Words("en"))
    assert "about 390 more questions" in sentence({**pair, "more_questions": 387}, found, Words("en"))
    assert "they score the same" in sentence(
        {**pair, "difference": 0.0, "more_questions": None}, found, Words("en")
    )
    corrected = sentence({**pair, "low": 0.01, "more_questions": 5}, found, Words("en"))
    assert "once 30 comparisons are corrected for" in corrected


def test_all_words_are_in_both_languages_with_the_same_gaps():
    gaps = {language: {key: set(re.findall(r"{(\w+)}", text)) for key, text in words.items()}
            for language, words in WORDS.items()}  # fmt: skip
    assert gaps["en"] == gaps["ko"]
    assert not [key for key, text in WORDS["ko"].items() if re.search(r"을\(를\)|이\(가\)|은\(는\)", text)]


def test_numbers_read_well():
    assert [value(0.6634), value(-0.004, signed=True), value(0.0001, signed=True), value(None)] == [
        "66.3",
        "−0.4",
        "0.0",
        "–",
    ]
    assert [p_value(0.0004), p_value(0.0123), p_value(1.0)] == [
        "p\u00a0<\u00a0.001",
        "p\u00a0=\u00a0.012",
        "p\u00a0=\u00a01",
    ]
    assert [about(7), about(387), about(12_345)] == ["7", "390", "12,000"]
    assert [letter(0), letter(25), letter(26)] == ["a", "z", "a2"]


def test_names_in_the_plot_cover_neither_each_other_nor_leave_it(museum):
    of = experiment(30)
    names = [f"a column with a longish name {n}" for n in range(4)]
    columns = tuple(replace(of.columns[n], name=name) for n, name in enumerate(names))
    of = replace(of, columns=columns, baseline=names[0])
    original = {one.name: name for one, name in zip(experiment(30).columns, names, strict=False)}
    made = [replace(cell, column=original[cell.column]) for cell in cells(experiment(30, columns=4))]
    for found in (museum[3], results(of, score_all(of, made), made)):
        drawn = plot(found, "exact_match", "tokens")
        assert all(0 < one.x < WIDTH and 0 < one.high <= one.y <= one.low < HEIGHT for one in drawn.points)
        places = sorted((one.label_y, one.label_x) for one in drawn.points)
        assert len(set(places)) == len(places)
        assert drawn.front.startswith("M")


def test_a_run_without_any_answer_is_reported_too(tmp_path):
    of = experiment(5)
    written(tmp_path, of, [])
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "There is no score to rank the columns by." in page
