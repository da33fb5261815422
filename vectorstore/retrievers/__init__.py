"""One file per way of finding passages."""
