"""Both languages say the same things, and nothing is said that nobody reads."""

import re
from pathlib import Path

import pytest

from app.language import declared, label, translations
from app.locales import known_language, languages, say, texts

APP = Path(__file__).resolve().parents[2] / "app"
GAP = re.compile(r"\{(\w*)\}")
HANGUL = re.compile(r"[\uac00-\ud7a3]")
# Keys that are put together: "ending." + answer.finish_reason and the like.
FAMILIES = (
    "ending.",
    "notice.",
    "role.",
    "state.",
    "model.",
    "file.",
    "documents.",
    "error.conversation.",
    "add.",
    "card.",
    "models.",
    "templates.variable.",
    "compare.",
    "grid.",
    "error.columns.",
    "answer_type.",
    "sets.",
    "drafts.",
    "runs.",
    "error.run.",
)


def sources() -> str:
    return "\n".join(
        path.read_text("utf-8") for path in APP.rglob("*") if path.suffix in {".py", ".js"} and path.is_file()
    )


def test_the_languages_have_the_same_keys_in_the_same_order():
    assert languages() == ("en", "ko")
    assert list(texts("en")) == list(texts("ko"))


@pytest.mark.parametrize("key", texts("en"))
def test_a_text_has_the_same_gaps_and_its_own_language(key):
    english, korean = texts("en")[key], texts("ko")[key]
    assert sorted(GAP.findall(english)) == sorted(GAP.findall(korean))
    assert english.strip() and korean.strip()
    assert not HANGUL.search(english)
    assert HANGUL.search(korean)
    assert not re.search(r"\}(을|를|이|가|은|는|과|와)[\s.,]|을\(를\)|이\(가\)|은\(는\)", korean)


def test_every_text_is_used_and_every_used_text_exists():
    source = sources()
    written = set(re.findall(r"[\"'`]([a-z_]+(?:\.[a-z_0-9]+)+)[\"'`]", source))
    known = set(texts("en"))
    unused = {key for key in known - written if not key.startswith(FAMILIES)}
    assert unused == set()
    spoken = set(re.findall(r"(?:\bsay|\blabel|maru\.say)\(\s*f?[\"'`]([^\"'`{$]+)[\"'`]", source))
    assert {key for key in spoken if not key.endswith(".")} <= known | set(declared())


def test_declared_texts_join_the_translations():
    both = translations().translations
    assert both["ko"]["technique.few_shot.label"] == "퓨샷"
    assert set(both["en"]) == set(both["ko"])


def test_say_fills_gaps_and_names_what_is_missing():
    assert say("source.page", "ko-KR", page=3) == "3쪽"
    with pytest.raises(KeyError):
        say("source.page", "en")
    with pytest.raises(KeyError):
        label("no.such.text")


@pytest.mark.parametrize(
    ("sent", "known"),
    [("ko", "ko"), ("ko-KR", "ko"), ("en-US", "en"), ("fr", "en"), (None, "en"), (3, "en"), ("../ko", "en")],
)
def test_any_client_gets_a_known_language(sent, known):
    assert known_language(sent) == known
