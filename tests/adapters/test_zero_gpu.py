"""ZeroGPU with a stand-in for `spaces` that forks and pickles as the real one does."""

import multiprocessing
import os
import pickle
import sys
import threading
import types
from math import inf

import pytest

from adapters import zero_gpu
from adapters.errors import AdapterNotFound, GenerationFailed
from adapters.request import Chunk, Request

FORK = multiprocessing.get_context("fork")


class Forked:
    """`spaces.GPU`: every call in a forked process, arguments and results pickled; closing stops it."""

    def __init__(self):
        self.durations, self.processes = [], []

    def __call__(self, duration):
        def decorate(task):
            def call(*args):
                self.durations.append(duration(*args))
                here, there = FORK.Pipe()
                process = FORK.Process(target=serve, args=(task, pickle.dumps(args), there, here))
                process.start()
                there.close()
                self.processes.append(process)
                try:
                    while (result := pickle.loads(here.recv_bytes())) is not None:
                        if isinstance(result, str):
                            raise RuntimeError(result)
                        yield result[0]
                finally:
                    here.close()
                    process.join()

            return call

        return decorate


def serve(task, args, pipe, other):
    other.close()  # the fork has copied it, too: while it is open nobody notices that the reader has gone
    try:
        for value in task(*pickle.loads(args)):
            pipe.send_bytes(pickle.dumps((value,)))
        pipe.send_bytes(pickle.dumps(None))
    except OSError:
        pass  # the reader has gone
    except Exception as error:
        pipe.send_bytes(pickle.dumps(str(error)))
    os._exit(0)


@pytest.fixture
def spaces(monkeypatch):
    module = types.ModuleType("spaces")
    module.__spec__ = types.SimpleNamespace(name="spaces")
    module.GPU = Forked()
    monkeypatch.setitem(sys.modules, "spaces", module)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    zero_gpu.gpu_function.cache_clear()
    yield module.GPU
    zero_gpu.gpu_function.cache_clear()


@pytest.fixture
def engine(spaces, reference_model):
    engine = zero_gpu.ZeroGpuEngine(reference_model.engine.model, reference_model.tokenizer)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def prompt(reference_model):
    return reference_model.get_token_ids("Once upon a time")


def test_it_is_active_only_where_spaces_lends_gpus(spaces, monkeypatch):
    assert zero_gpu.active()
    monkeypatch.delenv("SPACES_ZERO_GPU")
    assert not zero_gpu.active()


def test_the_duration_grows_with_what_is_asked_and_is_bounded():
    def lasts(prompt, most, limit=inf, count=1):
        one = {"prompt": [1] * prompt, "max_tokens": most, "time_limit_s": limit}
        return zero_gpu.seconds(0, ("generate", [one] * count), ())

    assert lasts(10, 10) < lasts(10, 400) < lasts(8000, 400) < lasts(8000, 400, count=40) <= 120
    assert lasts(10, 4000) == 120
    assert lasts(10, 1000, limit=5) == lasts(10, 100)
    assert zero_gpu.seconds(0, ("score", ([1] * 9000, ())), ()) > lasts(1, 1)


@pytest.mark.model
def test_answers_and_scores_are_the_engines_own(engine, reference_model, prompt, spaces):
    requests = [Request(prompt, max_tokens=6), Request(prompt, max_tokens=4, temperature=1.0, seed=3)]
    chunks = list(engine.generate(requests))
    texts = ["".join(chunk.text for chunk in chunks if chunk.index == at) for at in range(2)]
    for at, request in enumerate(requests):
        own = reference_model.engine.generate([Request(**zero_gpu._plain(request))])
        assert "".join(chunk.text for chunk in own) == texts[at]
    assert engine.score(prompt) == pytest.approx(reference_model.engine.score(prompt), abs=1e-3)
    assert len(spaces.durations) == 2 and not engine.busy


@pytest.mark.model
def test_closing_the_stream_stops_the_other_process(engine, prompt, spaces):
    stream = engine.generate([Request(prompt, max_tokens=4000)])
    while not next(stream).text:
        pass
    assert engine.busy
    stream.close()
    assert not engine.busy and not spaces.processes[-1].is_alive()


@pytest.mark.model
def test_a_stop_flag_set_here_ends_the_request(engine, prompt, spaces):
    request = Request(prompt, max_tokens=4000)
    threading.Timer(1.0, request.stopped.set).start()
    *_, last = engine.generate([request])
    assert last.finish_reason == "stopped"
    assert not spaces.processes[-1].is_alive()


@pytest.mark.model
def test_what_breaks_over_there_is_told_here(engine, reference_model, prompt):
    def breaks(module, args):
        raise RuntimeError("the GPU was taken away")

    hook = reference_model.engine.model.model.layers[0].register_forward_pre_hook(breaks)
    try:
        with pytest.raises(GenerationFailed, match="taken away"):
            list(engine.generate([Request(prompt, max_tokens=3)]))
    finally:
        hook.remove()
    *_, last = engine.generate([Request(prompt, max_tokens=2)])
    assert last.finish_reason == "length"


def test_a_call_that_ends_before_its_answers_is_said(monkeypatch):
    def ends_early(job, mixes):
        yield Chunk(0, "Once")

    engine = zero_gpu.ZeroGpuEngine(object(), None)
    monkeypatch.setattr(engine, "_call", ends_early)
    with pytest.raises(GenerationFailed, match="time was over") as caught:
        list(engine.generate([Request([1], max_tokens=9)]))
    assert caught.value.values["partial"] == ("Once",) and not engine.busy
    engine.close()


@pytest.mark.model
def test_unknown_adapters_and_a_closed_model_are_said(engine, prompt):
    with pytest.raises(AdapterNotFound, match="nobody"):
        next(engine.generate([Request(prompt, max_tokens=2, mix=(("nobody", 1.0),))]))
    engine.close()
    with pytest.raises(GenerationFailed, match="closed"):
        next(engine.generate([Request(prompt, max_tokens=2)]))
