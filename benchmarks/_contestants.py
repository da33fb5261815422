"""The contestants of `benchmarks.models`: each a process of its own that waits while the others run.

They speak JSON lines. `python -m benchmarks._contestants PRECISION` is a model of ours in that precision, as
a person uses it (LangChain messages in, text out); `… plain` is transformers' own `generate` on the same
weights in bfloat16; llama.cpp runs in another Python (benchmarks/_llama.py).
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from adapters.spec import ModelSpec

ROOT = Path(__file__).parents[1]
PLAIN = "plain"
LLAMA = "llama-cpp-python==0.3.36"

Answer = dict[str, Any]
"""stream: {first_s, total_s, tokens}; together, batch: {firsts, total_s, tokens}, seconds since the start."""


class Contestant:
    """One process, started at once; `ask` waits for its answer."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.about = self._read()

    def ask(self, do: str, **what: Any) -> Answer:
        """Has the process do something. Raises SystemExit with its name when it broke."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> Answer:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # libraries print, too
                answer: Answer = json.loads(line)
                return answer
        raise SystemExit(f"{self.name} ended with status {self._process.wait()}; its message is above")


def ours(precision: str) -> Contestant:
    """Our own model in that precision, on the engine that runs it."""
    return Contestant(precision, [sys.executable, "-m", "benchmarks._contestants", precision])


def plain() -> Contestant:
    """transformers' generate in a loop."""
    return Contestant(PLAIN, [sys.executable, "-m", "benchmarks._contestants", PLAIN])


def llama(python: str) -> Contestant:
    """llama.cpp on the packaged GGUF file, with as many threads as there are cores."""
    from adapters import embedded

    threads = str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    return Contestant(
        "llama.cpp", [python, str(ROOT / "benchmarks/_llama.py"), str(embedded.find()), threads]
    )


def llama_python(given: str | None) -> str:
    """A Python with llama-cpp-python: the given one, or one whose package is built from source here, once.

    The build takes minutes and a C++ compiler. Raises SystemExit when it fails.
    """
    if given:
        return given
    from platformdirs import user_cache_path

    folder = user_cache_path("maru", appauthor=False) / "llama-cpp"
    python, done = folder / "bin" / "python", folder / "built"
    if not done.exists():
        print("building llama-cpp-python for the comparison; this takes minutes …", file=sys.stderr)
        install = [str(python), "-m", "pip", "install", "-q", "--no-binary", "llama-cpp-python", LLAMA]
        for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], install):
            if subprocess.run(command, check=False).returncode:
                raise SystemExit(
                    "llama-cpp-python could not be built; see above, or leave it out: --no-llama"
                )
        done.touch()
    return str(python)


class Runner(Protocol):
    """What every process of ours can do."""

    def stream(self, asked: Answer) -> Answer:
        """One generation."""

    def together(self, asked: Answer) -> Answer:
        """Many at once, as many people would ask."""

    def batch(self, asked: Answer) -> Answer:
        """Many in one call."""

    def score(self, asked: Answer) -> Answer:
        """The log-probabilities of each window's tokens."""


