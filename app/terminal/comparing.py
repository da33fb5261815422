"""A comparison on the command line: runs it, says how far it is, writes the report."""

import json
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from adapters.spec import Text
from app.comparing.machine import LocalMachine
from app.terminal.asking import STEPS
from app.terminal.console import Console
from app.terminal.table import table
from chains.compare.cell import Cell
from chains.compare.estimate import Estimate, estimate
from chains.compare.experiment import Experiment
from chains.compare.judge_phase import judge
from chains.compare.kept import Kept
from chains.compare.metrics import metric
from chains.compare.progress import Progress
from chains.compare.rates import note_rates, read_rates
from chains.compare.results import COMMAND, results
from chains.compare.run import run
from chains.compare.scores import score_all
from chains.compare.tools import Tools

PROGRESS, SPECIFICATION = "progress.json", "specification.yaml"
WRITTEN_EVERY_S = 1.0

WORDS: dict[str, Text] = {
    "minutes": {"en": "{minutes} min left", "ko": "{minutes}분 남음"},
    "under": {"en": "under a minute left", "ko": "1분 안에 끝남"},
    "at_work": {
        "en": "{calls} calls for the next {asked}",
        "ko": "다음 {asked}개를 위해 {calls}번 호출",
    },
    "the_judge": {"en": "(the judge)", "ko": "(심사 모델)"},
    "judging": {"en": "Judging", "ko": "채점 중"},
    "unjudged": {
        "en": "The answers are not judged: {reason}",
        "ko": "답변을 심사하지 못했어요. {reason}",
    },
    "unwritten": {
        "en": "The progress cannot be written ({cause}). The run goes on.",
        "ko": "진행 상황을 쓰지 못했어요({cause}). 실행은 계속해요.",
    },
    "scoring": {"en": "Scoring", "ko": "점수 계산 중"},
    "stopped": {
        "en": "Stopped. {done} of {total} answers are kept; run the same command to go on.",
        "ko": "멈췄어요. 답변 {total}개 중 {done}개를 보관했어요. 같은 명령을 실행하면 이어서 해요.",
    },
    "failed": {
        "en": "{column}: {failed} of {total} questions have no answer. {reason}",
        "ko": "{column}: 질문 {total}개 중 {failed}개는 답이 없어요. {reason}",
    },
    "written": {"en": "The report is in {folder}: {files}", "ko": "결과를 {folder}에 썼어요: {files}"},
    "total": {
        "en": "About {minutes} minutes on this machine.",
        "ko": "이 컴퓨터에서 약 {minutes}분 걸려요.",
    },
    "unmeasured": {
        "en": "Measured on a few questions only: a full run is faster, because questions share batches.",
        "ko": "질문 몇 개로만 쟀어요. 실제로는 여러 질문을 한꺼번에 처리해서 더 빨라요.",
    },
}
ESTIMATED: dict[str, list[str]] = {
    "en": ["column", "answers", "kept", "calls", "tokens in", "tokens out", "at most", "minutes", "problem"],
    "ko": ["열", "답변", "보관됨", "호출", "입력 토큰", "출력 토큰", "최대", "분", "문제"],
}


