"""Everything that touches weights: loading models, running them, and LoRA adapters."""

import os

from adapters.quiet import drop_lines

# torch's threads wait for each other hundreds of times per token, and by default they wait by spinning. On a
# machine that does something else too (a browser, an embedder, a neighbour) the spinning takes the cores from
# the very thread that is waited for: 1 to 3 tokens/s instead of 10 to 20 on two busy cores. OpenMP reads this
# once, when torch is first imported, so it must stand here, before anything imports torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

drop_lines()
