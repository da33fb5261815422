"""Quality cards on the command line: measures what was asked for, compares, and shows it."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from adapters.card import Card, CardProgress, first_token_agreement, flips
from adapters.card_process import CardFailed, measure_apart
from adapters.card_text import Question
from adapters.spec import ModelSpec, Text
from app.measuring import REFERENCES, reference_of
from app.terminal.asking import STEPS
from app.terminal.console import Console
from app.terminal.settings import command_settings
from app.terminal.table import table

MEASURING: dict[str, Text] = {
    "perplexity": {"en": "Reading the text", "ko": "글을 읽는 중"},
    "prefill": {"en": "Timing prompts", "ko": "프롬프트 읽는 속도를 재는 중"},
    "decode": {"en": "Timing answers", "ko": "답변 쓰는 속도를 재는 중"},
    "answers": {"en": "Asking the questions", "ko": "질문하는 중"},
}
HEADINGS: dict[str, list[str]] = {
    "en": [
        *("model", "precision", "adapter", "engine", "perplexity", "prefill tokens/s", "first token"),
        *("decode tokens/s", "memory", "right", "against", "changed", "same first token", "problem"),
    ],
    "ko": [
        *("모델", "정밀도", "어댑터", "엔진", "퍼플렉서티", "읽기 토큰/초", "첫 토큰"),
        *("쓰기 토큰/초", "메모리", "정답", "비교 기준", "바뀐 답", "첫 토큰 일치", "문제"),
    ],
}
CHANGED: Text = {
    "en": "Answers of {name} that differ from {reference}:",
    "ko": "{name}: {reference} 대비 달라진 답변",
}
BARE: Text = {"en": "without an adapter", "ko": "어댑터 없음"}
HOW: Text = {
    "en": (
        "Perplexity is e to the mean negative log-likelihood of the text's tokens: lower is better. Prefill "
        "is a prompt never read before, up to its first text; decode a long greedy answer, from there on. "
        "Memory is what loading took, so it differs from an estimate: the cache is not filled yet, and what "
        "libraries, a conversion or the allocator took or kept counts only in part. An answer is right when "
        "it contains the expected word. Where two words are nearly as likely, noise changes an answer, too."
    ),
    "ko": (
        "퍼플렉서티는 글의 토큰에 대한 평균 음의 로그 확률을 e의 지수로 올린 값이고 낮을수록 좋아요. "
        "읽기는 처음 보는 프롬프트의 첫 글자까지, 쓰기는 긴 답변의 그다음부터 재요. "
        "메모리는 불러오는 데 든 만큼이라 예상값과 달라요. 캐시가 아직 차지 않았고, 라이브러리나 변환, "
        "메모리 할당기의 몫은 일부만 들어가요. "
        "기대한 낱말이 들어 있으면 정답으로 세요. "
        "두 낱말의 확률이 비슷하면 작은 차이로도 답변이 바뀔 수 있어요."
    ),
}


@dataclass(frozen=True)
class Measured:
    """What was asked for, and what came of it."""

    spec: ModelSpec
    result: Card | CardFailed


@dataclass(frozen=True)
class Bench:
    """What every model is measured with; says how far it is: on a program's request as a line of JSON."""

    text: str
    questions: tuple[Question, ...]
    console: Console
    stop: threading.Event

    def measure(self, specs: Sequence[ModelSpec], references: bool) -> list[Measured]:
        """One model after the other, so that none slows another; then, with `references`, full precision of
        each model and adapter that has none among them. Ends early when `stop` is set."""
        all = len(specs) + (len(missing_references(specs)) if references else 0)
        measured = [one for at, spec in enumerate(specs, 1) for one in self._measure(spec, at, all)]
        if references:
            measured += self._references(measured, len(specs), all)
        self.console.clear()
        return measured

    def _measure(self, spec: ModelSpec, number: int, all: int) -> Iterator[Measured]:
        folder = command_settings().models
        for heard in measure_apart(spec, folder, self.text, self.questions, self.stop):
            if isinstance(heard, CardProgress):
                self._say(number, max(number, all), spec, heard)
            else:
                yield Measured(spec, heard)

    def _references(self, measured: Sequence[Measured], done: int, all: int) -> list[Measured]:
        """Full precision of each model and adapter that has none among `measured` and can be loaded."""
        cards = [one.result for one in measured if isinstance(one.result, Card)]
        local = [card for card in cards if card.engine != "server"]
        found = []
        for model, adapter in dict.fromkeys((card.model, card.adapter) for card in local):
            for precision in REFERENCES:
                if any((c.model, c.adapter, c.precision) == (model, adapter, precision) for c in local):
                    break
                done += 1
                tried = list(self._measure(ModelSpec(model, precision, adapter), done, all))
                if any(isinstance(one.result, Card) for one in tried):
                    found += tried
                    break
        return found

    def _say(self, number: int, count: int, spec: ModelSpec, heard: CardProgress) -> None:
        if self.console.as_json:
            self.console.say(
                json.dumps({"card": number, "cards": count} | spec_document(spec) | asdict(heard))
            )
            return
        step = MEASURING.get(heard.step) or STEPS.get(heard.step) or STEPS["loading"]
        self.console.progress(f"{number}/{count} {_name(spec)}: {self.console.text(step)}", heard.fraction)


