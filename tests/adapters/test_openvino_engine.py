"""The OpenVINO engine on the real embedded model, against transformers in float32 and against itself."""

import gc
import json
import math
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import numpy as np
import psutil
import pytest
from safetensors.numpy import save_file

from adapters.errors import AdapterUnusable, EngineFull, GenerationFailed, ModelClosed, WaitedTooLong
from adapters.lora import CONFIG, WEIGHTS, LoraAdapter
from adapters.openvino.admission import CAPACITY
from adapters.openvino.engine import MOST_WAITING, WAIT_S, OpenVinoEngine
from adapters.openvino.lanes import COPIES, room
from adapters.openvino.pipeline import Pipeline
from adapters.openvino.texts import TEXTS
from adapters.request import Request
from tests.patience import soon

pytestmark = pytest.mark.model

SHAPES = {"q_proj": (576, 576), "v_proj": (192, 576)}
POET, PIRATE = (("poet", 1.0),), (("pirate", 1.0),)
BLEND = (("poet", 0.5), ("pirate", 0.5))
SUBJECTS = (
    "bread;rain;France;Korea;cats;winter;music;a ship;the moon;tea;a bridge;chess;salt;a clock;the sea;snow;"
    "a violin;paper;gold;a garden;iron;honey;a desert;sleep;wind;a lamp;silk;a river;glass;fire;a horse;wool;"
    "copper;a forest;milk;stone;a market;ink;sugar;a train;wood;coffee;a castle;rice;sand;a bell;steam;maps;"
    "a doctor;bees"
)
MOST_TURNS = 8
NEAR_TIE = 1.0
"""Nats: a word that is turned was at most e times less likely than the reference's."""


def write(folder, name, seed, strength=0.05, **tensors):
    """A random adapter in PEFT's format, strong enough to change greedy answers."""
    random = np.random.default_rng(seed)
    for layer in range(30):
        for target, (out, into) in SHAPES.items():
            key = f"base_model.model.model.layers.{layer}.self_attn.{target}"
            tensors[f"{key}.lora_A.weight"] = random.normal(0, into**-0.5, (8, into)).astype(np.float32)
            tensors[f"{key}.lora_B.weight"] = (random.normal(0, 1, (out, 8)) * strength + 0.0).astype("f4")
    place = folder / name
    place.mkdir(parents=True)
    save_file(tensors, place / WEIGHTS)
    known = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 8, "lora_alpha": 16}
    (place / CONFIG).write_text(json.dumps(known | {"target_modules": list(SHAPES)}))
    return LoraAdapter(name, place, "", 8, 2.0, tuple(SHAPES), False, 0)


