"""The prompt template as a noun stands with the others, in chains/question.py; this is its older place."""

from chains.question import Template

__all__ = ["Template"]
