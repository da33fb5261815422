"""One file per precision a model can be loaded in."""
