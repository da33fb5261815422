import gc
import threading
import time

import pytest

from adapters.decoding.reading import pieces
from adapters.engines.transformers import TransformersEngine
from adapters.errors import EngineFull, GenerationFailed
from adapters.request import Request

pytestmark = pytest.mark.model

IDLE_WITHIN_S = 2.0


@pytest.fixture
def engine(chat_model):
    wait_until_idle(chat_model.engine)
    yield chat_model.engine
    wait_until_idle(chat_model.engine)


@pytest.fixture(scope="module")
def long_prompt(chat_model):
    ids = chat_model.get_token_ids("The river runs through the old town, and people fish in it. " * 600)
    return ids[:7000]


@pytest.fixture(scope="module")
def short_prompt(chat_model):
    return chat_model.get_token_ids("Once upon a time")


def wait_until_idle(engine, limit=30.0):
    """How long it took, in seconds."""
    began = time.monotonic()
    while engine.busy:
        assert time.monotonic() - began < limit, "still busy"
        time.sleep(0.005)
    return time.monotonic() - began


def wait_for(act, limit=5.0):
    """Tries again while the engine is full."""
    began = time.monotonic()
    while True:
        try:
            return act()
        except EngineFull:
            assert time.monotonic() - began < limit
            time.sleep(0.05)


def begin(engine, prompt, beats):
    """A running generation, of which some chunks have been read."""
    stream = engine.generate([Request(prompt, max_tokens=1000)])
    for _ in range(beats):
        next(stream)
    return stream


@pytest.mark.parametrize("round", range(10))
def test_closing_stops_a_long_prompt_within_two_seconds(engine, long_prompt, round):
    stream = begin(engine, long_prompt, beats=1 + round)
    assert engine.busy
    stream.close()
    assert wait_until_idle(engine) < IDLE_WITHIN_S


@pytest.mark.parametrize("round", range(10))
def test_closing_stops_the_writing_within_two_seconds(engine, short_prompt, round):
    stream = begin(engine, short_prompt, beats=3 + round)
    assert engine.busy
    stream.close()
    assert wait_until_idle(engine) < IDLE_WITHIN_S


def test_it_stops_deep_in_a_long_prompt_too(engine, long_prompt):
    stream = begin(engine, long_prompt, beats=30)
    stream.close()
    assert wait_until_idle(engine) < IDLE_WITHIN_S


def test_a_forgotten_stream_stops_the_model(engine, short_prompt):
    stream = begin(engine, short_prompt, beats=3)
    del stream
    gc.collect()
    assert wait_until_idle(engine) < IDLE_WITHIN_S


def test_a_consumer_that_breaks_stops_the_model(chat_model, engine):
    def consume():
        for chunk in chat_model.stream("Tell a long story.", max_tokens=1000):
            if chunk.content:
                raise KeyError("the consumer's own error")

    with pytest.raises(KeyError):
        consume()
    assert wait_until_idle(engine) < IDLE_WITHIN_S


def test_while_a_long_prompt_is_read_the_reader_is_not_kept_waiting(engine, long_prompt):
    stream = engine.generate([Request(long_prompt, max_tokens=5)])
    began = time.monotonic()
    for _ in range(10):
        chunk = next(stream)
        assert not chunk.text and chunk.finish_reason is None
    assert 0.5 < time.monotonic() - began < 3
    stream.close()


def test_a_stopped_request_says_so_and_keeps_its_text(engine, short_prompt):
    request = Request(short_prompt, max_tokens=1000)
    chunks = []
    for chunk in engine.generate([request]):
        chunks.append(chunk)
        if chunk.tokens == 5:
            engine.stop(request)
    assert chunks[-1].finish_reason == "stopped"
    assert "".join(chunk.text for chunk in chunks)
    assert chunks[-1].tokens < 10


@pytest.fixture
def narrow(chat_model):
    """An engine with a place for one request and a line for two."""
    engine = TransformersEngine(chat_model.engine.model, chat_model.tokenizer, most_rows=1, most_waiting=2)
    yield engine
    engine.close()


def test_who_finds_no_place_waits_and_can_leave_the_line(narrow, short_prompt):
    first = begin(narrow, short_prompt, beats=3)
    second = narrow.generate([Request(short_prompt, max_tokens=3)])
    assert [next(second).text for _ in range(3)] == ["", "", ""]
    second.close()
    third = narrow.generate([Request(short_prompt, max_tokens=3)])
    next(third)
    first.close()
    assert [chunk.finish_reason for chunk in third][-1] == "length"


