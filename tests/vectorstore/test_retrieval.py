from collections.abc import Callable
from pathlib import Path

import pytest

from vectorstore import retrievers
from vectorstore.ingest import add
from vectorstore.passage import RELEVANT, from_document
from vectorstore.retrievers.hybrid import fuse
from vectorstore.store import Store

Write = Callable[[str, str | bytes], Path]

TEXTS = {
    "penguins.txt": "Penguins live in the far south. They feed on krill and small fish caught under water.",
    "camels.txt": "Camels cross the desert. They store fat in their humps and go for weeks without drinking.",
    "volcano.txt": "Mount Etna is a volcano in Sicily. It erupted many times in the last century.",
    "한강.txt": "한강은 서울을 동서로 흐르는 강이다. 길이는 494킬로미터이며 서해로 흘러든다.",
    "김치.txt": "김치는 배추를 소금에 절여 고춧가루와 마늘로 양념한 뒤 발효시킨 음식이다.",
    "한글.txt": "세종대왕은 1443년에 훈민정음을 만들었고, 1446년에 이를 반포하였다.",
}


@pytest.fixture
def filled(store: Store, write: Write) -> Store:
    list(add(store, "c", [write(name, text) for name, text in TEXTS.items()]))
    return store


@pytest.mark.parametrize("key", retrievers.keys())
def test_every_retriever_keeps_its_contract(key: str, filled: Store) -> None:
    retrieval = retrievers.get(key)
    for language in ("en", "ko"):
        assert retrieval.label[language] and retrieval.help[language]
    documents = filled.retriever("c", key, 2).invoke("What do penguins feed on?")
    assert 1 <= len(documents) <= 2
    passages = [from_document(document) for document in documents]
    assert passages[0].source == "penguins.txt"
    assert passages == sorted(passages, key=lambda passage: -passage.score)
    for passage in passages:
        assert passage.text == TEXTS[passage.source][passage.start : passage.end]
        assert passage.relevance is not None and 0 <= passage.relevance <= 1
    for empty in ("", "   ", "?!", "\ud800", "\0"):
        filled.retriever("c", key, 2).invoke(empty)


def test_meaning_is_found_without_the_words(filled: Store) -> None:
    found = filled.search("c", "Which animal survives thirst on sand?", 1, "dense")
    assert found[0].source == "camels.txt"


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("한강의 길이는 얼마인가요?", "한강.txt"),
        ("훈민정음은 누가 만들었나요?", "한글.txt"),
        ("김치는 배추를 무엇으로 양념하나요?", "김치.txt"),
        ("What do penguins feed on?", "penguins.txt"),
        ("Where is Mount Etna?", "volcano.txt"),
    ],
)
def test_both_languages_are_found_and_known_to_be_relevant(filled: Store, question: str, source: str) -> None:
    best = filled.search("c", question, 3)[0]
    assert best.source == source
    assert best.relevance is not None and best.relevance >= RELEVANT


@pytest.mark.parametrize(
    "question",
    [
        "프랑스 혁명은 언제 일어났나요?",
        "양자 컴퓨터의 원리를 설명해 줘",
        "Who won the football cup in 1998?",
        "zxqv",
    ],
)
def test_what_is_not_there_is_known_to_be_irrelevant(filled: Store, question: str) -> None:
    assert all((hit.relevance or 0) < RELEVANT for hit in filled.search("c", question, 4))


def test_relevance_works_in_a_collection_of_one(store: Store, write: Write) -> None:
    list(add(store, "c", [write("한강.txt", TEXTS["한강.txt"])]))
    assert (store.search("c", "한강의 길이는?")[0].relevance or 0) >= RELEVANT
    assert all((hit.relevance or 0) < RELEVANT for hit in store.search("c", "펭귄은 무엇을 먹나요?"))


def test_the_same_text_goes_into_a_prompt_once(store: Store, write: Write) -> None:
    list(add(store, "c", [write(f"{n}.txt", "Penguins eat fish.") for n in range(3)]))
    for key in retrievers.keys():  # noqa: SIM118 (a function, not a dict)
        assert len(store.retriever("c", key, 4).invoke("What do penguins eat?")) == 1
        assert len(store.search("c", "What do penguins eat?", 4, key)) == 3


def test_an_empty_collection_finds_nothing(store: Store) -> None:
    store.create("c")
    for key in retrievers.keys():  # noqa: SIM118
        assert store.search("c", "anything", 4, key) == []


def test_an_english_embedder_does_not_drag_korean_down(filled: Store) -> None:
    question = "서울을 흐르는 강은?"
    assert filled.search("c", question, 4, "dense") == []
    hybrid, lexical = (filled.search("c", question, 4, key) for key in ("hybrid", "lexical"))
    assert [hit.id for hit in hybrid] == [hit.id for hit in lexical]


def test_fusion_is_by_rank_and_weight() -> None:
    first, second = [(1, 9.0), (2, 8.0)], [(3, 0.9), (2, 0.1)]
    assert [key for key, _ in fuse([(first, 1.0), (second, 1.0)])] == [2, 1, 3]
    assert [key for key, _ in fuse([(first, 1.0), (second, 0.0)])] == [1, 2, 3]
    assert fuse([([], 1.0), ([], 1.0)]) == []
