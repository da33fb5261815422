"""`ask --batch`: many questions, answered in groups, one JSON line each, in the order of the file."""

import argparse
from typing import TYPE_CHECKING, Any

from adapters.spec import Text
from app.terminal.asking import make_question, model_spec, open_services, wait_for_model
from app.terminal.batch import read_batch
from app.terminal.console import Console

if TYPE_CHECKING:
    from chains.question import Answer


UNANSWERED: Text = {
    "en": "{failed} of {all} questions could not be answered; their lines say why under “error”.",
    "ko": "질문 {all}개 중 {failed}개는 답하지 못했어요. 이유는 그 줄의 “error”에 있어요.",
}


def ask_batch(args: argparse.Namespace, console: Console) -> int:
    """Writes {"id", …the answer's document}, or {"id", "error"}, for every line.

    Returns 1 if any could not be answered. Ctrl-C ends it at once: the lines already written are whole.
    """
    from chains.answer import answers_or_errors

    lines = read_batch(args.batch)
    failed = 0
    with open_services(model_spec(args)) as services:
        questions = [make_question(args, services, line.question, console.language) for line in lines]
        found_by = (
            services.store.retriever(args.collection, args.retriever, args.k) if args.collection else None
        )
        wait_for_model(services, console)
        model = services.model.loaded().serving(args.adapter)
        for done, (line, answer) in enumerate(
            zip(lines, answers_or_errors(questions, model, found_by), strict=True), start=1
        ):
            failed += isinstance(answer, Exception)
            console.document({"id": line.id} | _document(answer, console))
            console.progress(f"{done}/{len(lines)}")
    if failed:
        console.say(console.text(UNANSWERED).format(failed=failed, all=len(lines)))
    return 1 if failed else 0


def _document(answer: "Answer | Exception", console: Console) -> dict[str, Any]:
    from app.terminal.serialize import answer_document

    return {"error": console.explain(answer)} if isinstance(answer, Exception) else answer_document(answer)
