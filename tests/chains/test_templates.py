"""Templates: rendered literally, kept in versions, compared, and carried as YAML."""

import json
import threading
import unicodedata
from pathlib import Path

import pytest

from chains.prompting import system_text
from chains.question import Example, Message, Question, Template
from chains.templates import (
    VARIABLES,
    BadTemplate,
    BadTemplateFile,
    Line,
    TemplateStore,
    built_in_templates,
    check,
    difference,
    render,
)
from chains.templates.store import MOST_BYTES, MOST_TEMPLATES, MOST_VERSIONS
from chains.templates.yaml_format import from_yaml, to_yaml
from tests.fakes import passage

HOSTILE = "{question} {{x}} {0.__class__} {% for z in [] %} %(a)s $b {{ 한글 }}"
MINE = Template("mine", "Be {language}.", "{question}")


@pytest.fixture
def store(tmp_path: Path) -> TemplateStore:
    return TemplateStore(tmp_path / "not made yet")


def user(template: str, question: Question, *texts: str) -> str:
    passages = tuple(passage(text) for text in texts)
    return render(Template("mine", "", template), question, passages).messages[-1].content


# rendering ------------------------------------------------------------------------------------------------


def test_every_variable_is_filled_with_its_text_and_only_once() -> None:
    question = Question(
        HOSTILE, examples=(Example("{choices}?", "{passages}!"),), choices=("{language}", "}}{{")
    )
    asked = user("Q {question}|P {passages}|C {choices}|E {examples}|L {language}", question, "{examples}")
    assert asked == (
        f"Q {HOSTILE}|P 문단:\n[1] (notes.txt) {{examples}}|C A. {{language}}\nB. }}}}{{{{\n"
        "맞는 보기의 글자로 답하세요.|E 질문: {choices}?\n정답: {passages}!|L 한국어"
    )


def test_doubled_braces_are_braces() -> None:
    assert (
        user('{{"answer": "{question}"}} }}{{ { question }', Question("Why?")) == '{"answer": "Why?"} }{ Why?'
    )


@pytest.mark.parametrize("text", ["{answer}", "{question.text}", "{0}", "{}", "{question!r}", '{"a": 1}'])
def test_an_unknown_variable_names_the_known_ones(text: str) -> None:
    with pytest.raises(BadTemplate, match="Known ones") as raised:
        check(Template("mine", text, "{question}"))
    for language in ("en", "ko"):
        message = raised.value.text(language)
        assert "mine" in message and text[:40] in message
        assert all(f"{{{name}}}" in message for name in VARIABLES)


@pytest.mark.parametrize("text", ["{question} {", "{question} { x", "{{{question}"])
def test_an_open_brace_or_a_doubled_one_is_told_apart(text: str) -> None:
    if text.startswith("{{{"):
        assert user(text, Question("Why?")) == "{Why?"
    else:
        with pytest.raises(BadTemplate, match="never closed"):
            check(Template("mine", "", text))


def test_a_template_without_the_question_is_refused() -> None:
    for text in ("Hello.", "{{question}}", "{passages}"):
        with pytest.raises(BadTemplate, match=r"lacks \{question\}"):
            render(Template("mine", "", text), Question("Why?"), ())


def test_an_empty_text_is_the_usual_one() -> None:
    question, passages = Question("Why?", choices=("x", "y")), (passage("A text."),)
    system, asked = render(Template("mine", "", "Now: {question}"), question, passages).messages
    assert system.content == system_text(question, passages)
    system, asked = render(Template("mine", "Be kind.", " "), question, passages).messages
    assert system.content == "Be kind."
    assert asked.content.startswith("Passages:\n[1] (notes.txt) A text.\n\nQuestion: Why?\nA. x\nB. y\n")


def test_what_a_template_does_not_place_is_not_lost() -> None:
    question = Question("Why?", choices=("x", "y"))
    assert user("Tell: {question}", question, "A text.") == (
        "Passages:\n[1] (notes.txt) A text.\n\nTell: Why?\n\nA. x\nB. y\n"
        "Answer with the letter of the right choice."
    )
    assert user("{passages}\nTell: {question}", Question("Why?")) == "Tell: Why?"
    placed = render(Template("mine", "{passages}", "{question}"), Question("Why?"), (passage("A text."),))
    assert [message.content.count("A text.") for message in placed.messages] == [1, 0]


