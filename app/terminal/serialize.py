"""Answers and passages as plain dictionaries: the documents that the command line writes."""

from dataclasses import asdict
from typing import Any

from chains.question import Answer, Citation, Step
from vectorstore.passage import Passage


def answer_document(answer: Answer) -> dict[str, Any]:
    """An answer as JSON. `tokens` are the sum over `steps`, `prompt` is that of the call that answered.

    `answer` has the [n] marks, `text` has none: `sentences` are ranges of `text`. `start`, `end` and
    `highlights` of passages and citations count characters of the source's loaded text.
    """
    return {
        "answer": answer.cited_text,
        "text": answer.text,
        "reasoning": answer.reasoning,
        "sentences": [asdict(sentence) for sentence in answer.sentences],
        "citations": [citation_document(citation) for citation in answer.citations],
        "passages": [passage_document(passage) for passage in answer.passages],
        "prompt": [asdict(message) for message in answer.prompt.messages],
        "steps": [step_document(step) for step in answer.steps],
        "agreement": answer.agreement,
        "technique": answer.question.technique,
        "model": {name: getattr(answer.model, name) for name in ("id", "precision", "adapter")},
        "engine": answer.engine,
        "seed": answer.seed,
        "timings": asdict(answer.timings),
        "tokens": {"prompt": answer.tokens.prompt, "completion": answer.tokens.completion},
        "finish_reason": answer.finish_reason,
        "notices": list(answer.notices),
    }


def step_document(step: Step) -> dict[str, Any]:
    """One call of the model, or one search (`query` is then no null), as it was sent and came back."""
    return {
        "name": step.name["en"],
        "prompt": [asdict(message) for message in step.prompt.messages],
        "raw": step.raw,
        "tokens": {"prompt": step.tokens.prompt, "completion": step.tokens.completion},
        "seed": step.seed,
        "finish_reason": step.finish_reason,
        "query": step.query,
        "passages": [passage_document(passage) for passage in step.passages],
    }


def citation_document(citation: Citation) -> dict[str, Any]:
    """One citation: a passage with its number and the ranges of the words that support the answer."""
    return asdict(citation)


def passage_document(passage: Passage) -> dict[str, Any]:
    """One passage; `page` is None where the format has no pages."""
    return {
        "source": passage.source,
        "page": passage.page,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "score": passage.score,
        "relevance": passage.relevance,
    }
