"""Everything that touches weights: loading models, running them, and (later) LoRA adapters."""

import logging
import os

# torch's threads wait for each other hundreds of times per token, and by default they wait by spinning. On a
# machine that does something else too (a browser, an embedder, a neighbour) the spinning takes the cores from
# the very thread that is waited for: 1 to 3 tokens/s instead of 10 to 20 on two busy cores. OpenMP reads this
# once, when torch is first imported, so it must stand here, before anything imports torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _expected(record: logging.LogRecord) -> bool:
    """False for what libraries log about themselves although nothing is wrong."""
    return not record.getMessage().startswith(
        (
            "Failed to load ",  # torchao and bitsandbytes, of kernels for other machines that they do without
            "MatMul8bitLt: inputs will be cast ",  # bitsandbytes, for every layer of every step
            "<enum ",  # torch, of how torchao registers its enumerations
        )
    )


for _logger in (
    "torchao",
    "bitsandbytes.autograd._functions",
    "bitsandbytes.backends.cpu.ops",
    "torch.utils._pytree",
):
    logging.getLogger(_logger).addFilter(_expected)