def test_earlier_turns_and_the_persons_own_instruction_are_kept() -> None:
    history = (Message("user", "Before?"), Message("assistant", "Yes."))
    messages = render(MINE, Question("Why?", history, system="Mine {x}."), ()).messages
    assert [message.content for message in messages] == ["Mine {x}.", "Before?", "Yes.", "Why?"]


# the built-in ones ----------------------------------------------------------------------------------------


def test_the_built_in_ones_are_in_both_languages_and_can_be_used() -> None:
    names = [one.name for one in built_in_templates()]
    assert len(set(names)) == len(names) >= 8
    languages = [one.language for one in built_in_templates()]
    assert languages.count("en") == languages.count("ko") == len(names) / 2
    for one in built_in_templates():
        check(one)
        assert one.system and one.system.isascii() == (one.language == "en")
        text = "Why?" if one.language == "en" else "왜요?"
        for passages in ((), (passage("본문"),)):
            messages = render(one, Question(text, choices=("x", "y")), passages).messages
            assert text in messages[-1].content and "B. y" in messages[-1].content
            assert ("본문" in messages[-1].content) == bool(passages)


# the store ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["mine", "내 것", "../../etc/passwd", "a/b\\c", "$(x)", "%2e", "CON", "x" * 100]
)
def test_a_template_is_kept_under_any_name(store: TemplateStore, tmp_path: Path, name: str) -> None:
    saved = store.save(
        Template(name, HOSTILE.replace("{0.__class__}", "").replace("{%", "{{%"), "{question}")
    )
    again = TemplateStore(tmp_path / "not made yet")
    assert again.get(name) == saved
    assert saved in again.list() and saved in again.list("ko")
    (kept,) = [path for path in tmp_path.rglob("*.json") if path.is_file()]
    assert kept.parent == tmp_path / "not made yet" and kept.stem.isalnum()
    store.delete(name)
    assert again.list("en") == [one for one in built_in_templates() if one.language == "en"]
    with pytest.raises(BadTemplate, match="no template of that name"):
        store.get(name)


def test_every_change_is_a_version(store: TemplateStore) -> None:
    for text in ("one {question}", "two {question}", "two {question}", "three {question}"):
        store.save(Template(" mine ", "", text))
    assert [(one.version, one.user[:3]) for one in store.versions("mine")] == [
        (1, "one"),
        (2, "two"),
        (3, "thr"),
    ]
    assert store.get("mine", 2).user == "two {question}"
    assert [line for line in store.diff("mine", 1, 3) if line.kind != "same"] == [
        Line("user", "removed", "one {question}"),
        Line("user", "added", "three {question}"),
    ]
    with pytest.raises(BadTemplate, match="Kept versions: 1 to 3"):
        store.get("mine", 4)


def test_the_oldest_versions_go_and_numbers_go_on(store: TemplateStore) -> None:
    for n in range(MOST_VERSIONS + 5):
        store.save(Template("mine", str(n), "{question}"))
    kept = store.versions("mine")
    assert [one.version for one in kept] == list(range(6, MOST_VERSIONS + 6))
    assert kept[-1].system == str(MOST_VERSIONS + 4)