@dataclass
class Comparison:
    """One experiment on this machine; `stop` ends it, and what is done by then stays. Without `texts` the
    report has scores and settings only; `command` is what it says to type again."""

    experiment: Experiment
    machine: LocalMachine
    console: Console
    stop: threading.Event
    fresh: bool = False
    texts: bool = True
    command: str = COMMAND

    def estimate(self) -> int:
        """Says what it will cost."""
        with Kept(self.machine.folder) as kept:
            rates = read_rates(self.machine.folder)
            found = estimate(self.experiment, self.machine, kept, rates, self.stop, self.console.progress)
        self.console.clear()
        if self.stop.is_set():
            return 1
        if self.console.as_json:
            rows = [self._as_json(one) for one in found.columns]
            judging = self._as_json(found.judge) if found.judge else None
            self.console.document({"estimate": rows, "judge": judging, "seconds": found.seconds})
            return 0
        self.console.print(table(ESTIMATED[self.console.language], [self._row(one) for one in found.all]))
        self.console.line(self._words("total", minutes=f"{found.seconds / 60:.1f}"))
        if any(one.calls and not one.measured for one in found.all):
            self.console.line(self._words("unmeasured"))
        return 0

    def run(self, folder: Path, specification: bytes, as_json: bool) -> int:
        """Answers what is not kept, scores, writes the report; 1 when a column has no answer at all."""
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / SPECIFICATION, specification)
        teller = Teller(self.console, folder / PROGRESS, as_json)
        with Kept(self.machine.folder) as kept:
            kept.clean()
            last = self._answer(kept, teller)
            cells = last.cells  # on disk: of a large run only what is looked at comes into memory
            for notice in kept.notices:
                self.console.say(self.console.text(notice))
            teller.attempt(lambda: note_rates(self.machine.folder, self.experiment, cells))
            tools = self._judged(cells, kept, teller) if not self.stop.is_set() else None
        if tools is None:
            done = sum(cell.error is None for cell in cells)
            self.console.say(self._words("stopped", done=done, total=sum(last.total.values())))
            return 1
        self._report(folder, cells, tools, teller)
        self._say_failures(cells, last)
        return int(any(last.failed.get(name, 0) == total for name, total in last.total.items()))

    def _answer(self, kept: Kept, teller: "Teller") -> Progress:
        last = None
        for last in run(self.experiment, self.machine, kept, self.stop, self.fresh):
            teller.tell(last)
        assert last is not None  # noqa: S101 (a run always says something)
        teller.tell(last, now=True)
        return last

    def _judged(self, cells: Collection[Cell], kept: Kept, teller: "Teller") -> Tools | None:
        """What the metrics need; None when it was stopped meanwhile."""
        needs = {need for key in self.experiment.metrics for need in metric(key).needs}
        tools = self.machine.tools("embedder" in needs)
        if "judge" not in needs:
            return tools
        for state in judge(self.experiment, cells, self.machine, kept, self.stop, self.fresh):
            tools = replace(tools, verdicts=state.verdicts, unjudged=state.problem)
            teller.step("judging", state.done / max(1, state.total))
        if tools.unjudged is not None:
            self.console.say(self._words("unjudged", reason=self.console.text(tools.unjudged)))
        return None if self.stop.is_set() else tools

    def _report(self, folder: Path, cells: Collection[Cell], tools: Tools, teller: "Teller") -> None:
        from chains.compare.report import write
        from chains.compare.report.settings import public

        teller.step("scoring", None)
        scores = score_all(self.experiment, cells, tools)
        document = results(self.experiment, scores, cells, self.command)
        files = write(folder, self.experiment, cells, document, texts=self.texts, verdicts=tools.verdicts)
        teller.end()
        if self.console.as_json:
            self.console.document(public(document, self.texts))
        else:
            names = ", ".join(file.name for file in files)
            self.console.print((folder / "report.md").read_text(encoding="utf-8"))
            self.console.say(self._words("written", folder=folder, files=names))

    def _say_failures(self, cells: Collection[Cell], last: Progress) -> None:
        for name, failed in last.failed.items():
            reason = next(cell.error for cell in cells if cell.error and cell.column == name)
            words = {"failed": failed, "total": last.total[name], "reason": self.console.text(reason)}
            self.console.say(self._words("failed", column=name, **words))

    def _row(self, one: Estimate) -> list[object]:
        tokens = (one.prompt_tokens, one.completion_tokens, one.most_completion_tokens)
        figures = [f"{value:,}" for value in (one.cells, one.kept, one.calls, *tokens)]
        return [
            one.column or self._words("the_judge"),
            *figures,
            f"{one.seconds / 60:.1f}",
            self._problem(one),
        ]

    def _as_json(self, one: Estimate) -> dict[str, Any]:
        return asdict(one) | {"problem": self._problem(one)}

    def _problem(self, one: Estimate) -> str | None:
        return self.console.text(one.problem) if one.problem else None

    def _words(self, key: str, **values: object) -> str:
        return self.console.text(WORDS[key]).format(**values)


