"""Comparisons on this machine: what a specification may name here, and what a run needs of it."""
