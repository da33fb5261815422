import gc
import threading
import time
from dataclasses import replace

import pytest

from adapters.decoding.reading import pieces
from adapters.engines.transformers import TransformersEngine
from adapters.errors import EngineFull, GenerationFailed, WaitedTooLong
from adapters.request import Request
from tests.patience import soon

pytestmark = pytest.mark.model


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


def wait_until_idle(engine, limit=120.0):
    """How long it took, in seconds."""
    began = time.monotonic()
    while engine.busy:
        assert time.monotonic() - began < limit, "still busy"
        time.sleep(0.005)
    return time.monotonic() - began


def wait_for(act, limit=60.0):
    """Tries again while the engine is full."""
    began = time.monotonic()
    while True:
        try:
            return act()
        except EngineFull:
            assert time.monotonic() - began < limit
            time.sleep(0.05)


def text_of(engine, requests):
    texts = [""] * len(requests)
    for chunk in engine.generate(requests):
        texts[chunk.index] += chunk.text
    return texts


def begin(engine, prompt, beats):
    """A running generation, of which some chunks have been read."""
    stream = engine.generate([Request(prompt, max_tokens=1000)])
    for _ in range(beats):
        next(stream)
    return stream


@pytest.mark.slow
@pytest.mark.parametrize("round", range(10))
def test_closing_stops_a_long_prompt_within_two_seconds(engine, long_prompt, round):
    stream = begin(engine, long_prompt, beats=1 + round)
    assert engine.busy
    stream.close()
    assert soon(wait_until_idle(engine), engine, long_prompt)


@pytest.mark.slow
def test_after_each_of_a_hundred_stops_and_a_hundred_dropped_readers_it_is_idle(
    engine, short_prompt, long_prompt
):
    slowest = 0.0
    for round in range(100):
        stopped = Request(short_prompt, max_tokens=500)
        read, dropped = (engine.generate([one]) for one in (stopped, Request(short_prompt, max_tokens=500)))
        for stream in (read, dropped):
            next(stream)
        if round % 2:
            next(read)
        engine.stop(stopped)
        del dropped, stream
        gc.collect(0)
        slowest = max(slowest, wait_until_idle(engine))
        assert [chunk.finish_reason for chunk in read][-1] == "stopped"
    assert soon(slowest, engine, long_prompt)


def test_it_stops_deep_in_a_long_prompt_too(engine, long_prompt):
    stream = begin(engine, long_prompt, beats=30)
    stream.close()
    assert soon(wait_until_idle(engine), engine, long_prompt)


def test_a_forgotten_stream_stops_the_model(engine, short_prompt, long_prompt):
    stream = begin(engine, short_prompt, beats=3)
    del stream
    gc.collect()
    assert soon(wait_until_idle(engine), engine, long_prompt)


def test_a_consumer_that_breaks_stops_the_model(chat_model, engine, long_prompt):
    def consume():
        for chunk in chat_model.stream("Tell a long story.", max_tokens=1000):
            if chunk.content:
                raise KeyError("the consumer's own error")

    with pytest.raises(KeyError):
        consume()
    assert soon(wait_until_idle(engine), engine, long_prompt)


def test_while_a_long_prompt_is_read_the_reader_is_not_kept_waiting(engine, long_prompt):
    stream = engine.generate([Request(long_prompt, max_tokens=5)])
    for _ in range(10):
        chunk = next(stream)
        assert not chunk.text and chunk.finish_reason is None, "a beat, long before the first word"
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
    assert [chunk.finish_reason for chunk in second][-1] == "stopped"
    assert next(first).finish_reason is None, "the first is still running"
    first.close()


def test_who_gets_no_place_in_time_is_told_so(narrow, short_prompt):
    first = begin(narrow, short_prompt, beats=3)
    with pytest.raises(WaitedTooLong):
        list(narrow.generate([Request(short_prompt, max_tokens=3, time_limit_s=0.3)]))
    assert next(first).finish_reason is None, "who runs goes on"
    first.close()
    *_, last = narrow.generate([Request(short_prompt, max_tokens=3, time_limit_s=60)])
    assert last.finish_reason == "length"


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


