"""Every metric against its contract, and against values worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from chains.cite import cite
from chains.compare.cell import Cell, Generation
from chains.compare.experiment import Column
from chains.compare.metrics import Metric, metric, metrics
from chains.compare.metrics.chrf import chrf
from chains.compare.metrics.contains import holds
from chains.compare.metrics.rouge_l import rouge_l
from chains.compare.overlap import comes_from
from chains.compare.question_set import ANSWER_TYPES, Item
from chains.compare.tools import NO_TOOLS, Tools, Verdict
from chains.errors import MetricNotFound
from tests.fakes import passage

CITIES = ("Paris", "London", "Rome")
PASSAGE = "The bridge was built in 1932 by the engineer Anna Berg. It crosses the river near the old mill."
EN = Item("1", "Who built the bridge?", ("Anna Berg", "the engineer Anna Berg"), passage=PASSAGE)
KO = Item("2", "다리는 누가 지었나요?", ("홍길동",), passage="다리는 1932년에 홍길동이 지었다.")
CHOICE = Item("3", "Where?", ("London",), choices=CITIES)
NUMBER = Item("4", "How many?", ("1,200",))
UNANSWERABLE = Item("5", "Who painted the bridge?", passage=PASSAGE, answerable=False)
HOSTILE = (
    *("", " ", "\x00", "\ud800", "\U0001f600" * 50, "a" * 5000, "가" * 5000, "<|im_end|>", "{question}"),
    *("9" * 500, "1/0", "((((", "[1][2]", "\u202eabc", "\n\n\n", "‘’《》", "NaN", "inf", "-0", "1e400"),
    *("%s%n", "\u1112\u1161\u11ab"),
)


def answer(item: Item, text: str, **rest: object) -> Cell:
    return replace(Cell("a", item.id, 0, "key", text=text), **rest)  # type: ignore[arg-type]


def grounded(item: Item, text: str, *texts: str) -> Cell:
    passages = tuple(passage(one, source=f"{n}.txt") for n, one in enumerate(texts))
    sentences, citations = cite(text, passages)
    return answer(item, text, passages=passages, sentences=sentences, citations=citations)


def value(key: str, item: Item, text: str, tools: Tools = NO_TOOLS, **rest: object) -> float | None:
    return metric(key).score(item, answer(item, text, **rest), tools)


def letters_as_vectors(texts: object) -> np.ndarray:
    """An embedder that counts letters: near texts have near vectors."""
    rows = np.array([[text.lower().count(chr(97 + at)) + 0.01 for at in range(26)] for text in texts])  # type: ignore[attr-defined]
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("one", metrics().values(), ids=metrics())
def test_contract(one: Metric) -> None:
    for text in (one.label, one.help, *([one.unit] if one.unit else [])):
        assert set(text) == {"en", "ko"}
        assert all(words.strip() for words in text.values())
    assert one.source.title
    assert one.source.url.startswith("https://")
    assert one.suits
    assert set(one.suits) <= set(ANSWER_TYPES)
    assert one.better in ("higher", "lower", None)
    assert set(one.needs) <= {"embedder", "likelihood", "judge"}
    assert isinstance(one.applies(EN, Column("a")), bool)


@pytest.mark.parametrize("one", metrics().values(), ids=metrics())
def test_always_a_share_of_one_or_nothing(one: Metric) -> None:
    tools = Tools(embed=letters_as_vectors, verdicts={("a", "1", 0): Verdict(0.25)})
    for item in (EN, KO, CHOICE, NUMBER, UNANSWERABLE, Item("6", "?")):
        for text in HOSTILE:
            for cell in (answer(item, text), grounded(item, text, PASSAGE, text)):
                found = one.score(item, cell, tools)
                assert found is None or math.isfinite(found)
                assert found is None or one.unit is not None or 0.0 <= found <= 1.0


COMPARING = ("exact_match", "token_f1", "contains", "rouge_l", "chrf", "semantic_similarity")


@pytest.mark.parametrize("key", COMPARING)
@pytest.mark.parametrize("text", ["Anna Berg", "홍길동 대왕", "x", "The end.", "1932", "a b c d e f g"])
def test_the_right_answer_scores_one_and_none_scores_zero(key: str, text: str) -> None:
    item = Item("1", "Who?", (text,))
    tools = Tools(embed=letters_as_vectors)
    assert value(key, item, text, tools) == pytest.approx(1.0)
    assert value(key, item, "", tools) == 0.0
    assert value(key, UNANSWERABLE, text, tools) is None


@pytest.mark.parametrize("key", COMPARING)
def test_the_best_right_answer_counts(key: str) -> None:
    tools = Tools(embed=letters_as_vectors)
    alone = value(key, Item("1", "Who?", ("Bo Holm",)), "Anna Berg", tools)
    both = value(key, Item("1", "Who?", ("Bo Holm", "Anna Berg")), "Anna Berg", tools)
    assert alone is not None and both is not None
    assert alone < both == pytest.approx(1.0)


def test_contains_wants_whole_words_and_whole_numbers() -> None:
    assert holds("It was Anna Berg, I think.", "anna berg") == 1.0
    assert holds("Annabelle", "Anna") == 0.0
    assert holds("답은 홍길동이에요.", "홍길동") == 1.0
    assert holds("답은 홍 길동이에요.", "홍길동") == 1.0
    assert holds("1989년에 지었다", "19", "ko") == 0.0
    assert holds("1989", "19") == 0.0
    assert holds("서기 1989년", "89년") == 0.0
    assert holds("1989년과 89년", "89년") == 1.0


def test_rouge_l_by_hand() -> None:
    # the paper's example: "police … the gunman" in the first, "the gunman" in the second
    assert rouge_l("police kill the gunman", "police killed the gunman") == pytest.approx(2 * 3 / 8)
    assert rouge_l("the gunman kill police", "police killed the gunman") == pytest.approx(2 * 2 / 8)
    assert rouge_l("다리를 지었다", "다리가 지어졌다") == pytest.approx(2 * 4 / (6 + 7))  # 다 리 지 다
    assert rouge_l("...", "...") == 0.0


def test_chrf_by_hand() -> None:
    # one character of two right, no bigram: precision (1/2 + 0)/2, recall the same
    assert chrf("ab", ("ac",)) == pytest.approx(0.25)
    # precision (2/3 + 1/2)/2, recall (1 + 1)/2 over the orders both have; F with recall twice as heavy
    precision, recall = (2 / 3 + 1 / 2) / 2, 1.0
    assert chrf("가나다", ("가나",)) == pytest.approx(5 * precision * recall / (4 * precision + recall))


def test_last_number() -> None:
    assert value("last_number", NUMBER, "100 and 1,100 make 1200 in all.") == 1.0
    assert value("last_number", NUMBER, "1200, not 1300") == 0.0
    assert value("last_number", NUMBER, "천이백 개예요, 곧 1천 2백 개") == 1.0
    assert value("last_number", NUMBER, "none") == 0.0
    assert value("last_number", EN, "1200") is None


def test_choice_by_letter_or_text() -> None:
    assert value("choice_letter", CHOICE, "(B)") == 1.0
    assert value("choice_letter", CHOICE, "It is London.") == 1.0
    assert value("choice_letter", CHOICE, "Answer: C") == 0.0
    assert value("choice_letter", CHOICE, "") == 0.0
    assert value("choice_letter", EN, "B") is None


def test_choice_by_likelihood() -> None:
    assert value("choice_likelihood", CHOICE, "", log_likelihoods=(-2.0, -1.0, -3.0)) == 1.0
    assert value("choice_likelihood", CHOICE, "B", log_likelihoods=(-1.0, -2.0, -3.0)) == 0.0
    assert value("choice_likelihood", CHOICE, "B") is None
    # by length: Paris -5/5, London -5.4/6, Rome -4/4
    told = {"text_log_likelihoods": (-5.0, -5.4, -4.0)}
    assert value("choice_likelihood_text", CHOICE, "", **told) == 1.0
    assert value("choice_likelihood_text", CHOICE, "", log_likelihoods=(-5.0, -5.4, -4.0)) is None


def test_groundedness_is_the_share_of_supported_sentences() -> None:
    text = "The bridge was built in 1932. Whales sing at night in cold water. Shall I go on?"
    assert metric("groundedness").score(EN, grounded(EN, text, PASSAGE), NO_TOOLS) == 0.5
    assert metric("groundedness").score(EN, answer(EN, text), NO_TOOLS) is None
    assert metric("groundedness").score(EN, grounded(EN, "I don't know.", PASSAGE), NO_TOOLS) is None


def test_citations_are_held_against_the_passage_with_the_answer() -> None:
    other = "Whales sing at night in cold water, far from every coast and all the ships."
    both = grounded(EN, "The bridge was built in 1932. Whales sing at night in cold water.", other, PASSAGE)
    wrong = grounded(EN, "Whales sing at night in cold water.", other, PASSAGE)
    assert [one.n for one in both.citations] == [2, 1]
    assert metric("citation_precision").score(EN, both, NO_TOOLS) == 0.5
    assert metric("citation_recall").score(EN, both, NO_TOOLS) == 1.0
    assert metric("citation_precision").score(EN, wrong, NO_TOOLS) == 0.0
    assert metric("citation_recall").score(EN, wrong, NO_TOOLS) == 0.0
    silent = grounded(EN, "I don't know.", other, PASSAGE)
    assert metric("citation_precision").score(EN, silent, NO_TOOLS) is None
    assert metric("citation_recall").score(EN, silent, NO_TOOLS) == 0.0
    assert metric("citation_recall").score(UNANSWERABLE, both, NO_TOOLS) is None
    nothing = answer(EN, "No passage was found.", finish_reason="nothing_found")
    assert metric("citation_recall").score(EN, nothing, NO_TOOLS) == 0.0


def test_a_passage_cut_in_another_way_is_still_the_same() -> None:
    assert comes_from(PASSAGE[20:], PASSAGE)
    assert comes_from(PASSAGE.replace(" ", "\n"), PASSAGE.upper())
    assert comes_from(PASSAGE, PASSAGE + " And so on. " + "Other things are told here. " * 20)
    assert not comes_from("The bridge near the mill is old, and a river is there.", PASSAGE)
    assert not comes_from("", PASSAGE)
    assert comes_from("다리는 1932년에 홍길동이", "다리는 1932년에 홍길동이 지었다.")


def test_refusal() -> None:
    assert value("refusal", UNANSWERABLE, "I don't know.") == 1.0
    assert value("refusal", UNANSWERABLE, "Anna Berg") == 0.0
    assert value("refusal", EN, "I don't know.") == 0.0
    assert value("refusal", EN, "Somebody else") == 1.0
    assert value("refusal", UNANSWERABLE, "") == 0.0
    assert value("refusal", UNANSWERABLE, "Nothing fits.", finish_reason="nothing_found") == 1.0


def test_length_counts_words_and_is_neither_good_nor_bad() -> None:
    assert value("length", EN, "one two  three") == 3.0
    assert value("length", KO, "다리를 지은 사람은 홍길동이에요.") == 4.0
    assert metric("length").better is None


def test_the_judge_is_read_by_place() -> None:
    tools = Tools(verdicts={("a", "1", 0): Verdict(0.75), ("a", "2", 0): Verdict(None, "hm")})
    assert value("judge", EN, "x", tools) == 0.75
    assert value("judge", KO, "x", tools) is None
    assert value("judge", CHOICE, "x", tools) is None
    assert metric("judge").missing(EN, NO_TOOLS) is not None


def test_similarity_only_where_the_embedder_reads_the_language() -> None:
    latin = Tools(embed=letters_as_vectors, script="latin")
    assert value("semantic_similarity", KO, "홍길동", latin) is None
    assert value("semantic_similarity", EN, "안나 베르크", latin) == 0.0
    assert value("semantic_similarity", Item("1", "When?", ("1932",)), "1932", latin) is not None
    reason = metric("semantic_similarity").missing(KO, latin)
    assert reason is not None and "language" in reason["en"]
    assert metric("semantic_similarity").missing(EN, latin) is None
    assert metric("semantic_similarity").missing(EN, NO_TOOLS) is not None


def test_an_unknown_metric_is_named_with_those_there_are() -> None:
    with pytest.raises(MetricNotFound, match=r'"bleu".*exact_match'):
        metric("bleu")


def test_the_last_prompt_is_that_of_the_answer() -> None:
    assert Cell("a", "1", 0, "k", generations=(Generation("search", query="x"),)).messages == ()
