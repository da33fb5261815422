"""What was done for one question so far: the technique's calls and searches, and the answer as it stands.

Who tells the story (chains/answer.py, chains/waves.py) carries out what `drafts` and `findings` ask for, and
then has it `go_on`, until it is `over`.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from langchain_core.language_models import BaseChatModel

from chains.cite import cite
from chains.draft import Draft, Finding
from chains.fit import fit
from chains.marks import without_marks
from chains.question import Answer, FinishReason, Prompt, Question, Timings, Tokens
from chains.steps import Call, Outcome, Reply, Wanted
from chains.techniques import Technique
from vectorstore.passage import Passage


class Story:
    """Begins at once: raises what `fit` raises when the first prompt does not fit.

    `passages` are what the technique begins with. `started` is when all began (`time.perf_counter`),
    `retrieve_s` how long the search for the passages took (None: there was none): whoever searched says so.
    """

    def __init__(
        self, question: Question, technique: Technique, passages: tuple[Passage, ...], model: BaseChatModel
    ) -> None:
        self._question, self._passages, self._model = question, passages, model
        self._asked = self.started = time.perf_counter()
        self.retrieve_s: float | None = None
        self._past: list[Draft | Finding] = []
        self._now: list[Draft | Finding] = []
        self._outcome: Outcome | None = None
        self._run = technique.run(question, passages)
        self._advance(None)

    @property
    def over(self) -> bool:
        """Whether the technique has said what it answers."""
        return self._outcome is not None

    @property
    def drafts(self) -> list[Draft]:
        """The calls that it waits for."""
        return [one for one in self._now if isinstance(one, Draft)]

    @property
    def findings(self) -> list[Finding]:
        """The searches that it waits for."""
        return [one for one in self._now if isinstance(one, Finding)]

    @property
    def completion_tokens(self) -> int:
        """How many tokens were written for it."""
        return sum(one.step().tokens.completion for one in self._all)

    def go_on(self) -> None:
        """Hands the technique what came of all it waited for. Raises what `fit` and the technique raise."""
        for draft in self.drafts:
            draft.end()
        replies = [one.reply() for one in self._now]
        self._past, self._now = self._all, []
        self._advance(replies)

    def answer(self) -> Answer:
        """As far as it has grown."""
        return self._grown(done=False)

    def finished(self, reason: FinishReason | None = None) -> Answer:
        """The last one, cited. `reason` is why it ended where the technique did not come to its end."""
        for draft in self.drafts:
            draft.end(reason)
        self._run.close()
        shown = self._shown
        whole = shown is not None and (self.over or shown.call.final)
        said = shown.step().finish_reason if shown and whole else None
        ended = reason if reason == "error" else said or reason or "stop"
        return replace(self._grown(done=True), finish_reason=ended)

    @property
    def _all(self) -> list[Draft | Finding]:
        return [*self._past, *self._now]

    @property
    def _calls(self) -> list[Draft]:
        return [one for one in self._all if isinstance(one, Draft)]

    @property
    def _shown(self) -> Draft | None:
        """The final call, or else the last one: its prompt is the answer's."""
        calls = self._calls
        return next((one for one in reversed(calls) if one.call.final), calls[-1] if calls else None)

    def _advance(self, replies: Sequence[Reply] | None) -> None:
        try:
            wanted = next(self._run) if replies is None else self._run.send(replies)
        except StopIteration as end:
            self._outcome = end.value
        else:
            self._now = [self._begun(one) for one in wanted]

    def _begun(self, wanted: Wanted) -> Draft | Finding:
        if not isinstance(wanted, Call):
            return Finding(wanted)
        options = wanted.options or self._question.options
        passages = self._passages if wanted.passages is None else wanted.passages
        fitted = fit(replace(self._question, options=options), passages, wanted.build, self._model)
        return Draft(wanted, fitted, options, self._model)

    def _grown(self, done: bool) -> Answer:
        shown, calls = self._shown, self._calls
        step = shown.step() if shown else None
        reasoning, text = self._said()
        cited = self._cited_from()
        if cited:
            text = without_marks(text, len(cited), done).lstrip()
        grown = Answer(
            self._question,
            step.prompt if step else Prompt(()),
            text=text,
            raw=step.raw if step else "",
            reasoning=reasoning,
            passages=cited,
            prompt_text=step.prompt_text if step else "",
            engine=str(shown.told.get("engine") or "") if shown else "",
            waiting=None if done else self._waiting(),
            seed=step.seed if step and len(calls) == 1 else self._question.options.seed,
            timings=self._timings(),
            tokens=self._tokens(),
            notices=tuple(dict.fromkeys(notice for one in calls for notice in one.fitted.notices)),
            steps=tuple(one.step() for one in self._all),
            agreement=self._outcome.agreement if self._outcome else None,
            done=done,
        )
        grown = replace(grown, model=shown.spec()) if shown else grown
        if not (done and cited):
            return grown
        sentences, citations = cite(text, cited)
        return replace(grown, sentences=sentences, citations=citations)

    def _said(self) -> tuple[str | None, str]:
        """Reasoning and answer: the technique's own in the end, till then those of the final call."""
        if self._outcome is not None:
            return self._outcome.reasoning, self._outcome.text
        if self._shown is None or not self._shown.call.final:
            return None, ""
        step = self._shown.step()
        return step.reasoning, step.text

    def _cited_from(self) -> tuple[Passage, ...]:
        if self._outcome is not None and self._outcome.passages is not None:
            return self._outcome.passages
        return self._shown.fitted.passages if self._shown else self._passages

    def _waiting(self) -> dict[str, str] | None:
        """Why no word comes, where none of the running calls has one."""
        if any(one.begun for one in self.drafts):
            return None
        told = [one.told["waiting"] for one in self.drafts if one.told.get("waiting")]
        return told[0] if told else None

    def _timings(self) -> Timings:
        searches = [one.seconds for one in self._all if isinstance(one, Finding)]
        first = [one.first_s for one in self._calls if one.first_s is not None]
        searched = [*searches, *([] if self.retrieve_s is None else [self.retrieve_s])]
        return Timings(
            retrieve_s=sum(searched) if searched else None,
            first_token_s=min(first) - self._asked if first else None,
            total_s=time.perf_counter() - self.started,
        )

    def _tokens(self) -> Tokens:
        each = [one.step().tokens for one in self._calls]
        by_message = self._shown.step().tokens.by_message if self._shown else ()
        return Tokens(sum(one.prompt for one in each), sum(one.completion for one in each), by_message)
