"""One file per engine that runs a model."""
