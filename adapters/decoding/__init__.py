"""The parts of the transformers engine: the cache of a running batch, prompts read before, rows, adapters."""
