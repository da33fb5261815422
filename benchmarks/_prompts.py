"""The prompts of `benchmarks.models`, made from a text of our own; every contestant reads the same tokens."""

import random
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from adapters.card_text import read_text

KINDS: dict[str, type[BaseMessage]] = {"system": SystemMessage, "human": HumanMessage, "ai": AIMessage}
GROUNDED = "Note {number}. Answer from the passages below, in full sentences, and tell everything they say."
STORY = "Write a long and detailed story about a wooden house by a river and the people who live in it."
QUESTION = "Tell in detail what the passages say about the house, the river and the people."
FOLLOW_UP = "Which of these things happened in spring, and who did them?"
TASK = "Name the main subject of a sentence, as the examples do."

Prompt = dict[str, Any]
"""{messages: [[role, text]], ids: token ids, new: most new tokens}."""


@dataclass(frozen=True)
class Prompts:
    """Writes prompts of a wanted length in tokens. `tokenizer` is the model's own."""

    tokenizer: Any

    def grounded(self, number: int, tokens: int, new: int) -> Prompt:
        """A question with passages; each number is another prompt from its first words on."""
        random_ = random.Random(number)
        sentences = random_.sample(self._sentences, len(self._sentences)) * 3
        system = GROUNDED.format(number=random_.getrandbits(30))
        longest = max(
            n for n in range(len(sentences)) if self._count(system, _passages(sentences[:n])) <= tokens
        )
        rest = tokens - self._count(system, _passages(sentences[:longest]))
        filler = " and" * max(0, rest)
        prompt = self.prompt([("system", system), ("human", _passages(sentences[:longest]) + filler)], new)
        return {**prompt, "copies": True}  # as the chat says of every answer from passages

    def follow_up(self, prompt: Prompt, answer: str, new: int) -> Prompt:
        """The next question of that conversation."""
        following = self.prompt([*prompt["messages"], ("ai", answer), ("human", FOLLOW_UP)], new)
        return {**following, "copies": True}

    def story(self, new: int) -> Prompt:
        """Something that takes long to answer."""
        return self.prompt([("human", STORY)], new)

    def few_shot(self, count: int, tokens: int, new: int) -> list[Prompt]:
        """Many questions behind the same block of examples of about that many tokens."""
        block = ""
        for sentence in self._sentences * 3:
            longer = f"{block}Sentence: {sentence}\nSubject: {' '.join(sentence.split()[:2])}\n\n"
            if len(self.tokenizer(longer)["input_ids"]) > tokens:
                break
            block = longer
        random_ = random.Random(0)
        asked = [" ".join(random_.sample(self._sentences, 2)) for _ in range(count)]
        return [
            self.prompt([("system", TASK), ("human", f"{block}Sentence: {one}\nSubject:")], new)
            for one in asked
        ]

    def prompt(self, messages: list[tuple[str, str]], new: int) -> Prompt:
        """The messages, and the tokens the model's template makes of them."""
        from adapters.template import render

        rendered = render(self.tokenizer, [KINDS[role](text) for role, text in messages])
        return {"messages": messages, "ids": list(rendered.ids), "new": new}

    def _count(self, system: str, human: str) -> int:
        return len(self.prompt([("system", system), ("human", human)], 0)["ids"])

    @cached_property
    def _sentences(self) -> list[str]:
        text = " ".join(read_text("en").split())
        return [one for one in re.split(r"(?<=[.!?]) ", text) if len(one.split()) > 4]


def make_prompts(models: Path) -> Prompts:
    """With the tokenizer of the default model, from the folder of models."""
    from adapters.models import find_model
    from adapters.weights import prepare_folder, read_tokenizer

    return Prompts(read_tokenizer(prepare_folder(find_model("default", models), models)))


def _passages(sentences: list[str]) -> str:
    return "Passages:\n" + " ".join(sentences) + f"\n\n{QUESTION}"
