"""What the sheet of templates shows: the list, the preview, versions and differences, all of it escaped."""

import pytest

from app.templates.sample import rendered
from app.templates.show import changes, preview, state, template_list, versions
from chains.question import Message, Template
from chains.templates import difference
from tests.app.test_marked import HOSTILE, Seen

ASKED = "What is a bridge?"
MINE = Template("mine", "Be brief.", "{question}")


def sent(template: Template, system: str = "", grounded: bool = False) -> tuple[Message, ...]:
    shown = rendered(template, ASKED, system, grounded, "en")
    assert shown.prompt is not None, shown.problem
    return shown.prompt.messages


def test_the_preview_is_what_the_template_makes_of_the_present_question() -> None:
    assert [one.content for one in sent(MINE)] == ["Be brief.", ASKED]
    html = preview(rendered(MINE, ASKED, "", False, "en"), "en")
    assert "With the question “What is a bridge?”" in html and "Be brief." in html
    assert "sample" not in html and "in place of" not in html


def test_samples_stand_where_passages_and_choices_will_and_are_said_to() -> None:
    placed = Template("mine", "", "{passages}\n{choices}\n{question}")
    shown = rendered(placed, ASKED, "", False, "en")
    assert "392 metres" in sent(placed)[-1].content and "B. another" in sent(placed)[-1].content
    html = preview(shown, "en")
    assert "The passage is a sample" in html and "The choices are a sample" in html
    assert "392 metres" in sent(MINE, grounded=True)[-1].content, "as an answer from a collection has them"
    assert "예시예요" in preview(rendered(placed, "다리가 뭐예요?", "", False, "ko"), "ko")


def test_the_settings_own_system_prompt_goes_first_and_that_is_said() -> None:
    assert sent(MINE, system="Mine.")[0].content == "Mine."
    assert "in place of the system text" in preview(rendered(MINE, ASKED, "Mine.", False, "en"), "en")


@pytest.mark.parametrize(
    ("template", "english", "korean"),
    [
        (Template("", "", "{questio}"), "There is no variable {questio}. Known", "{questio} 변수는 없어요"),
        (Template("", "{", "{question}"), "A brace is never closed", "닫히지 않은"),
        (Template("", "", "Hello."), "Its text for the person lacks", "{question} 변수가 없어서"),
    ],
)
def test_what_cannot_be_rendered_says_why(template: Template, english: str, korean: str) -> None:
    for language, words in (("en", english), ("ko", korean)):
        shown = rendered(template, ASKED, "", False, language)
        html = preview(shown, language)
        assert shown.prompt is None and words in shown.problem
        assert words in html and 'role="alert"' in html


def test_the_list_marks_the_opened_one_and_exports_only_what_there_is() -> None:
    html = template_list(["mine", "other"], ["Careful reader"], "other", "en")
    assert html.count("aria-current") == 1
    assert 'data-id="other" aria-current="true">other' in html
    assert 'data-do="export"' in html
    empty = template_list([], ["Careful reader"], "", "en")
    assert 'data-do="export"' not in empty and "None yet" in empty and "aria-current" not in empty


def test_the_state_tells_versions_new_ones_and_those_that_cannot_be_changed() -> None:
    assert "Version 1" in state(MINE, True, "en")
    assert "cannot be changed" in state(MINE, False, "en") and "복제해서" in state(MINE, False, "ko")
    assert "A new template" in state(None, False, "en")


def test_versions_are_newest_first_and_only_older_ones_come_back() -> None:
    kept = (MINE, Template("mine", "Be brief.\nBe kind.", "Q: {question}", version=2))
    html = versions(kept, "en")
    assert html.index("Version 2") < html.index("Version 1")
    assert "lines: +2 −1" in html
    assert html.count('data-do="restore"') == 1
    assert 'data-id="1" aria-label="Restore version 1"' in html
    assert "adds a version" in versions(kept[:1], "en") and "restore" not in versions(kept[:1], "en")


def test_a_difference_is_told_by_sign_and_word_not_only_by_colour() -> None:
    html = changes(difference(MINE, Template("mine", "Be kind.", "{question}")), "en")
    assert '<span role="img" aria-label="removed" title="removed">−</span><del>Be brief.</del>' in html
    assert '<span role="img" aria-label="added" title="added">+</span><ins>Be kind.</ins>' in html
    assert "<div><span></span><span>{question}</span></div>" in html
    assert html.index("System text") < html.index("User text")
    assert "say the same" in changes(difference(MINE, MINE), "en")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_makes_no_new_elements(text: str) -> None:
    harmless = text.replace("{", "{{").replace("}", "}}")
    evil = Template(text, harmless, harmless + "{question}", version=2)
    html = [
        template_list([text], [text], text, "en"),
        preview(rendered(evil, text, text, True, "en"), "en"),
        preview(rendered(Template("", "", text + "{x}"), text, "", False, "en"), "en"),
        versions((MINE, evil), "en"),
        changes(difference(MINE, evil), "en"),
    ]
    for piece in html:
        assert not {"script", "img", "a", "iframe", "svg", "style", "!--"} & set(Seen(piece).tags)
