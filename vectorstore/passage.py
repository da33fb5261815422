"""A passage: the piece of a document that is searched, put before the model and cited.

Standard library and LangChain's Document only, so that `chains` may import it.
"""

from dataclasses import dataclass

from langchain_core.documents import Document

RELEVANT = 0.40
"""A passage whose `relevance` is lower is taken not to be about the question.

Measured by `benchmarks.retrieval`, each question put to a collection that has its article and to one that
has not (hybrid, 4 passages): of XQuAD 4.2 % of the answerable questions were refused and 1.8 % of the others
let through; of KorQuAD's odd articles, by words alone, 3.6 % and 6.6 %. It leans to letting through: what
is refused is lost, while an answer is held against its passages once more, sentence by sentence.
"""


@dataclass(frozen=True)
class Passage:
    """One piece of a document.

    `text` is exactly `loaded_text[start:end]` of its document: `start` and `end` count characters of the
    loaded text (for plain text and Markdown the decoded file itself). `page` counts from 1 where the format
    has pages. `score` is the retriever's relevance, comparable only within one search; `relevance` is in
    0..1 and comparable between searches (None where the retriever cannot tell).
    """

    id: str
    document_id: str
    source: str
    text: str
    start: int
    end: int
    page: int | None = None
    score: float = 0.0
    relevance: float | None = None


def to_document(passage: Passage) -> Document:
    """The passage as LangChain's retrievers return it."""
    return Document(
        id=passage.id,
        page_content=passage.text,
        metadata={
            "document_id": passage.document_id,
            "source": passage.source,
            "start": passage.start,
            "end": passage.end,
            "page": passage.page,
            "score": passage.score,
            "relevance": passage.relevance,
        },
    )


def from_document(document: Document) -> Passage:
    """A passage from any LangChain retriever's document; what is missing is filled in plainly."""
    text, metadata = document.page_content, document.metadata
    return Passage(
        id=str(document.id or ""),
        document_id=str(metadata.get("document_id", "")),
        source=str(metadata.get("source", "")),
        text=text,
        start=int(metadata.get("start", 0)),
        end=int(metadata.get("end", len(text))),
        page=metadata.get("page"),
        score=float(metadata.get("score", 0.0)),
        relevance=metadata.get("relevance"),
    )
