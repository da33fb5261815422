"""Lines of libraries that say nothing to a person: kept from the terminal, each by its own words."""

import logging
import warnings
from functools import cache

LINES = {
    # torchao looks for a compiler for GPUs, on processors too
    "torchao.kernel.intmm": "Detected no triton",
    # transformers, of a configuration that names no loss: nothing is trained with it here
    "transformers.modeling_utils": "`loss_type=None` was set in the config",
}
"""Loggers, and the words of the line that each is kept from saying."""


@cache
def quieten() -> None:
    """Once per process, before a library reads weights."""
    for name, words in LINES.items():
        logging.getLogger(name).addFilter(_Without(words))
    # PEFT 0.21 asks transformers 5.23 by the property's old name
    warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)


class _Without(logging.Filter):
    """Drops the records that hold those words."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def filter(self, record: logging.LogRecord) -> bool:
        return self._words not in record.getMessage()
