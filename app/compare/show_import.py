"""A file of questions before it is saved, as HTML: its first rows, and what the form makes of it."""

from collections.abc import Iterable

from app.compare.importing import ROWS
from app.compare.show_sets import LANGUAGES, problem, shortened, type_name
from app.locales import pick, say
from app.marked import plain
from chains.compare.question_set import QuestionSet
from chains.compare.reading import Preview


def preview(shown: Preview, language: str) -> str:
    """The first rows, and what is worth knowing of the file."""
    heads = "".join(f'<th scope="col">{plain(header)}</th>' for header in shown.headers)
    rows = "".join(
        f"<tr>{''.join(f'<td dir=auto>{plain(shortened(cell))}</td>' for cell in row)}</tr>"
        for row in shown.rows[:ROWS]
    )
    title = f"{shown.name} · {pick(shown.format, language)}"
    notes = "".join(f'<p class="remark">{plain(pick(note, language))}</p>' for note in shown.notes)
    return (
        f'<section class="preview"><h3>{plain(title)}</h3><div class="wide"><table><thead><tr>{heads}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div>{notes}</section>"
    )


def reason(shown: Preview, field: str, language: str) -> str:
    """Why a column was guessed for the field, "" where none was."""
    found = shown.reasons.get(field)
    return say("sets.guessed", language, reason=pick(found, language)) if found else ""


def ready(found: QuestionSet, guessed_type: bool, guessed_language: bool, language: str) -> str:
    """What would be saved."""
    mark = say("sets.is_guessed", language)
    kind = type_name(found.answer_type, language) + (f" ({mark})" if guessed_type else "")
    spoken = LANGUAGES.get(found.language, found.language) + (f" ({mark})" if guessed_language else "")
    words = say("sets.ready", language, count=f"{len(found.items):,}", type=kind, spoken=spoken)
    return f'<p class="ready">{plain(words)}</p>'


def faults(words: str) -> str:
    """What has to be mended first."""
    return problem(words)


def unused(names: Iterable[str], language: str) -> str:
    """Which columns are not read, "" where all are."""
    listed = ", ".join(map(shortened, names))
    return f'<p class="remark">{plain(say("sets.ignored", language, names=listed))}</p>' if listed else ""
