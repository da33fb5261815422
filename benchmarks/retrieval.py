"""How well passages are found, and how fast: `python -m benchmarks.retrieval [--data DIR]`.

Every paragraph of a set is added as a text file of its own, through the real store; every question is then
searched as a person would. Recall at n: the share of questions whose paragraph is among the documents of the
first n passages. Settings were chosen on KorQuAD's even articles; its odd ones are reported.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vectorstore.ingest import add
from vectorstore.passage import RELEVANT
from vectorstore.store import Store

DEPTH = 5
RETRIEVERS = ("dense", "lexical", "hybrid")


@dataclass(frozen=True)
class Question:
    """A question, the number of its article, and the name of the file that answers it."""

    text: str
    article: int
    source: str


@dataclass(frozen=True)
class Dataset:
    """Paragraphs by file name, with the article each belongs to, and the questions about them."""

    name: str
    paragraphs: dict[str, str]
    questions: list[Question]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    dataset: str
    retriever: str
    questions: int
    recall_at_1: float
    recall_at_5: float
    search_ms: float


def read_squad(file: Path) -> Dataset:
    """A set in SQuAD's form."""
    paragraphs, questions = {}, []
    for article, entry in enumerate(json.loads(file.read_text("utf-8"))["data"]):
        for number, paragraph in enumerate(entry["paragraphs"]):
            source = f"{article:03}-{number:03}.txt"
            paragraphs[source] = paragraph["context"]
            questions += [Question(asked["question"], article, source) for asked in paragraph["qas"]]
    return Dataset(file.stem, paragraphs, questions)


def fill(store: Store, collection: str, paragraphs: dict[str, str], folder: Path) -> float:
    """Adds the paragraphs as files; the seconds that took."""
    folder.mkdir(parents=True)
    for source, text in paragraphs.items():
        (folder / source).write_bytes(text.encode("utf-8"))
    started = time.perf_counter()
    failed = [event for event in add(store, collection, sorted(folder.iterdir())) if event.status == "failed"]
    if failed:
        raise SystemExit(f"could not add {failed[0].source}: {failed[0].error}")
    return time.perf_counter() - started


def measure(store: Store, collection: str, questions: Sequence[Question], retriever: str) -> Row:
    """Recall by document, and the median time of a search."""
    ranks, times = [], []
    for question in questions:
        started = time.perf_counter()
        found = store.search(collection, question.text, DEPTH, retriever)
        times.append(time.perf_counter() - started)
        sources = [passage.source for passage in found]
        ranks.append(sources.index(question.source) if question.source in sources else DEPTH)
    return Row(
        collection,
        retriever,
        len(ranks),
        sum(rank == 0 for rank in ranks) / len(ranks),
        sum(rank < DEPTH for rank in ranks) / len(ranks),
        statistics.median(times) * 1000,
    )


def measure_threshold(dataset: Dataset, wanted: Callable[[int], bool], work: Path) -> tuple[float, float]:
    """How often RELEVANT errs: (answerable questions refused, questions about other articles let through).

    The articles are halved; each half is a collection, asked both its own questions and those of the other.
    """
    missed: list[bool] = []
    false: list[bool] = []
    articles = sorted({question.article for question in dataset.questions if wanted(question.article)})
    with Store(work / f"threshold-{dataset.name}") as store:
        for side in (0, 1):
            inside = set(articles[side::2])
            paragraphs = {
                source: text for source, text in dataset.paragraphs.items() if int(source[:3]) in inside
            }
            fill(store, f"half {side}", paragraphs, work / f"{dataset.name}-half-{side}")
            for question in dataset.questions:
                if question.article in articles:
                    found = store.search(f"half {side}", question.text, 4)
                    relevant = any((passage.relevance or 0) >= RELEVANT for passage in found)
                    (missed if question.article in inside else false).append(
                        relevant != (question.article in inside)
                    )
    return statistics.mean(missed), statistics.mean(false)


def tables(data: Path, articles: str, work: Path) -> Iterator[str]:
    """The lines of the report, as they become known."""
    chosen: Callable[[int], bool] = {
        "odd": lambda article: article % 2 == 1,
        "even": lambda article: article % 2 == 0,
        "all": lambda _: True,
    }[articles]
    sets: list[tuple[Dataset, Callable[[int], bool], str]] = [
        (read_squad(data / "xquad_en_even.json"), lambda _: True, "all"),
        (read_squad(data / "korquad_v1_dev.json"), chosen, articles),
    ]
    yield "| set | retriever | questions | recall@1 | recall@5 | search, median |"
    yield "| --- | --- | --- | --- | --- | --- |"
    notes = []
    with Store(work / "store") as store:
        for dataset, wanted, _ in sets:
            seconds = fill(store, dataset.name, dataset.paragraphs, work / dataset.name)
            notes.append(f"{dataset.name}: {len(dataset.paragraphs)} files added in {seconds:.1f} s")
            questions = [question for question in dataset.questions if wanted(question.article)]
            for retriever in RETRIEVERS:
                row = measure(store, dataset.name, questions, retriever)
                yield (
                    f"| {row.dataset} | {row.retriever} | {row.questions} | {row.recall_at_1:.4f} "
                    f"| {row.recall_at_5:.4f} | {row.search_ms:.1f} ms |"
                )
    yield from ["", *notes, "", f"Relevance of at least {RELEVANT}, hybrid, 4 passages:", ""]
    yield "| set | articles | answerable, refused | unanswerable, let through |"
    yield "| --- | --- | --- | --- |"
    for dataset, wanted, which in sets:
        missed, false = measure_threshold(dataset, wanted, work)
        yield f"| {dataset.name} | {which} | {missed:.3f} | {false:.3f} |"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--articles", choices=("odd", "even", "all"), default="odd", help="of KorQuAD")
    arguments = parser.parse_args()
    if not (arguments.data / "xquad_en_even.json").is_file():
        sys.exit(f"The data sets are not in {arguments.data}; give their folder with --data.")
    with tempfile.TemporaryDirectory() as work:
        for line in tables(arguments.data, arguments.articles, Path(work)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
