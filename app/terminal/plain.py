"""An answer as plain text for a terminal: its steps a line each, then it grows, then its sources follow."""

from itertools import takewhile

from adapters.spec import Text
from app.terminal.console import Console
from chains.question import Answer, Citation, Step

HEADINGS: dict[str, Text] = {
    "reasoning": {"en": "Reasoning", "ko": "풀이 과정"},
    "answer": {"en": "Answer", "ko": "답변"},
    "steps": {"en": "Steps", "ko": "단계"},
    "query": {"en": "searched for “{query}”, {count} passages", "ko": "검색어 “{query}”, 문단 {count}개"},
    "agreement": {"en": "{percent} of the samples agree", "ko": "샘플의 {percent}가 같은 답이에요"},
    "sources": {"en": "Sources", "ko": "출처"},
    "unsupported": {"en": "Not found in the documents", "ko": "문서에서 확인되지 않은 문장"},
    "page": {"en": "page {page}", "ko": "{page}쪽"},
    "supports": {"en": "supports", "ko": "근거가 된 문장"},
    "score": {"en": "score", "ko": "점수"},
    "relevance": {"en": "relevance", "ko": "관련도"},
}
SHOWN_CHARACTERS = 200


class Growing:
    """Writes the part of each answer that is new."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: Answer | None = None
        self._reasoning = self._text = ""
        self._steps = 0

    def show(self, answer: Answer) -> None:
        """Writes what `answer` says more than the one before: its steps, and its two parts, only grow.

        Reasoning is the steps' own where there are steps before the answer: it is not written twice.
        """
        self._new_steps(answer)
        if answer.reasoning and not self._text and not self._steps:
            if not self._reasoning:
                self._heading("reasoning")
            if not self._reasoning.startswith(answer.reasoning):  # its end may turn out to be the answer
                self._add(self._reasoning, answer.reasoning)
                self._reasoning = answer.reasoning
        if answer.text:
            if (self._reasoning or self._steps) and not self._text:
                self._console.print("\n\n" if self._reasoning else "\n")
                self._heading("answer")
            self._add(self._text, answer.text)
            self._text = answer.text
        self._last = answer

    def end(self) -> None:
        """Writes the sources and the figures, once the last answer was shown."""
        if self._text or self._reasoning:
            self._console.line()
        if self._last is not None and self._last.done:
            self._agreement(self._last)
            self._sources(self._last)
            self._console.say(figures(self._last))

    def _new_steps(self, answer: Answer) -> None:
        """A line for each step that has ended, in order; the call whose text is the answer needs none."""
        ended = list(takewhile(lambda step: step.total_s is not None, answer.steps))
        for step in ended[self._steps :]:
            if step.final:
                return
            if not self._steps:
                self._heading("steps")
            self._steps += 1
            self._console.line(f"{self._steps}. {self._console.text(step.name)}: {self._step(step)}")

    def _step(self, step: Step) -> str:
        if step.query is None:
            return f"{_one_line(step.text)} ({step.tokens.prompt} + {step.tokens.completion} tokens)"
        return self._console.text(HEADINGS["query"]).format(
            query=_one_line(step.query), count=len(step.passages)
        )

    def _agreement(self, answer: Answer) -> None:
        if answer.agreement is not None:
            words = self._console.text(HEADINGS["agreement"])
            self._console.line(words.format(percent=f"{answer.agreement:.0%}"))

    def _add(self, before: str, now: str) -> None:
        if now.startswith(before):
            self._console.print(now[len(before) :])
        elif now != before.rstrip():  # rewritten at the end: shown whole, on a line of its own
            self._console.print("\n" + now)

    def _heading(self, name: str) -> None:
        self._console.line(f"{self._console.text(HEADINGS[name])}:")

    def _sources(self, answer: Answer) -> None:
        if answer.citations:
            self._console.line()
            self._heading("sources")
        for citation in answer.citations:
            self._citation(citation, answer)
        unsupported = [one for one in answer.sentences if one.supported is False]
        if unsupported:
            self._console.line()
            self._heading("unsupported")
        for sentence in unsupported:
            self._console.line(f"  - {_one_line(answer.text[sentence.start : sentence.end])}")

    def _citation(self, citation: Citation, answer: Answer) -> None:
        page = self._console.text(HEADINGS["page"]).format(page=citation.page)
        place = f"{citation.source}, {page}" if citation.page else citation.source
        score = f"{self._console.text(HEADINGS['score'])} {citation.score:.3f}"
        if citation.relevance is not None:
            score = f"{self._console.text(HEADINGS['relevance'])} {citation.relevance:.0%}, {score}"
        self._console.line(f"[{citation.n}] {place} ({citation.start}-{citation.end}, {score})")
        self._console.line(f"    {_one_line(citation.text)}")
        for sentence in answer.sentences:
            if citation.n in sentence.citations:
                supported = _one_line(answer.text[sentence.start : sentence.end])
                self._console.line(f"    {self._console.text(HEADINGS['supports'])}: {supported}")


def figures(answer: Answer) -> str:
    """Model, adapter, tokens and times in one line."""
    model, tokens, timings = answer.model, answer.tokens, answer.timings
    parts = [f"{model.id} {model.precision}", *([model.adapter] if model.adapter else [])]
    if tokens.prompt or tokens.completion:  # a server that was lost had told nothing
        parts.append(f"{tokens.prompt} + {tokens.completion} tokens")
    parts += [f"{timings.total_s:.1f} s"] if timings.total_s is not None else []
    parts += [f"seed {answer.seed}"] if answer.seed is not None else []
    return " · ".join([*parts, answer.finish_reason or ""])


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"
