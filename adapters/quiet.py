"""Lines of libraries that mean nothing to a person are kept from the terminal, each by its first words."""

import logging
import warnings
from functools import cache

LINES = {
    # kernels for other machines, which both do without
    "torchao": "Failed to load ",
    "bitsandbytes.backends.cpu.ops": "Failed to load ",
    # torchao looks for a compiler for GPUs, on processors too
    "torchao.kernel.intmm": "Warning: Detected no triton",
    # bitsandbytes, for every layer of every step
    "bitsandbytes.autograd._functions": "MatMul8bitLt: inputs will be cast ",
    # torch, of how torchao registers its enumerations
    "torch.utils._pytree": "<enum ",
    # transformers, of a configuration that names no loss: nothing is trained with it here
    "transformers.modeling_utils": "`loss_type=None` was set in the config",
}
"""Loggers, and how the line begins that each is kept from saying."""


def drop_lines() -> None:
    """Once per process, before any of these libraries is imported: some say it then."""
    for name, words in LINES.items():
        logging.getLogger(name).addFilter(_Without(words))


@cache
def quieten() -> None:
    """Once per process, before a library reads weights."""
    # PEFT 0.21 asks transformers 5.23 by the property's old name
    warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)


class _Without(logging.Filter):
    """Drops the records that begin with those words."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith(self._words)
