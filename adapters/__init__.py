"""Everything that touches weights: loading models, running them, and (later) LoRA adapters."""
