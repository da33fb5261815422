"""One file per prompting technique; the file name is its key."""
