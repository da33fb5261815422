"""The quality card: its arithmetic, its texts, and a real model measured in a process of its own."""

import json
import math
import os
import re
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from adapters.card import Card, first_token_agreement, flips, measure
from adapters.card_process import CardFailed, _through, measure_apart
from adapters.card_text import Question, read_questions, read_text
from adapters.errors import BadCardText
from adapters.perplexity import likelihoods, perplexity, windows
from adapters.spec import ModelSpec
from tests.fakes import PretendModel
from tests.loras import write_adapter

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("tokens", [1, 2, 7, 8, 9, 11, 12, 13, 100])
def test_every_token_but_the_first_is_judged_once_and_with_half_a_window_before_it(tokens):
    found = windows(tokens, size=8)
    judged = [index for window in found for index in range(window.judged, window.end)]
    assert judged == list(range(1, tokens))
    assert all(window.end - window.start <= 8 for window in found)
    assert all(window.judged - window.start >= 4 for window in found[1:])


def test_windows_give_each_token_its_own_logarithm():
    tokens = list(range(30))

    def score(window):
        return [-float(token) for token in window[1:]]

    values = [value for _window, part in likelihoods(tokens, score, size=8) for value in part]
    assert values == [-float(token) for token in tokens[1:]]
    assert perplexity(values) == pytest.approx(math.exp(15))
    assert perplexity([math.log(1 / 50)] * 9) == pytest.approx(50), "guessing among 50"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_our_own_texts_and_questions(language):
    text, questions = read_text(language), read_questions(language)
    assert len(text) > 1000 and len(questions) == 20 == len({one.question for one in questions})
    assert all(one.answer for one in questions)
    assert bool(re.search("[가-힣]", text)) == (language == "ko")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"too short", "fewer than 10 words"),
        (b"\xff\xfe" * 30, "not UTF-8"),
        (b"x " * 1_100_000, "larger than 2 MB"),
        (None, "cannot be read"),
    ],
)
def test_a_text_that_cannot_be_used_says_why(tmp_path, content, said):
    file = tmp_path / "mine.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadCardText, match=said) as caught:
        read_text("en", file)
    assert "mine.txt" in caught.value.text("ko") and re.search("[가-힣]", caught.value.text("ko"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "1 to 500 questions"),
        ('{"question": "a?"}\n' * 501, "1 to 500 questions"),
        ('{"question": "a?"}\n{"q": 1}', "line 2 must be"),
        ('{"question": 7}', "line 1 must be"),
        ('{"question": "a?", "answer": 7}', "line 1 must be"),
        ("[" * 100_000, "line 1 must be"),
    ],
)
def test_questions_that_cannot_be_used_say_where(tmp_path, content, said):
    file = tmp_path / "mine.jsonl"
    file.write_text(content)
    with pytest.raises(BadCardText, match=said):
        read_questions("en", file)


def card(**changes):
    fields = {
        **{"model": "m", "precision": "float32", "adapter": None, "engine": "e", "perplexity": 9.0},
        **{"perplexity_reason": None, "text_tokens": 9, "prefill_tokens": 9, "prefill_per_s": 1.0},
        **{"first_token_s": 1.0, "decode_tokens": 9, "decode_per_s": 1.0, "memory_bytes": 1},
        "questions": (Question("a?", "yes"), Question("b?"), Question("c?", "no")),
        "answers": ("Yes.", "maybe", "No"),
        "first_tokens": (1, 2, None),
    }
    return Card(**fields | changes)


def test_flips_name_what_changed_and_whether_it_was_right():
    reference, other = card(), card(answers=("Nope.", "maybe ", "No!"), first_tokens=(4, 2, 3))
    first, second = flips(other, reference)
    assert (first.question, first.before, first.after) == ("a?", "Yes.", "Nope.")
    assert (first.was_right, first.is_right) == (True, False)
    assert (second.question, second.was_right, second.is_right) == ("c?", True, True)
    assert first_token_agreement(other, reference) == 0.5
    assert flips(reference, reference) == [] and reference.right == 2
    nothing = replace(reference, first_tokens=(None,) * 3)
    assert first_token_agreement(nothing, reference) is None


def test_a_model_that_is_not_there_is_said_and_leaves_no_process(tmp_path):
    spec, stop = ModelSpec("none"), threading.Event()
    (failed,) = measure_apart(spec, tmp_path / "models", "x", (Question("a?"),), stop)
    assert isinstance(failed, CardFailed) and failed.kind == "ModelNotFound"
    assert "none" in failed.reason["en"] and re.search("[가-힣]", failed.reason["ko"])


SHORT = "The house stood where the lane bent twice before it reached the ferry, and the floor was dark pine."
ASKED = (Question("What is the capital of France?", "Paris"), Question("What is 2 plus 3?", "5"))