@dataclass
class Teller:
    """Says how far a run is: on standard error, and in a file that a page reads after a reload."""

    console: Console
    path: Path
    as_json: bool
    _told: float = 0.0
    _last: Progress | None = None
    _unwritten: bool = False

    def attempt(self, write: Callable[[], None]) -> None:
        """Writes what a run can do without: a disk that is full does not end it, and is said once."""
        try:
            write()
        except OSError as error:
            if not self._unwritten:
                self._unwritten = True
                self.console.say(self.console.text(WORDS["unwritten"]).format(cause=error.strerror or error))

    def tell(self, progress: Progress, now: bool = False) -> None:
        """Shows it; the file is written once a second at the most, unless it must be `now`."""
        self._last = progress
        document = _document(progress)
        if now or time.monotonic() - self._told > WRITTEN_EVERY_S:
            self._told = time.monotonic()
            self._keep(document)
        if self.as_json:
            self.console.say(json.dumps(document, ensure_ascii=False))
        elif progress.loading is not None:
            step = STEPS.get(progress.step) or STEPS["loading"]
            self.console.progress(f"{progress.model}: {self.console.text(step)}", progress.loading)
        else:
            done, total = sum(progress.done.values()), sum(progress.total.values())
            self.console.progress(self._line(progress, done, total), done / max(1, total))

    def step(self, name: str, fraction: float | None) -> None:
        """What comes after the answers."""
        if self.as_json:
            self._put({"state": name, "fraction": fraction}, say=True)
        else:
            self.console.progress(self.console.text(WORDS[name]), fraction)
            self._put({"state": name, "fraction": fraction}, say=False)

    def end(self) -> None:
        """The report is written."""
        self._put({"state": "finished"}, say=self.as_json)
        self.console.clear()

    def _put(self, change: Mapping[str, Any], say: bool) -> None:
        document = (_document(self._last) if self._last else {}) | dict(change)
        self._keep(document)
        if say:
            self.console.say(json.dumps(document, ensure_ascii=False))

    def _keep(self, document: Mapping[str, Any]) -> None:
        content = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        self.attempt(lambda: _write(self.path, content))

    def _line(self, progress: Progress, done: int, total: int) -> str:
        parts = [f"{done:,}/{total:,}", progress.column]
        if progress.calls:
            parts.append(self._text("at_work", calls=f"{progress.calls:,}", asked=f"{progress.asked:,}"))
        if progress.left_s is not None:
            key = "under" if progress.left_s < 60 else "minutes"
            parts.append(self._text(key, minutes=f"{progress.left_s / 60:.0f}"))
        return " · ".join(part for part in parts if part)

    def _text(self, key: str, **values: str) -> str:
        return self.console.text(WORDS[key]).format(**values)


def _document(progress: Progress) -> dict[str, Any]:
    columns = {
        name: {
            "done": progress.done.get(name, 0),
            "total": total,
            "kept": progress.kept.get(name, 0),
            "failed": progress.failed.get(name, 0),
        }
        for name, total in progress.total.items()
    }
    state = "answered" if progress.finished else "stopped" if progress.cells else "running"
    return {
        "state": state,
        "columns": columns,
        "seconds": progress.seconds,
        "left_s": progress.left_s,
        "tokens_per_s": progress.tokens_per_s,
        "column": progress.column,
        "model": progress.model,
        "step": progress.step,
        "loading": progress.loading,
        "asked": progress.asked,
        "calls": progress.calls,
        "notices": list(map(dict, progress.notices)),
        "process": os.getpid(),
    }


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a page may read it at any moment."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise
