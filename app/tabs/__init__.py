"""One file per tab, one plain function each."""
