"""What was read before: the store by itself, and on the running engine."""

import threading

import pytest
import torch

from adapters.decoding.cache import BatchCache
from adapters.decoding.call import Call, Row
from adapters.decoding.prefix import PrefixStore
from adapters.decoding.reading import PREFILL_TOKENS, keep_answer
from adapters.engines.transformers import TransformersEngine
from adapters.request import Request

ANN, BEN = ("ann", ()), ("ben", ())
POET = ("ann", (("poet", 1.0),))
BYTES = 2 * 2 * 3 * 4 * 4
"""Of one token: two layers, keys and values, three heads of size four, in float32."""


def layers(tokens, salt=0):
    """Keys and values that tell which token they are of."""
    states = torch.tensor([float(token + salt) for token in tokens]).expand(3, -1)[:, :, None].repeat(1, 1, 4)
    return [(states + layer, -states - layer) for layer in range(2)]


def kept(store, key, tokens):
    count = store.find(key, tokens)
    return [int(value) for value in store.read(key, tokens[:count])[0][0][0, :, 0]] if count else []


def test_the_longest_common_beginning_is_found():
    store = PrefixStore(10**6)
    store.add(ANN, [1, 2, 3, 4], layers([1, 2, 3, 4]))
    store.add(ANN, [1, 2, 7, 8, 9], layers([1, 2, 7, 8, 9]))
    assert kept(store, ANN, [1, 2, 3, 4, 5]) == [1, 2, 3, 4]
    assert kept(store, ANN, [1, 2, 7, 8, 1]) == [1, 2, 7, 8]
    assert kept(store, ANN, [1, 2]) == [1, 2] and kept(store, ANN, [1, 5]) == [1]
    assert kept(store, ANN, [2, 1]) == [] and kept(store, ANN, []) == []


def test_what_prompts_share_is_kept_once_and_the_bytes_are_right():
    store = PrefixStore(10**6)
    store.add(ANN, [1, 2, 3, 4], layers([1, 2, 3, 4]))
    store.add(ANN, [1, 2, 7, 8, 9], layers([1, 2, 7, 8, 9]))
    store.add(ANN, [1, 2, 3], layers([1, 2, 3]))
    assert store.bytes == 7 * BYTES


def test_the_store_keeps_copies():
    store, given = PrefixStore(10**6), layers([1, 2, 3])
    store.add(ANN, [1, 2, 3], given)
    given[0][0].zero_()
    assert kept(store, ANN, [1, 2, 3]) == [1, 2, 3]


class Short(PrefixStore):
    """A store on a machine whose memory is full when the second copy is made."""

    def _make_room(self):
        super()._make_room()
        if len(self._roots) > 1:
            raise torch.OutOfMemoryError("no room for the copy")


def test_where_a_copy_finds_no_memory_all_is_let_go_and_nobody_is_failed():
    def row(owner):
        return Row(Call([Request([1, 2, 3], 4, owner=owner)]), 0, None, frozenset(), 0)

    def answered(owner):
        cache = BatchCache(2)
        cache.join([layers([1, 2, 3])], [3])
        keep_answer(store, row(owner), cache, 0)

    store = Short(10**6)
    answered("ann")
    assert store.find(ANN, [1, 2, 3]) == 3
    answered("ben")
    assert store.find(ANN, [1, 2, 3]) == store.find(BEN, [1, 2, 3]) == store.bytes == 0
    answered("ben")
    assert store.find(BEN, [1, 2, 3]) == 3, "it goes on keeping"


def test_nothing_crosses_between_owners_or_adapters():
    store = PrefixStore(10**6)
    store.add(ANN, [1, 2, 3], layers([1, 2, 3]))
    assert store.find(BEN, [1, 2, 3]) == store.find(POET, [1, 2, 3]) == store.find(("", ()), [1, 2, 3]) == 0
    store.add(POET, [1, 2, 3], layers([1, 2, 3], salt=50))
    assert kept(store, POET, [1, 2, 3]) == [51, 52, 53] and kept(store, ANN, [1, 2, 3]) == [1, 2, 3]
    store.forget_adapters({"poet"})
    assert store.find(POET, [1, 2, 3]) == 0 and kept(store, ANN, [1, 2, 3]) == [1, 2, 3]
    assert store.bytes == 3 * BYTES


def test_the_oldest_leaves_first_and_the_limit_holds():
    store = PrefixStore(8 * BYTES)
    store.add(ANN, [1, 2, 3], layers([1, 2, 3]))
    store.add(BEN, [4, 5, 6], layers([4, 5, 6]))
    store.read(ANN, [1, 2, 3])
    store.add(ANN, [1, 2, 3, 7, 8, 9], layers([1, 2, 3, 7, 8, 9]))
    assert store.bytes <= store.limit
    assert store.find(BEN, [4, 5, 6]) == 0 and store.find(ANN, [1, 2, 3, 7, 8, 9]) == 6
    store.add(BEN, list(range(20, 40)), layers(range(20, 40)))
    assert store.find(BEN, list(range(20, 40))) == 0, "larger than the whole store: not kept"
    assert store.find(ANN, [1, 2, 3]) == 3