def missing_references(specs: Sequence[ModelSpec]) -> list[tuple[str, str | None]]:
    """The (model, adapter) pairs of which no full precision is measured unless it is added. What "auto" comes
    to is not known yet: it counts as none."""
    pairs = dict.fromkeys((spec.id, spec.adapter) for spec in specs)
    full = {(spec.id, spec.adapter) for spec in specs if spec.precision in REFERENCES}
    return [pair for pair in pairs if pair not in full]


def documents(measured: Sequence[Measured], console: Console) -> list[dict[str, Any]]:
    """Every card as JSON, compared with its reference; see app.measuring."""
    cards = [one.result for one in measured if isinstance(one.result, Card)]
    return [
        _card(one.result, reference_of(one.result, cards), console)
        if isinstance(one.result, Card)
        else EMPTY | spec_document(one.spec) | {"problem": console.text(one.result.reason)}
        for one in measured
    ]


def spec_document(spec: ModelSpec) -> dict[str, Any]:
    """Which combination is meant."""
    return {"model": spec.id, "precision": spec.precision, "adapter": spec.adapter}


EMPTY: dict[str, Any] = dict.fromkeys(
    (
        *("engine", "perplexity", "perplexity_reason", "text_tokens", "prefill", "decode", "memory_bytes"),
        *("right", "answers", "reference", "flips", "first_token_agreement", "problem"),
    )
)


def _card(card: Card, reference: Card | None, console: Console) -> dict[str, Any]:
    reason = card.perplexity_reason
    answered = zip(card.questions, card.answers, strict=True)
    return EMPTY | {
        "model": card.model,
        "precision": card.precision,
        "adapter": card.adapter,
        "engine": card.engine,
        "perplexity": card.perplexity,
        "perplexity_reason": console.text(reason) if reason else None,
        "text_tokens": card.text_tokens,
        "prefill": {
            "tokens": card.prefill_tokens,
            "per_s": card.prefill_per_s,
            "first_token_s": card.first_token_s,
        },
        "decode": {"tokens": card.decode_tokens, "per_s": card.decode_per_s},
        "memory_bytes": card.memory_bytes,
        "right": card.right,
        "answers": [{"question": q.question, "answer": a, "expected": q.answer} for q, a in answered],
        "reference": _told(reference) if reference else None,
        "flips": [asdict(flip) for flip in flips(card, reference)] if reference else None,
        "first_token_agreement": first_token_agreement(card, reference) if reference else None,
    }


def show(cards: Sequence[dict[str, Any]], console: Console) -> None:
    """A table side by side, then the answers that changed."""
    console.print(table(HEADINGS[console.language], [_row(card, console) for card in cards]))
    for card in cards:
        if card["flips"]:
            console.line()
            console.line(_changed(card, console))
            for flip in card["flips"]:
                console.line(f"  {flip['question']}")
                console.line(f"    - {_mark(flip['was_right'])}{_line(flip['before'])}")
                console.line(f"    + {_mark(flip['is_right'])}{_line(flip['after'])}")
    console.line()
    console.line(console.text(HOW))


def _told(reference: Card) -> dict[str, Any]:
    return {"precision": reference.precision, "adapter": reference.adapter}


def _changed(card: dict[str, Any], console: Console) -> str:
    return console.text(CHANGED).format(name=_name(_spec(card)), reference=_against(card, console))


def _against(card: dict[str, Any], console: Console) -> str | None:
    """What the changed answers and first tokens of a card are counted against; None where against nothing."""
    other = card["reference"]
    if other is None:
        return None
    adapter = other["adapter"] or (console.text(BARE) if card["adapter"] else "")
    return f"{other['precision']} ({adapter})" if adapter else str(other["precision"])


def _row(card: dict[str, Any], console: Console) -> list[object]:
    names = [card["model"], card["precision"], card["adapter"], card["engine"]]
    if card["problem"]:
        return [*names, *([None] * 9), card["problem"]]
    perplexity, agreement = card["perplexity"], card["first_token_agreement"]
    asked, decode, memory = len(card["answers"]), card["decode"]["per_s"], card["memory_bytes"]
    return [
        *names,
        "–" if perplexity is None else f"{perplexity:.2f}",
        f"{card['prefill']['per_s']:,.0f}",
        f"{card['prefill']['first_token_s']:.2f} s",
        "–" if decode is None else f"{decode:.1f}",
        "–" if memory is None else f"{memory / 1e6:,.0f} MB",
        f"{card['right']}/{asked}",
        _against(card, console),
        None if card["flips"] is None else f"{len(card['flips'])}/{asked}",
        None if agreement is None else f"{agreement:.0%}",
        None,
    ]


def _spec(card: dict[str, Any]) -> ModelSpec:
    return ModelSpec(card["model"], card["precision"], card["adapter"])


def _name(spec: ModelSpec) -> str:
    return f"{spec.id} {spec.precision}" + (f" {spec.adapter}" if spec.adapter else "")


def _mark(right: bool | None) -> str:
    return "" if right is None else "✓ " if right else "✗ "


def _line(text: str) -> str:
    return " ".join(text.split())