def test_nobody_loses_a_version_when_many_save_at_once(store: TemplateStore, tmp_path: Path) -> None:
    def save(n: int) -> None:
        TemplateStore(tmp_path / "not made yet").save(Template("mine", f"writer {n}", "{question}"))

    threads = [threading.Thread(target=save, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.system for one in store.versions("mine")} == {f"writer {n}" for n in range(12)}
    assert [one.version for one in store.versions("mine")] == list(range(1, 13))


def test_a_name_is_the_same_however_it_is_typed(store: TemplateStore) -> None:
    store.save(Template(unicodedata.normalize("NFD", "내 틀"), "", "{question}"))
    assert store.get(unicodedata.normalize("NFC", "내 틀")).version == 1
    built_in = unicodedata.normalize("NFD", built_in_templates()[1].name)
    with pytest.raises(BadTemplate, match="comes with Maru"):
        store.save(Template(built_in, "", "{question}"))


def test_built_in_ones_are_found_and_cannot_be_changed(store: TemplateStore) -> None:
    for one in built_in_templates():
        assert store.get(one.name) == store.get(one.name, 1) == one
        with pytest.raises(BadTemplate, match="another name") as raised:
            store.delete(one.name)
        assert "다른 이름" in raised.value.text("ko")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (Template("", "", "{question}"), "1 to 100"),
        (Template("x" * 101, "", "{question}"), "1 to 100"),
        (Template("a\u202eb", "", "{question}"), "1 to 100"),
        (Template("a\x00", "", "{question}"), "1 to 100"),
        (Template("mine", " ", "\n"), "empty"),
        (Template("mine", "", "no variable"), "lacks"),
        (Template("mine", "{x}", "{question}"), "no variable"),
        (Template("mine", "가" * (MOST_BYTES // 3), "{question}"), "20 kB"),
    ],
)
def test_bad_templates_are_refused_and_nothing_is_lost(
    store: TemplateStore, template: Template, reason: str
) -> None:
    store.save(MINE)
    with pytest.raises(BadTemplate, match=reason) as raised:
        store.save(template)
    assert raised.value.text("ko") != raised.value.text("en")
    assert store.versions("mine") == (MINE,)


def test_there_are_not_endlessly_many(store: TemplateStore, tmp_path: Path) -> None:
    store.save(MINE)
    for n in range(MOST_TEMPLATES - 1):
        (tmp_path / "not made yet" / f"{n}.json").touch()
    with pytest.raises(BadTemplate, match="Delete one"):
        store.save(Template("another", "", "{question}"))
    assert store.save(Template("mine", "changed", "{question}")).version == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"name": "mine", "versions": []}', b"\xff\xfe", b"[" * 30_000]
    + [json.dumps({"name": "mine", "versions": [one]}).encode() for one in ({}, {"lc": 1, "type": "secret"})],
)
def test_a_damaged_file_is_named_and_the_others_still_work(
    store: TemplateStore, tmp_path: Path, content: bytes
) -> None:
    store.save(MINE)
    (damaged,) = (tmp_path / "not made yet").glob("*.json")
    damaged.write_bytes(content)
    other = store.save(Template("other", "", "{question}"))
    assert [one for one in store.list() if one not in built_in_templates()] == [other]
    with pytest.raises(BadTemplate, match="damaged"):
        store.get("mine")
    assert store.save(MINE) == store.get("mine") == MINE


def test_half_a_surrogate_pair_does_not_break_the_file(store: TemplateStore) -> None:
    assert store.save(Template("mine", "a\ud800", "{question}")).system == "a?"
    assert store.get("mine").system == "a?"


# what changed ---------------------------------------------------------------------------------------------


def test_a_difference_tells_every_line_and_where_it_stands() -> None:
    old = Template("mine", "Be kind.\nBe brief.", "{question}")
    new = Template("mine", "Be kind.\nBe exact.\nBe brief.", "Q: {question}")
    assert [(line.part, line.kind, line.text) for line in difference(old, new)] == [
        ("system", "same", "Be kind."),
        ("system", "added", "Be exact."),
        ("system", "same", "Be brief."),
        ("user", "removed", "{question}"),
        ("user", "added", "Q: {question}"),
    ]
    assert {line.kind for line in difference(old, old)} == {"same"}


# YAML -----------------------------------------------------------------------------------------------------

