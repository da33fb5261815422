"""The first words of a model that was loaded."""

from typing import Any

from adapters.errors import AdapterError
from adapters.request import Engine, Request


def warm_up(engine: Engine, tokenizer: Any) -> None:
    """Two tokens, so that a model that cannot answer fails here, and the first answer is not a slow one."""
    try:
        for _ in engine.generate([Request(tokenizer("Once upon a time")["input_ids"], max_tokens=2)]):
            pass
    except AdapterError:
        engine.close()
        raise