def test_a_request_joins_while_another_runs_and_leaves_before_it(engine, short_prompt, long_prompt):
    first = begin(engine, short_prompt, beats=5)
    *_, last = engine.generate([Request(short_prompt, max_tokens=5)])
    assert last.finish_reason == "length"
    assert next(first).finish_reason is None and engine.busy, "the first, of a thousand tokens, still runs"
    first.close()


def test_while_a_long_prompt_is_read_others_stream_on(engine, short_prompt, long_prompt):
    writing = begin(engine, short_prompt, beats=5)
    reading = begin(engine, long_prompt, beats=1)
    count = 0
    while count < 4:
        count += bool(next(writing).text)
    assert not next(reading).text, "the running answer did not wait for the whole prompt"
    writing.close()
    reading.close()


def test_each_row_has_its_own_deadline(engine, short_prompt):
    requests = [
        Request(short_prompt, max_tokens=400, time_limit_s=0.5),
        Request(short_prompt, max_tokens=8, time_limit_s=60),
        Request(short_prompt, max_tokens=400, time_limit_s=1.0),
    ]
    ends = {}
    for chunk in engine.generate(requests):
        if chunk.finish_reason:
            ends[chunk.index] = chunk.finish_reason, chunk.tokens
    assert ends[0][0] == ends[2][0] == "time_limit" and ends[1] == ("length", 8)


def test_a_reader_that_does_not_read_holds_nobody(engine, short_prompt):
    asleep = begin(engine, short_prompt, beats=2)
    for _ in range(3):
        *_, last = engine.generate([Request(short_prompt, max_tokens=4)])
        assert last.finish_reason == "length"
    kept = [next(asleep) for _ in range(4)]
    assert [chunk.tokens for chunk in kept] == sorted(chunk.tokens for chunk in kept)
    asleep.close()


@pytest.mark.slow
def test_greedy_and_seeded_text_in_company_is_that_alone(reference_model):
    """What is promised in float32. In company rows join and leave, with prompts of many lengths."""
    engine, ids = reference_model.engine, reference_model.get_token_ids
    words = ["The cat sat", "One, two, three, four,", "In the old town there is a bridge and", "Tea", "Once"]
    requests = [
        Request(ids(word), max_tokens=6 + 4 * at, temperature=at % 2 * 1.0, seed=at, owner=word)
        for at, word in enumerate(words)
    ]
    alone = [text_of(engine, [request])[0] for request in requests]
    engine.prefixes.clear()
    again = [replace(request, stopped=threading.Event()) for request in requests]
    together = [""] * len(again)

    def run(at):
        time.sleep(0.15 * at)
        together[at] = text_of(engine, [again[at]])[0]

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(again))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone
    engine.prefixes.clear()
    assert text_of(engine, [replace(one, stopped=threading.Event()) for one in requests]) == alone


def test_scores_are_those_of_plain_transformers(reference_model, long_prompt):
    import torch

    tokens = long_prompt[:700]
    with torch.inference_mode():
        logits = reference_model.engine.model(torch.tensor([tokens])).logits[0, :-1].log_softmax(-1)
    expected = logits[range(len(tokens) - 1), tokens[1:]]
    found = reference_model.engine.score(tokens)
    assert torch.allclose(torch.tensor(found), expected, atol=1e-3)


def test_a_prompt_of_one_token_and_none_are_answered(engine, short_prompt):
    for prompt in (short_prompt[:1], []):
        *_, last = engine.generate([Request(prompt, max_tokens=2)])
        assert last.finish_reason in ("length", "stop")


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


def test_a_prompt_that_cannot_be_begun_fails_and_the_next_is_answered(engine, short_prompt, monkeypatch):
    """Where no memory is left for its keys and values, nobody waits for ever."""

    def full(*arguments):
        raise MemoryError("no room")

    with monkeypatch.context() as patched, pytest.raises(GenerationFailed, match="no room"):
        patched.setattr("adapters.decoding.worker.Reading", full)
        list(engine.generate([Request(short_prompt, max_tokens=4)]))
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
