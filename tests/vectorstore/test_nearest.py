"""The nearest of some texts: by a real embedder in a real Chroma, by words where no embedder reads them."""

import threading

import pytest

from tests.vectorstore.embedders import OtherWeights
from vectorstore import nearest as module
from vectorstore.embedders import get
from vectorstore.errors import StoreFailed
from vectorstore.nearest import fingerprint, nearest
from vectorstore.store import ChromaVectors

POOL = [
    "What is the capital of Portugal?",
    "The film was a delight from start to end.",
    "A train travels 60 km in 2 hours. How fast is it?",
    "Which planet is closest to the Sun?",
    "I was bored to tears by this movie.",
]
KOREAN = ["포르투갈의 수도는 어디인가요?", "기차가 2시간에 60킬로미터를 갑니다.", "영화가 정말 지루했어요."]


@pytest.mark.model
@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("What is the capital of France?", 0),
        ("A car drives 90 miles in 3 hours. What is its speed?", 2),
        ("Mars orbits which star?", 3),
        ("What a dull picture, I nearly fell asleep.", 4),
        (POOL[1], 1),
    ],
)
def test_the_text_that_means_the_like_comes_first(query: str, best: int) -> None:
    found = nearest(POOL, query, 3, get("minilm"))
    assert found[0] == best
    assert len(set(found)) == 3
    assert nearest(POOL, query, 3, get("minilm")) == found
    assert nearest(POOL, query, 99, get("minilm"))[:3] == found


class Counting(OtherWeights):
    """Counts the texts that it embedded."""

    def __init__(self) -> None:
        self.embedded = 0

    def embed_passages(self, texts):  # type: ignore[no-untyped-def]
        self.embedded += len(texts)
        return super().embed_passages(texts)


def test_a_pool_is_embedded_once_for_everybody() -> None:
    embedder, pool = Counting(), [f"one of the texts {n}" for n in range(20)]
    found: list[list[int]] = []
    threads = [
        threading.Thread(target=lambda: found.append(nearest(pool, "text", 4, embedder))) for _ in "1234"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len({tuple(one) for one in found}) == 1
    assert embedder.embedded == 20 + 4  # a query is embedded like a text by this one
    nearest([*pool, "another"], "text", 4, embedder)
    assert embedder.embedded == 20 + 4 + 21 + 1


def test_old_pools_go_and_come_back() -> None:
    pools = module._Pools(ChromaVectors(None))
    embedder = OtherWeights()
    for n in range(module.MOST_POOLS + 3):
        assert pools.nearest([f"pool {n}", "eee", "a long text " * n], f"pool {n}", 1, embedder) == [0]
    assert len(pools._known) == module.MOST_POOLS
    assert pools.nearest(["pool 0", "eee", ""], "pool 0", 1, embedder) == [0]


def test_the_best_of_many_are_the_true_ones() -> None:
    embedder = OtherWeights()
    pool = [f"{'e' * (n % 17)}{'x' * n}" for n in range(1, 700)]
    query = "eeeexxxxxxxxxxxxxxxxxxxxxxx"
    cosines = embedder.embed_passages(pool) @ embedder.embed_query(query)[0]
    true = sorted(range(len(pool)), key=lambda number: (-round(float(cosines[number]), 6), number))[:4]
    assert {round(float(cosines[n]), 5) for n in nearest(pool, query, 4, embedder)} == {
        round(float(cosines[n]), 5) for n in true
    }


def test_the_same_text_comes_once_and_few_are_no_error() -> None:
    embedder = OtherWeights()
    assert sorted(nearest(["a", "bee", "a", "bee"], "a", 4, embedder)) == [0, 1]
    assert nearest([], "a", 4, embedder) == []
    assert nearest(["a"], "a", 0, embedder) == []
    assert nearest(["a\ud800", "b"], "a\ud800", 2, embedder)


def test_what_no_embedder_reads_is_compared_by_words() -> None:
    assert nearest(KOREAN, "프랑스의 수도는 무엇인가요?", 2, OtherWeights())[0] == 0
    assert nearest(KOREAN, "영화는 지루하고 길었다", 1, OtherWeights()) == [2]
    assert nearest(KOREAN, "12 + 34", 2, OtherWeights()) == [0, 1]


def test_vectors_in_memory_say_what_is_wrong() -> None:
    vectors = ChromaVectors(None)
    with pytest.raises(StoreFailed, match="memory"):
        vectors.add("x", ["1"], OtherWeights().embed_passages(["a"]))  # Chroma wants longer names


def test_the_fingerprint_names_the_embedders_of_this_disk() -> None:
    assert get("minilm").fingerprint in fingerprint()