def test_a_thousand_random_prompts_never_give_a_wrong_token():
    generator, store = torch.Generator().manual_seed(1), PrefixStore(60 * BYTES)
    for _ in range(1000):
        length = int(torch.randint(1, 9, (1,), generator=generator))
        tokens = torch.randint(0, 3, (length,), generator=generator).tolist()
        key = ANN if torch.rand(1, generator=generator) < 0.5 else BEN
        found = kept(store, key, tokens)
        assert found == tokens[: len(found)]
        store.add(key, tokens, layers(tokens))
        assert kept(store, key, tokens) == tokens and store.bytes <= store.limit


@pytest.fixture
def engine(reference_model):
    engine = TransformersEngine(reference_model.engine.model, reference_model.tokenizer, prefix_bytes=10**9)
    yield engine
    engine.close()


@pytest.fixture
def read(engine):
    """The tokens that go through the model, counted."""
    counts = []
    embedding = engine.model.get_input_embeddings()
    hook = embedding.register_forward_pre_hook(lambda module, args: counts.append(args[0].numel()))
    yield counts
    hook.remove()


def answer(engine, *requests):
    texts = [""] * len(requests)
    for chunk in engine.generate(requests):
        texts[chunk.index] += chunk.text
    return texts if len(texts) > 1 else texts[0]


@pytest.mark.model
def test_a_second_turn_reads_only_what_is_new_and_answers_the_same(engine, reference_model, read):
    ids = reference_model.get_token_ids
    first = ids("The mill stands by the river. " * 25 + "Where does the mill stand?")
    said = answer(engine, Request(first, max_tokens=8, owner="ann"))
    second = first + ids(said) + ids(" And beside the old mill there is")
    read.clear()
    again = answer(engine, Request(second, max_tokens=8, owner="ann"))
    assert again
    new, written = len(second) - len(first), 8
    assert sum(read) < new + written < len(first) / 4
    read.clear()
    assert answer(engine, Request(second, max_tokens=8, owner="ben")) == again
    assert sum(read) >= len(second), "another owner's prompt is read from its beginning"
    engine.prefixes.clear()
    assert answer(engine, Request(second, max_tokens=8, owner="ann")) == again


@pytest.mark.model
def test_the_same_prompt_again_gives_the_very_same_text_in_bfloat16(chat_model):
    def ask():
        return chat_model.invoke("What is a lighthouse? " * 9, temperature=1.0, max_tokens=16, seed=5).content

    assert ask() == ask() == ask()


@pytest.mark.model
def test_many_questions_on_one_block_read_it_once(engine, reference_model, read):
    ids = reference_model.get_token_ids
    block = ids("A bridge, a mill, a market and an old tower are in the town. " * 18)
    assert len(block) > PREFILL_TOKENS / 2, "so long that no two prompts are read in one piece"
    prompts = [block + ids(f" Question {at}: what is in the town?") for at in range(5)]
    requests = [Request(prompt, max_tokens=4) for prompt in prompts]
    together = answer(engine, *requests)
    assert sum(read) < len(block) + 5 * 40 < 2 * len(block)
    engine.prefixes.clear()
    alone = [
        answer(engine, Request(prompt, max_tokens=4, owner=str(at))) for at, prompt in enumerate(prompts)
    ]
    assert together == alone


@pytest.mark.model
def test_the_store_on_the_engine_stays_within_its_limit(reference_model):
    limit = 2_500_000
    engine = TransformersEngine(reference_model.engine.model, reference_model.tokenizer, prefix_bytes=limit)
    prompts = [reference_model.get_token_ids(f"{at} stones lie in the river. " * 3) for at in range(6)]
    texts = [answer(engine, Request(prompt, max_tokens=3)) for prompt in prompts]
    assert 0 < engine.prefixes.bytes <= limit
    assert [answer(engine, Request(prompt, max_tokens=3)) for prompt in prompts] == texts
    engine.close()
    assert engine.prefixes.bytes == 0


@pytest.mark.model
def test_what_is_forgotten_is_one_owners_only(engine, reference_model, read):
    prompt = reference_model.get_token_ids("The tower was built of stone and oak. " * 20)
    for owner in ("ann", "ben"):
        answer(engine, Request(prompt, max_tokens=3, owner=owner))
    reference_model.model_copy(update={"owner": "ann", "engine": engine}).forget()
    for owner, again in (("ann", True), ("ben", False)):
        read.clear()
        answer(engine, Request(prompt, max_tokens=3, owner=owner))
        assert (sum(read) >= len(prompt) - 1) == again


@pytest.mark.model
def test_two_owners_at_once_with_the_same_prompt_share_nothing(engine, reference_model, read):
    prompt = reference_model.get_token_ids("The tower was built of stone and oak. " * 20)
    texts = {}

    def run(owner):
        texts[owner] = answer(engine, Request(prompt, max_tokens=3, owner=owner))

    threads = [threading.Thread(target=run, args=(owner,)) for owner in ("ann", "ben", "")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(read) >= 3 * (len(prompt) - 1)
    assert len(set(texts.values())) == 1
