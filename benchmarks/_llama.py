"""llama.cpp as a contestant: runs in a Python of its own that has llama-cpp-python, and speaks JSON lines.

`PYTHON benchmarks/_llama.py MODEL.gguf THREADS`. Token ids come in, so that every contestant reads the same.
"""

import json
import sys
import time
from typing import Any

CONTEXT = 4096


def main() -> None:
    """Answers a line for a line until standard input ends."""
    from llama_cpp import Llama  # type: ignore[import-not-found]

    file, threads = sys.argv[1], int(sys.argv[2])
    settings = {"n_threads": threads, "n_threads_batch": threads, "verbose": False}
    began = time.perf_counter()
    model = Llama(file, n_ctx=CONTEXT, **settings)
    say({"load_s": time.perf_counter() - began})
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "stream":
            say(stream(model, asked))
        elif asked["do"] in ("together", "batch"):
            say(one_after_another(model, asked))
        else:
            judge = Llama(file, n_ctx=1024, logits_all=True, **settings)
            say({"logarithms": [score(judge, window) for window in asked["windows"]]})
            del judge


def stream(model: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """One greedy generation; the model keeps what a prompt shares with the one before, as it always does."""
    began, first, tokens = time.perf_counter(), None, 0
    for token in model.generate(asked["ids"], temp=0.0, top_k=1, repeat_penalty=1.0):
        first = first or time.perf_counter() - began
        if token == model.token_eos():
            break
        tokens += 1
        if tokens == asked["new"]:
            break
    return {"first_s": first, "total_s": time.perf_counter() - began, "tokens": tokens}


def one_after_another(model: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Many generations, as a loop would do them."""
    began, firsts, tokens = time.perf_counter(), [], 0
    for one in asked["many"]:
        waited = time.perf_counter() - began
        done = stream(model, one)
        firsts.append(waited + done["first_s"])
        tokens += done["tokens"]
    return {"firsts": firsts, "total_s": time.perf_counter() - began, "tokens": tokens}


def score(model: Any, ids: list[int]) -> list[float]:
    """The log-probability of each token but the first."""
    import numpy

    model.reset()
    model.eval(ids)
    found = []
    for place, token in enumerate(ids[1:]):
        logits = model.scores[place].astype("float64")
        top = logits.max()
        found.append(float(logits[token] - top - numpy.log(numpy.exp(logits - top).sum())))
    return found


def say(value: Any) -> None:
    """One line of JSON."""
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()
