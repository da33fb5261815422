"""Documents in, passages out."""

import os

# The embedder's threads, too, wait for each other by spinning unless told to sleep, and then take the cores
# from whatever they wait for (see adapters/__init__.py, which this package may not import). OpenMP reads this
# once, when torch is first imported: a process that only fills or searches collections needs it here as well.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
