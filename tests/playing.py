"""Drives a technique by hand: a model is a function of the call's name and its prompt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chains.question import Message, Prompt, Question
from chains.steps import Call, Outcome, Reply, Search
from chains.techniques import technique
from vectorstore.passage import Passage

Writes = Callable[[str, str], str]
Finds = Callable[[str], Sequence[Passage]]


@dataclass
class Play:
    """What happened: `asked` (name, what the person says) and `searched`, each in order; `together` is how
    many were wanted at a time."""

    outcome: Outcome = field(default_factory=lambda: Outcome(""))
    calls: list[Call] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    together: list[int] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [call.name["en"] for call in self.calls]

    @property
    def asked(self) -> list[str]:
        return [prompt.messages[-1].content for prompt in self.prompts]

    def messages(self, number: int) -> tuple[Message, ...]:
        return self.prompts[number].messages


def play(
    question: Question,
    writes: Writes | str | Mapping[str, str],
    passages: tuple[Passage, ...] = (),
    finds: Finds = lambda query: (),
) -> Play:
    """Runs the question's technique to its end. `writes` may be one text for all calls, or one by name."""
    played, replies = Play(), None
    run = technique(question.technique).run(question, passages)
    while True:
        try:
            wanted = next(run) if replies is None else run.send(replies)
        except StopIteration as end:
            played.outcome = end.value
            return played
        played.together.append(len(wanted))
        replies = [_reply(played, one, question, writes, passages, finds) for one in wanted]


def _reply(played, one, question, writes, passages, finds):  # type: ignore[no-untyped-def]
    if isinstance(one, Search):
        played.searched.append(one.query)
        return Reply(passages=tuple(finds(one.query)))
    prompt = one.build(question, passages if one.passages is None else one.passages)
    played.calls.append(one)
    played.prompts.append(prompt)
    said = prompt.messages[-1].content
    if isinstance(writes, str):
        raw = writes
    elif isinstance(writes, Mapping):
        raw = writes[one.name["en"]]
    else:
        raw = writes(one.name["en"], said)
    reasoning, text = one.read(raw, True)
    return Reply(text, reasoning, raw)