TEXTS = [
    "plain", "yes", "null", "1.0", "2026-01-01", "# no comment", "- item", "a: b", "'\"", "*alias &a !tag",
    "two\nlines", "two\n\n  indented\n", "trailing \nspace ", "\tTab\n", "한글 😀\n둘째 줄", "\n\n",
    "a\x85b\u2028c\n",
    "{{brace}} {question}", "x" * 300, "long words " * 40 + "\nnext", "%TAG", "--- x", "...", "a\r\nb",
    "\ufeffa", "a\x85b",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_is_read_back_letter_by_letter(text: str) -> None:
    templates = (Template("한 이름", text, "{question}", language="ko"), Template(f"n {text}", "s", text))
    assert from_yaml(to_yaml(templates)) == templates


def test_templates_go_from_one_store_to_another(store: TemplateStore, tmp_path: Path) -> None:
    store.save(MINE)
    store.save(Template("mine", "Changed.", "{question}\nNow.", language="ko"))
    text = store.export_yaml(["mine"])
    assert "user: |-\n" in text
    other = TemplateStore(tmp_path / "other")
    other.save(MINE)
    (read,) = other.import_yaml(text)
    assert (read.version, read.system, read.language) == (2, "Changed.", "ko")
    assert other.versions("mine") == store.versions("mine")
    with pytest.raises(BadTemplate, match="no template of that name"):
        store.export_yaml(["mine", "nothing"])


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "at least one"),
        ("templates: []", "at least one"),
        ("<<: {templates: [{name: a, user: '{question}'}]}", "at least one"),
        ("- a\n- b", "at least one"),
        ("just words", "at least one"),
        ("template: []", 'line 1: unknown key "template". Known keys: templates'),
        ("templates:\n- name: a\n  user: '{question}'\n  colour: red", 'line 4: unknown key "colour"'),
        ("templates:\n- name: 5\n  user: '{question}'", 'line 2: "name" of template 1 must be a text'),
        ("templates:\n- name: a\n  user: {question}", 'line 3: "user" of template 1 must be a text'),
        ("templates:\n- name: a", "line 2: entry 1 is no template"),
        ("templates:\n- {name: a, user: '{question}'}\n- words", "line 3: entry 2 is no template"),
        ("templates:\n- name: a\n  user: no variable", 'line 2: The template "a" cannot be used: its text'),
        ("templates:\n- {name: a, user: '{question}'}\n\n- {name: ' a', system: x}", "line 4: The template"),
        ("templates:\n- name: a\n  user: 'b", "line 3 is not YAML"),
        ("templates:\n- name: a\n user: b", "line 3 is not YAML"),
        ("templates:\n\tx: y", "line 2 is not YAML"),
        ("templates:\n- name: a\n  user: '\x00'", "line 3 is not YAML"),
        ("templates:\n- name: a\n  user: !!python/object/apply:os.system ['true']", "line 3 is not YAML"),
        ("templates: 2026-99-99", "not YAML"),
        ("a: &a x\nb: *a", "line 2 repeats a value by an alias"),
        (bomb(), "line 2 repeats a value by an alias"),
        ("templates:\n  " + "[" * 50, "line 2 is nested too deeply"),
        ("# " + "x" * 1_000_001, "larger than 1000 kB"),
        ("templates:\n" + "- {name: a, user: b}\n" * 101, "more than 100"),
    ],
)  # fmt: skip
def test_bad_yaml_is_answered_by_one_clear_sentence(store: TemplateStore, text: str, reason: str) -> None:
    with pytest.raises(BadTemplateFile) as raised:
        store.import_yaml(text)
    assert reason in raised.value.text("en")
    assert raised.value.text("ko").startswith("템플릿을 가져올 수 없어요: ")
    assert store.list() == list(built_in_templates())


def test_an_import_with_one_bad_template_changes_nothing(store: TemplateStore) -> None:
    store.save(MINE)
    good = Template("mine", "changed", "{question}")
    for bad, reason in (
        (Template("bad", "", "{x} {question}"), "no variable {x}"),
        (Template(built_in_templates()[0].name, "", "{question}"), "comes with Maru"),
        (Template(" mine", "again", "{question}"), "twice"),
    ):
        with pytest.raises(BadTemplateFile, match="line 6") as raised:
            store.import_yaml(to_yaml([good, bad]))
        assert reason in str(raised.value) and "6번째 줄" in raised.value.text("ko")
    assert store.versions("mine") == (MINE,)


def test_an_import_that_would_be_too_many_changes_nothing(store: TemplateStore, tmp_path: Path) -> None:
    store.save(MINE)
    for n in range(MOST_TEMPLATES - 2):
        (tmp_path / "not made yet" / f"{n}.json").touch()
    changed = Template("mine", "changed", "{question}")
    new = [Template(name, "", "{question}") for name in ("a", "b")]
    with pytest.raises(BadTemplateFile, match="500 templates already"):
        store.import_yaml(to_yaml([changed, *new]))
    assert store.versions("mine") == (MINE,)
    assert [one.version for one in store.import_yaml(to_yaml([changed, new[0]]))] == [2, 1]


def test_a_new_template_takes_no_name_that_is_taken(store: TemplateStore) -> None:
    assert store.add(Template(" mine ", "", "{question}")).name == "mine"
    for name in ("mine", unicodedata.normalize("NFD", "mine ")):
        with pytest.raises(BadTemplate, match="Choose another name") as raised:
            store.add(Template(name, "other", "{question}"))
        assert "이미 있어요" in raised.value.text("ko")
    assert [one.user for one in store.versions("mine")] == ["{question}"]
