"""A prompt template: a system and a user text with variables in braces, and its earlier versions."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """`system` and `user` hold variables like {question}; `version` counts from 1, with every change."""

    name: str
    system: str
    user: str
    version: int = 1
    language: str = ""