def test_a_request_stopped_in_the_line_is_answered_at_once(narrow, short_prompt):
    first = begin(narrow, short_prompt, beats=3)
    waiting = Request(short_prompt, max_tokens=3)
    second = narrow.generate([waiting])
    next(second)
    narrow.stop(waiting)
    began = time.monotonic()
    assert [chunk.finish_reason for chunk in second][-1] == "stopped"
    assert time.monotonic() - began < 1 and narrow.busy, "the first is still running"
    first.close()


def test_the_line_is_bounded(narrow, short_prompt):
    streams = [begin(narrow, short_prompt, beats=2) for _ in range(3)]
    with pytest.raises(EngineFull, match="2 requests"):
        next(narrow.generate([Request(short_prompt, max_tokens=3)]))
    streams[1].close()
    wait_for(lambda: begin(narrow, short_prompt, beats=1))
    for stream in streams:
        stream.close()


def test_one_of_a_batch_is_stopped_and_the_others_go_on(engine, short_prompt):
    requests = [Request(short_prompt, max_tokens=12) for _ in range(3)]
    ends = {}
    for chunk in engine.generate(requests):
        if chunk.index == 1 and chunk.tokens == 3:
            engine.stop(requests[1])
        if chunk.finish_reason:
            ends[chunk.index] = (chunk.finish_reason, chunk.tokens)
    assert ends[0] == ends[2] == ("length", 12)
    assert ends[1][0] == "stopped" and ends[1][1] < 12


def test_requests_of_one_batch_keep_their_own_settings(engine, chat_model):
    prompts = [chat_model.get_token_ids(text) for text in ("One, two, three,", "A B C D E F")]
    requests = [
        Request(prompts[0], max_tokens=4),
        Request(prompts[1], max_tokens=9, temperature=1.0, top_p=0.5, seed=3),
        Request(prompts[0], max_tokens=20, stop=(" six",)),
    ]
    texts, ends = ["", "", ""], {}
    for chunk in engine.generate(requests):
        texts[chunk.index] += chunk.text
        if chunk.finish_reason:
            ends[chunk.index] = chunk.finish_reason
    assert ends[0] == "length" and len(ends) == 3
    assert texts[2].startswith(texts[0][:5]) and " six" not in texts[2]


def test_a_failure_reaches_the_reader_with_what_was_written_and_the_next_is_answered(engine, short_prompt):
    calls = []

    def break_later(module, inputs):
        calls.append(1)
        if len(calls) == 6:
            raise RuntimeError("the processor caught fire")

    hook = engine.model.model.layers[3].register_forward_pre_hook(break_later)
    text = ""
    try:
        with pytest.raises(GenerationFailed, match="caught fire") as caught:
            for chunk in engine.generate([Request(short_prompt, max_tokens=50)]):
                text += chunk.text
    finally:
        hook.remove()
    assert text and caught.value.values["partial"] == (text,)
    assert "caught fire" in caught.value.text("ko")
    *_, last = engine.generate([Request(short_prompt, max_tokens=2)])
    assert last.finish_reason == "length"


def test_many_readers_at_once_each_get_their_own_text(reference_model):
    engine, chat_model = reference_model.engine, reference_model
    words = ["cats", "rivers", "bread", "music"]
    prompts = [chat_model.get_token_ids(f"A few words about {word}:") for word in words]

    def answer(prompt):
        return "".join(chunk.text for chunk in engine.generate([Request(prompt, max_tokens=8)]))

    alone = [answer(prompt) for prompt in prompts]
    together = [""] * len(prompts)

    def run(at):
        together[at] = answer(prompts[at])

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_closing_the_engine_ends_what_runs_and_its_thread(chat_model, short_prompt):
    engine = TransformersEngine(chat_model.engine.model, chat_model.tokenizer)
    stream = begin(engine, short_prompt, beats=3)
    engine.close()
    assert [chunk.finish_reason for chunk in stream][-1] == "stopped"
    assert not engine.busy and engine.model is None
    with pytest.raises(GenerationFailed, match="closed"):
        next(engine.generate([Request(short_prompt, max_tokens=3)]))


@pytest.mark.parametrize(("length", "rows"), [(0, 1), (1, 1), (7000, 1), (300, 32), (9000, 500)])
def test_the_pieces_of_a_prompt_cover_it_and_shrink(length, rows):
    found = list(pieces(length, rows))
    assert [start for start, _ in found] == [0, *(end for _, end in found)][: len(found)]
    assert (found[-1][1] if found else 0) == length
    sizes = [end - start for start, end in found][:-1]
    assert sizes == sorted(sizes, reverse=True)