class OurModel:
    """A loaded model as the application uses it."""

    def __init__(self, precision: str) -> None:
        from adapters.load import load
        from app.settings import read_settings

        self.model: Any = load(ModelSpec(precision=precision), read_settings().models)

    def about(self) -> Answer:
        """What it is."""
        model = self.model
        return {"engine": model.engine_key, "precision": model.spec.precision, "memory": model.memory_bytes}

    def stream(self, asked: Answer) -> Answer:
        """As the chat does it, templates and LangChain included."""
        began, first = time.perf_counter(), None
        whole: Any = None
        served = self.model.serving(None, owner=asked.get("owner", ""))
        copies = asked.get("copies", False)
        for chunk in served.stream(_messages(asked), temperature=0, max_tokens=asked["new"], copies=copies):
            if chunk.content and first is None:
                first = time.perf_counter() - began
            whole = chunk if whole is None else whole + chunk
        total = time.perf_counter() - began
        tokens = whole.usage_metadata["output_tokens"]
        return {"first_s": first or total, "total_s": total, "tokens": tokens, "text": whole.content}

    def together(self, asked: Answer) -> Answer:
        """A thread for each person."""
        done: list[Answer] = [{} for _ in asked["many"]]
        began = time.perf_counter()

        def run(number: int) -> None:
            done[number] = self.stream(asked["many"][number])

        threads = [threading.Thread(target=run, args=(number,)) for number in range(len(done))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {
            "firsts": [one["first_s"] for one in done],
            "total_s": time.perf_counter() - began,
            "tokens": sum(one["tokens"] for one in done),
        }

    def batch(self, asked: Answer) -> Answer:
        """What `ask --batch` calls."""
        inputs, new = [_messages(one) for one in asked["many"]], asked["many"][0]["new"]
        began = time.perf_counter()
        answers = self.model.batch(inputs, temperature=0, max_tokens=new)
        total = time.perf_counter() - began
        return {"total_s": total, "tokens": sum(one.usage_metadata["output_tokens"] for one in answers)}

    def score(self, asked: Answer) -> Answer:
        """Through the engine's own arithmetic."""
        return {"logarithms": [self.model.engine.score(window) for window in asked["windows"]]}


class PlainModel:
    """`model.generate`, one prompt at a time, as its documentation shows."""

    def __init__(self) -> None:
        from adapters.models import find_model
        from adapters.precision import precisions
        from adapters.weights import prepare_folder, read_weights
        from app.settings import read_settings

        models = read_settings().models
        folder = prepare_folder(find_model("default", models), models)
        self.model = read_weights(folder, precisions()["bfloat16"])

    def about(self) -> Answer:
        """What it is."""
        return {"engine": "transformers", "precision": "bfloat16", "memory": None}

    def stream(self, asked: Answer) -> Answer:
        """The streamer hears the prompt first, then each token."""
        import torch

        times: list[float] = []

        class Clock:
            def put(self, _tokens: Any) -> None:
                times.append(time.perf_counter())

            def end(self) -> None:
                """Nothing to flush."""

        began = time.perf_counter()
        ids = torch.tensor([asked["ids"]])
        out = self.model.generate(ids, max_new_tokens=asked["new"], do_sample=False, streamer=Clock())
        total, first = time.perf_counter() - began, times[1] - began
        return {"first_s": first, "total_s": total, "tokens": out.shape[1] - ids.shape[1]}

    def together(self, asked: Answer) -> Answer:
        """One after another."""
        began, firsts, tokens = time.perf_counter(), [], 0
        for one in asked["many"]:
            waited = time.perf_counter() - began
            done = self.stream(one)
            firsts.append(waited + done["first_s"])
            tokens += done["tokens"]
        return {"firsts": firsts, "total_s": time.perf_counter() - began, "tokens": tokens}

    batch = together

    def score(self, asked: Answer) -> Answer:
        """One pass over each window."""
        import torch

        found = []
        for window in asked["windows"]:
            with torch.inference_mode():
                logits = self.model(torch.tensor([window])).logits[0, :-1].float()
            chosen = torch.tensor(window[1:])[:, None]
            found.append(logits.log_softmax(-1).gather(1, chosen)[:, 0].tolist())
        return {"logarithms": found}


def _messages(asked: Answer) -> list[tuple[str, str]]:
    return [(role, text) for role, text in asked["messages"]]


def main() -> None:
    """Answers a line for a line until standard input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is not an answer
    began = time.perf_counter()
    runner = PlainModel() if sys.argv[1] == PLAIN else OurModel(sys.argv[1])
    print(json.dumps(runner.about() | {"load_s": time.perf_counter() - began}), file=out, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(getattr(runner, asked["do"])(asked)), file=out, flush=True)


if __name__ == "__main__":
    main()