@pytest.fixture(scope="module")
def adapters(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maru") / "adapters"
    return {name: write(folder, name, seed) for seed, name in enumerate(("poet", "pirate"))}


@pytest.fixture(scope="module")
def engine(openvino_model, adapters):
    for adapter in adapters.values():
        openvino_model.engine.attach(adapter)
    yield openvino_model.engine
    for name in adapters:
        openvino_model.engine.detach(name)


@pytest.fixture(scope="module")
def prompts(openvino_model):
    """Fifty short prompts."""
    from langchain_core.messages import HumanMessage

    from adapters.template import render

    said = [f"Write one sentence about {subject}." for subject in SUBJECTS.split(";")]
    return [render(openvino_model.tokenizer, [HumanMessage(text)]).ids for text in said]


@pytest.fixture(scope="module")
def long_prompt(openvino_model):
    return openvino_model.get_token_ids("The river runs through the old town, and people fish in it. " * 500)[
        :7000
    ]


def wait_until_idle(engine, limit=120.0):
    """How long it took, in seconds."""
    began = time.monotonic()
    while engine.busy:
        assert time.monotonic() - began < limit, "still busy"
        time.sleep(0.005)
    return time.monotonic() - began


def texts(engine, requests):
    found = [""] * len(requests)
    for chunk in engine.generate(requests):
        found[chunk.index] += chunk.text
    return found


def perplexity(log_probabilities):
    return math.exp(-sum(log_probabilities) / len(log_probabilities))


@pytest.mark.parametrize("bits, limit", [(8, 0.02), (4, 0.08)])
@pytest.mark.slow
def test_perplexity_is_that_of_the_reference(openvino_folder, openvino_model, reference_model, bits, limit):
    model = openvino_model.engine if bits == 8 else None
    pipeline = None if model else Pipeline(openvino_folder(4), (), 1024, remember=False)
    for text in TEXTS.values():
        ids = openvino_model.get_token_ids(text)
        ours = model.score(ids) if model else scored(pipeline, ids)
        theirs = reference_model.engine.score(ids)
        assert len(ours) == len(theirs) == len(ids) - 1
        assert abs(perplexity(ours) / perplexity(theirs) - 1) < limit


def scored(pipeline, ids):
    from adapters.openvino.pipeline import score

    return score(pipeline, ids)


@pytest.fixture(scope="module")
def reference(reference_model):
    from adapters.openvino.agreement import read_reference

    return read_reference(reference_model.engine.model, reference_model.tokenizer)


@pytest.mark.parametrize("bits", [8, pytest.param(4, marks=pytest.mark.slow)])
def test_compared_anew_it_agrees_as_what_lies_beside_it_says(openvino_folder, reference, bits):
    """What is kept with the conversion may have been written long ago."""
    from adapters.openvino.agreement import LIMITS, agrees, compare, read

    folder = openvino_folder(bits)
    found, kept = compare(folder, reference, bits), read(folder)
    assert found.holds and found.growth <= LIMITS[bits]
    assert set(found.perplexity) == {"en", "ko"}
    assert 0 <= found.divergence < 0.02, "next-token distributions, in nats"
    assert found.same_top > 0.9
    assert agrees(folder) and kept.growth == pytest.approx(found.growth, abs=0.005)


def test_a_model_that_answers_otherwise_does_not_agree(openvino_folder, tmp_path):
    from adapters.openvino.agreement import FILE, agrees

    values = json.loads((openvino_folder(8) / FILE).read_text())
    values["perplexity"]["ko"][1] *= 1.05
    (tmp_path / FILE).write_text(json.dumps(values))
    assert not agrees(tmp_path)
    assert not agrees(tmp_path / "nowhere")


@pytest.mark.parametrize("mix", [(), POET], ids=["bare", "adapter"])
@pytest.mark.slow
def test_greedy_answers_are_those_of_the_reference(
    engine, openvino_model, reference_model, adapters, prompts, mix
):
    """8 bits turn a word only where the reference itself found both about as likely."""
    if mix:
        reference_model.engine.attach(adapters["poet"])

    def answers(one):
        asked = [Request(ids, 12, mix=mix) for ids in prompts]
        return [openvino_model.get_token_ids(text) for text in texts(one, asked)]

    ours, theirs = answers(engine), answers(reference_model.engine)
    same = sum(one == other for one, other in zip(ours, theirs, strict=True))
    first = sum(one[:1] == other[:1] for one, other in zip(ours, theirs, strict=True))
    turns = []
    for prompt, one, other in zip(prompts, ours, theirs, strict=True):
        at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
        if at is not None:
            turns.append(([*prompt, *other[:at]], other[at], one[at]))
    gaps = sorted(gap(reference_model.engine, *turn, mix) for turn in turns[:MOST_TURNS])
    print(f"\n{mix or 'bare'}: {same} of 50 answers equal, {first} first tokens; gaps in nats {gaps}")
    assert first >= 40 and same >= 15
    assert gaps[-1] < NEAR_TIE
    if mix:
        reference_model.engine.detach("poet")


def gap(engine, before, theirs, ours, mix):
    """By how many nats the engine finds `ours` less likely than `theirs`."""
    return engine.score([*before, theirs], mix)[-1] - engine.score([*before, ours], mix)[-1]


@pytest.mark.slow
def test_adapters_side_by_side_answer_as_alone(engine, prompts):
    mixes = [(), POET, PIRATE, BLEND]
    alone = {mix: texts(engine, [Request(prompts[0], 24, mix=mix)])[0] for mix in mixes}
    assert len(set(alone.values())) == 4, "each of them changes the answer"
    found = {}

    def ask(mix):
        found[mix] = texts(engine, [Request(prompts[0], 24, mix=mix)])[0]

    threads = [threading.Thread(target=ask, args=(mix,)) for mix in mixes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == alone


def test_what_was_read_through_an_adapter_is_not_used_for_another(engine, openvino_model, prompts):
    """A prompt of several blocks, which each mix has read before and remembers for itself."""
    ids = [*openvino_model.get_token_ids(TEXTS["en"])[:200], *prompts[0]]
    mixes = ((), POET, PIRATE)
    first = {mix: texts(engine, [Request(ids, 24, mix=mix)])[0] for mix in mixes}
    again = {mix: texts(engine, [Request(ids, 24, mix=mix)])[0] for mix in reversed(mixes)}
    assert first == again and len(set(first.values())) == 3


def test_an_adapter_changes_the_score(engine, openvino_model):
    ids = openvino_model.get_token_ids(TEXTS["en"])[:60]
    bare, poet = engine.score(ids), engine.score(ids, POET)
    assert bare != poet and len(bare) == len(poet) == 59
    assert engine.score(ids) == bare, "a score does not depend on what was read before"


@pytest.mark.parametrize("mix", [POET, POET + PIRATE], ids=["adapter", "mix"])
@pytest.mark.slow
def test_perplexity_through_adapters_is_that_of_the_reference(
    engine, adapters, openvino_model, reference_model, mix
):
    reference = reference_model.engine
    ids = openvino_model.get_token_ids(TEXTS["en"])[:120]
    for adapter in adapters.values():
        reference.attach(adapter)
    try:
        expected, bare = reference.score(ids, mix), reference.score(ids)
    finally:
        for name in adapters:
            reference.detach(name)
    found = engine.score(ids, mix)
    assert perplexity(found) == pytest.approx(perplexity(expected), rel=0.03)
    off, unadapted = np.abs(np.subtract(found, expected)).mean(), np.abs(np.subtract(found, bare)).mean()
    print(f"{mix}: {perplexity(found):.3f}, reference {perplexity(expected):.3f}; {off:.3f}, {unadapted:.3f}")
    assert off < unadapted / 2, "token by token it is the adapted model"


def test_the_same_seed_gives_the_same_text(engine, prompts):
    def request(seed):
        return Request(prompts[seed], 20, temperature=0.9, top_p=0.9, seed=seed)

    alone = [texts(engine, [request(seed)])[0] for seed in range(6)]
    assert [texts(engine, [request(seed)])[0] for seed in range(6)] == alone
    other = texts(engine, [Request(prompts[0], 20, temperature=0.9, top_p=0.9, seed=77)])[0]
    assert other != alone[0]


def test_in_company_greedy_answers_are_those_given_alone(engine, prompts):
    """But for near ties: sums over several rows are rounded otherwise."""
    alone = [texts(engine, [Request(ids, 12)])[0] for ids in prompts[:12]]
    company = texts(engine, [Request(ids, 12) for ids in prompts[:12]])
    assert sum(one == other for one, other in zip(alone, company, strict=True)) >= 9


@pytest.mark.slow
def test_what_was_forgotten_changes_no_answer(engine, prompts, long_prompt):
    """Remembered keys and values are rounded as in the batch they were read in."""

    def asked():
        longer = ([*long_prompt[: 64 + 8 * number], *prompt] for number, prompt in enumerate(prompts))
        return [Request(prompt, 8) for prompt in longer]

    engine.forget()
    first = texts(engine, asked())
    texts(engine, [Request(long_prompt, 2), *asked()[::-2]])
    engine.forget()
    assert texts(engine, asked()) == first


def test_who_writes_goes_on_while_a_long_prompt_is_read(engine, long_prompt, prompts):
    writing = engine.generate([Request(long_prompt[:300], 4000)])
    while not next(writing).text:
        pass
    reading = engine.generate([Request(long_prompt[1:], 5)])
    assert not next(reading).text
    written = 0
    while written < 5:
        written += bool(next(writing).text)
    assert not next(reading).text, "the long prompt is still being read"
    writing.close()
    reading.close()
    assert soon(wait_until_idle(engine), engine, long_prompt)


@pytest.mark.slow
def test_stops_are_obeyed_at_once_a_hundred_times(engine, long_prompt, prompts):
    waits = []
    for round in range(100):
        prompt = long_prompt if round % 4 == 0 else prompts[round % 50]
        request = Request(prompt, 800)
        stream = engine.generate([request])
        next(stream)
        engine.stop(request)
        began = time.monotonic()
        last = list(stream)[-1]
        assert last.finish_reason == "stopped"
        waits.append(time.monotonic() - began + wait_until_idle(engine))
    assert soon(max(waits), engine, long_prompt)


@pytest.mark.slow
def test_dropped_readers_leave_it_idle_a_hundred_times(engine, long_prompt, prompts):
    waits = []
    for round in range(100):
        stream = engine.generate([Request(long_prompt if round % 4 == 0 else prompts[round % 50], 800)])
        next(stream)
        stream.close()
        waits.append(wait_until_idle(engine))
    assert soon(max(waits), engine, long_prompt)


def test_limits_of_a_request(engine, prompts):
    chunks = list(engine.generate([Request(prompts[0], 3)]))
    assert chunks[-1].finish_reason == "length" and chunks[-1].tokens == 3
    chunks = list(engine.generate([Request(prompts[0], 2000, time_limit_s=0.3)]))
    assert chunks[-1].finish_reason in ("time_limit", "stop")
    whole = texts(engine, [Request(prompts[0], 30)])[0]
    word = whole.split()[3]
    chunks = list(engine.generate([Request(prompts[0], 30, stop=(word,))]))
    assert chunks[-1].finish_reason == "stop"
    assert "".join(chunk.text for chunk in chunks) == whole[: whole.index(word)]
    assert texts(engine, [Request((), 3)]), "an empty prompt is answered, too"


def test_who_gets_no_place_in_time_is_told_so(engine, prompts, long_prompt):
    running = engine.generate([Request(prompts[0], 2000)] * CAPACITY)
    while not next(running).text:
        pass
    with pytest.raises(WaitedTooLong):
        list(engine.generate([Request(prompts[1], 3, time_limit_s=0.2)]))
    running.close()
    assert soon(wait_until_idle(engine), engine, long_prompt)


def test_the_line_is_bounded(engine, prompts, long_prompt):
    running = [engine.generate([Request(prompts[0], 2000)] * CAPACITY)]
    next(running[0])
    waiting = [engine.generate([Request(prompts[0], 1)]) for _ in range(2 * (CAPACITY + MOST_WAITING))]
    # all at once: one after the other, the answers that run could end meanwhile
    with ThreadPoolExecutor(len(waiting)) as pool, pytest.raises(EngineFull):
        list(pool.map(next, waiting))
    for stream in [*running, *waiting]:
        stream.close()
    assert soon(wait_until_idle(engine), engine, long_prompt)


def test_what_would_be_ignored_is_an_error(engine, tmp_path):
    lost = write(
        tmp_path, "lost", 5, **{"base_model.model.model.layers.99.mlp.x.lora_A.weight": np.ones((8, 4), "f4")}
    )
    with pytest.raises(AdapterUnusable, match=r"ignore 1 of its tensors \(.*layers\.99"):
        engine.attach(lost)
    shaped = write(
        tmp_path,
        "shaped",
        5,
        **{"base_model.model.model.layers.0.self_attn.k_proj.lora_A.weight": np.ones((8, 4), "f4")},
    )
    with pytest.raises(AdapterUnusable, match="k_proj"):
        engine.attach(shaped)
    dora = LoraAdapter("dora", shaped.folder, "", 8, 2.0, (), True, 0)
    with pytest.raises(AdapterUnusable, match="DoRA"):
        engine.attach(dora)
    with pytest.raises(AdapterUnusable, match="not attached"):
        list(engine.generate([Request([1, 2], 2, mix=(("lost", 1.0),))]))
    assert set(engine.adapters) == {"poet", "pirate"}


def test_an_untrained_adapter_is_no_error(engine, tmp_path):
    engine.attach(write(tmp_path, "fresh", 6, strength=0.0))
    assert "fresh" in engine.adapters
    engine.detach("fresh")
    assert "fresh" not in engine.adapters


class Breaking(Pipeline):
    """A real pipeline whose next step fails as often as it is told to."""

    failures: ClassVar[list[Exception]] = []

    def step(self):
        if self.failures:
            raise self.failures.pop()
        super().step()


@pytest.fixture
def small_engine(openvino_folder, openvino_model):
    """An engine of its own, over the same file, with a short memory."""
    made = short_memory(openvino_folder, openvino_model)
    yield made
    Breaking.failures.clear()
    made.close()


@pytest.fixture
def impatient_engine(openvino_folder, openvino_model):
    """One whose `score` and `forget` hardly wait."""
    made = short_memory(openvino_folder, openvino_model, 0.01)
    yield made
    made.close()


def short_memory(folder, model, wait_s=WAIT_S):
    ends = frozenset([model.tokenizer.eos_token_id])
    space = room(model.checkpoint, "int8_openvino", 1024)
    return OpenVinoEngine(folder(8), model.tokenizer, ends, space, Breaking, wait_s)


def test_a_broken_pipeline_is_said_and_built_again(small_engine, prompts):
    before = texts(small_engine, [Request(prompts[0], 8)])
    stream = small_engine.generate([Request(prompts[0], 500)])
    written = ""
    while len(written) < 10:
        written += next(stream).text
    Breaking.failures.append(RuntimeError("the graph broke"))
    with pytest.raises(GenerationFailed, match="the graph broke") as raised:
        for chunk in stream:
            written += chunk.text
    assert raised.value.values["partial"] == (written,)
    assert texts(small_engine, [Request(prompts[0], 8)]) == before


def test_more_than_the_memory_holds_waits_its_turn(small_engine, prompts):
    """Requests that may each take half of the cache: none is refused, and each is answered."""
    requests = [Request(ids, 2000) for ids in prompts[:4]]
    found = [""] * len(requests)
    for chunk in small_engine.generate(requests):
        found[chunk.index] += chunk.text
        if chunk.text:
            small_engine.stop(requests[chunk.index])
    assert all(found)
    wait_until_idle(small_engine)


def test_who_would_wait_for_ever_is_told_so_and_what_runs_goes_on(impatient_engine, prompts):
    """`forget` waits until nothing runs, `score` for its turn: where that never comes, they end."""
    engine = impatient_engine
    running = engine.generate([Request(prompts[0], 3900)])
    while not next(running).text:
        pass
    with pytest.raises(WaitedTooLong, match="within 0 s"):
        engine.forget()
    with pytest.raises((WaitedTooLong, GenerationFailed), match=r"within 0"):
        engine.score(range(100, 400))
    assert next(running).finish_reason is None
    running.close()
    wait_until_idle(engine)
    assert texts(engine, [Request(prompts[0], 3)])
    engine.close()
    for ask in (engine.forget, lambda: engine.score([1, 2])):
        with pytest.raises(ModelClosed):
            ask()


@pytest.mark.parametrize("end", ["closed", "broken"])
def test_what_runs_at_the_end_gives_its_memory_back_without_a_complaint(
    small_engine, prompts, long_prompt, capfd, end
):
    """OpenVINO complains of a pipeline that goes with requests in it."""
    stream = small_engine.generate([Request(prompts[0], 2000), Request(long_prompt[:3000], 500)])
    while not next(stream).text:
        pass
    if end == "closed":
        small_engine.close()
        assert [chunk.finish_reason for chunk in stream][-1] == "stopped"
    else:
        Breaking.failures.append(RuntimeError("the graph broke"))
        with pytest.raises(GenerationFailed, match="the graph broke"):
            list(stream)
        small_engine.close()
    gc.collect()
    assert "leaked" not in "".join(capfd.readouterr())


@pytest.mark.slow
def test_a_full_pipeline_lets_those_for_others_pass_and_nobody_overtakes(
    small_engine, adapters, long_prompt, prompts
):
    small_engine.attach(adapters["poet"])
    text = long_prompt[:150]
    asked = {
        "first": Request(text, 3990),
        "second": Request(text, 3990),
        "small": Request(prompts[0], 8),
        "poet": Request(prompts[0], 8, mix=POET),
    }
    begun = {name: threading.Event() for name in asked}

    def run(name):
        for chunk in small_engine.generate([asked[name]]):
            if chunk.text:
                begun[name].set()

    threads = {name: threading.Thread(target=run, args=(name,)) for name in asked}
    threads["first"].start()
    assert begun["first"].wait(120)
    for waiting, name in enumerate(("second", "small"), start=1):
        threads[name].start()
        while len(small_engine._line) < waiting:  # in that order
            time.sleep(0.005)
    threads["poet"].start()
    threads["poet"].join(120)
    assert begun["poet"].is_set() and threads["first"].is_alive(), "another pipeline"
    assert not begun["second"].is_set() and not begun["small"].is_set(), "the same, and it is full"
    small_engine.stop(asked["first"])
    assert begun["second"].wait(120) and not begun["small"].is_set(), "in their order"
    small_engine.stop(asked["second"])
    for thread in threads.values():
        thread.join(120)
    assert begun["small"].is_set()


@pytest.mark.slow
def test_closing_gives_the_memory_back(openvino_folder, openvino_model, adapters, prompts):
    from adapters.memory import give_back

    def taken():
        gc.collect()
        give_back()
        return psutil.Process().memory_info().rss

    def run():
        made = OpenVinoEngine(
            openvino_folder(4),
            openvino_model.tokenizer,
            frozenset([2]),
            room(openvino_model.checkpoint, "int8_openvino", 1024),
        )
        made.attach(adapters["poet"])
        texts(made, [Request(prompts[0], 8), Request(prompts[0], 8, mix=POET)])
        during = taken()
        made.detach("poet")
        texts(made, [Request(prompts[0], 8)])
        made.close()
        return during

    run()  # what libraries keep for good is there from the first time on
    before = taken()
    held = run() - before
    assert held > 50_000_000
    assert taken() - before < 0.1 * held + 20_000_000


CONVERT = """
import sys
from pathlib import Path
from adapters.openvino.store import prepare
prepare(Path(sys.argv[1]), Path(sys.argv[2]), 8, lambda step, done: print(done, flush=True))
"""


@pytest.mark.slow
def test_a_conversion_that_is_killed_leaves_nothing_half(models_folder, tmp_path):
    import subprocess
    import sys

    from adapters.embedded import converted, ready
    from adapters.openvino.store import place

    source = converted(models_folder)
    child = subprocess.Popen(
        [sys.executable, "-c", CONVERT, str(source), str(tmp_path)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    while float(child.stdout.readline()) < 0.3:
        pass
    child.kill()
    child.wait()
    child.stdout.close()
    target = place(source, tmp_path, 8)
    assert not target.exists() and not ready(target)


@pytest.mark.slow
def test_a_cancelled_conversion_leaves_nothing(models_folder, tmp_path):
    from adapters.embedded import converted
    from adapters.errors import LoadCancelled
    from adapters.openvino.store import prepare

    cancelled = threading.Event()

    def report(step, done):
        if done > 0.1:
            cancelled.set()

    with pytest.raises(LoadCancelled):
        prepare(converted(models_folder), tmp_path, 8, report, cancelled)
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


def test_another_model_in_the_same_place_is_converted_anew(tmp_path):
    from adapters.openvino.store import place

    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"one")
    one = place(folder, tmp_path, 8)
    (folder / "model.safetensors").write_bytes(b"two")
    assert place(folder, tmp_path, 8) != one
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def repeated(openvino_model):
    """A prompt whose answer repeats it."""
    from langchain_core.messages import HumanMessage

    from adapters.template import render

    text = (
        "The tower of Gull Point was built in 1862 by the engineer Margaret Hale, who had studied in "
        "Edinburgh. Its lamp was first lit on the third of November, and it burned whale oil until 1889."
    )
    return render(openvino_model.tokenizer, [HumanMessage(f"Repeat this text word for word:\n{text}")]).ids


def guessing(engine, repeated):
    """What the prompt is answered, and the pipeline that guesses: it is built once the first such answer,
    given as usual, is there."""
    (usual,) = texts(engine, [Request(repeated, 60, copies=True)])
    until = time.monotonic() + 60
    while (lane := engine._lanes.ready((COPIES, ()))) is None:
        assert time.monotonic() < until, "the pipeline was never built"
        time.sleep(0.05)
    return usual, lane


def test_a_lone_answer_that_repeats_its_prompt_is_guessed_ahead(engine, repeated):
    usual, lane = guessing(engine, repeated)
    used = lane.used
    (guessed,) = texts(engine, [Request(repeated, 60, copies=True)])
    assert lane.used > used
    assert guessed == usual
    (short,) = texts(engine, [Request(repeated, 7, copies=True)])
    assert usual.startswith(short)
    assert len(short) < len(usual), "what was guessed beyond the limit is not shown"
    assert texts(engine, [Request(repeated, 60)]) == [usual]


def test_in_company_nothing_is_guessed(engine, repeated, prompts):
    """A batch would be slower for it; each answer is the one it gives alone."""
    _, lane = guessing(engine, repeated)
    used = lane.used
    asked = [Request(repeated, 60, copies=True), Request(prompts[0], 20)]
    assert len(texts(engine, asked)) == 2
    assert lane.used == used


def test_a_guessed_answer_is_stopped_and_seeded_as_any_other(engine, repeated, long_prompt):
    guessing(engine, repeated)
    stopped = Request(repeated, 400, copies=True)
    for chunk in engine.generate([stopped]):
        if chunk.tokens >= 3:
            engine.stop(stopped)
    assert soon(wait_until_idle(engine), engine, long_prompt)
    seeded = [texts(engine, [Request(repeated, 40, 0.8, 0.95, 7, copies=True)]) for _ in range(2)]
    assert seeded[0] == seeded[1]