@pytest.mark.slow
@pytest.mark.model
def test_a_card_says_what_plain_arithmetic_says(reference_model):
    import torch

    *progress, card = measure(reference_model, SHORT, ASKED)
    ids = torch.tensor([reference_model.get_token_ids(SHORT)])
    with torch.inference_mode():
        loss = reference_model.engine.model(ids, labels=ids).loss
    assert card.perplexity == pytest.approx(math.exp(loss.item()), rel=1e-3)
    assert card.text_tokens == ids.shape[1]
    answers = [reference_model.invoke(one.question, temperature=0, max_tokens=24).content for one in ASKED]
    assert list(card.answers) == answers
    assert card.first_tokens == tuple(reference_model.get_token_ids(answer)[0] for answer in answers)
    assert (card.precision, card.adapter, card.engine) == ("float32", None, "transformers")
    assert card.prefill_per_s == pytest.approx(card.prefill_tokens / card.first_token_s, rel=0.2)
    assert card.decode_per_s > 1 and card.memory_bytes == reference_model.memory_bytes
    fractions = [one.fraction for one in progress]
    assert fractions == sorted(fractions)
    assert {one.step for one in progress} == {"perplexity", "prefill", "decode", "answers"}


@pytest.mark.model
def test_a_stopped_measurement_ends_without_a_card(reference_model):
    stop = threading.Event()
    heard = []
    for one in measure(reference_model, SHORT, ASKED, stop):
        heard.append(one)
        stop.set()
    assert len(heard) == 1 and not isinstance(heard[0], Card)
    assert not reference_model.engine.busy


@pytest.fixture
def home(tmp_path, models_folder):
    """A data home with the real model and an adapter that fits it."""
    (tmp_path / "models").symlink_to(models_folder)
    write_adapter(tmp_path / "adapters" / "poet", seed=1)
    (tmp_path / "text.txt").write_text(SHORT)
    (tmp_path / "questions.jsonl").write_text('{"question": "What is the capital of France?"}\n')
    return tmp_path


def command(home, *flags):
    files = ["--text", str(home / "text.txt"), "--questions", str(home / "questions.jsonl")]
    return subprocess.Popen(
        [sys.executable, "-m", "app", "card", *files, *flags],
        cwd=ROOT,
        env={**os.environ, "MARU_HOME": str(home), "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.model
@pytest.mark.slow
def test_each_combination_has_its_card_and_a_broken_one_its_reason(home):
    flags = [
        "--json",
        "--no-reference",
        "--precision",
        "bfloat16",
        "--adapter",
        "poet",
        "--adapter",
        "nobody",
    ]
    process = command(home, *flags)
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    document = json.loads(out)
    bare, poet, nobody = document["cards"]
    assert [bare["adapter"], poet["adapter"], nobody["adapter"]] == [None, "poet", "nobody"]
    assert bare["perplexity"] > 1 and poet["perplexity"] != bare["perplexity"]
    assert bare["answers"][0]["answer"] != poet["answers"][0]["answer"]
    assert "Known adapters: poet" in nobody["problem"] and nobody["perplexity"] is None
    assert set(bare) == set(poet) == set(nobody)
    heard = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert {one["step"] for one in heard} >= {"loading", "perplexity", "prefill", "decode", "answers"}
    assert {(one["card"], one["cards"]) for one in heard} == {(1, 3), (2, 3)}


@pytest.mark.model
def test_whoever_measures_leaves_with_whoever_asked(home):
    process = command(home, "--json", "--precision", "float32")
    for line in process.stderr:
        if line.startswith("{"):
            break
    (child,) = [
        one for one in psutil.Process(process.pid).children() if "resource_tracker" not in str(one.cmdline())
    ]
    process.kill()
    process.communicate()
    child.wait(10)
    assert not child.is_running()


def test_measuring_leaves_no_semaphore_behind():
    """Its process is killed in the end, so what it took of the system would be left and warned about."""
    script = (
        "from multiprocessing import resource_tracker\n"
        "from adapters.card_process import _keep_locks_here\n"
        "_keep_locks_here()\n"
        "from tqdm.auto import tqdm\n"
        "assert list(tqdm(range(2))) == [0, 1]\n"
        "assert resource_tracker._resource_tracker._fd is None, 'a semaphore was taken'\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr


def test_what_an_adapter_takes_is_in_the_cards_memory():
    class Weighty(PretendModel):
        """Its adapter is a piece of memory that is really taken."""

        held: bytes = b""

        def serving(self, adapter, owner=""):
            return self.model_copy(update={"held": b"\1" * 80_000_000 if adapter else b""})

    model = Weighty(replies=["x"])
    model.memory_bytes = 1_000_000
    assert _through(model, "poet").memory_bytes > 60_000_000
    assert _through(model, None).memory_bytes == 1_000_000
