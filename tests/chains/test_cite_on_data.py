"""Citing on real questions: a sample of what `python -m benchmarks.citations` measures."""

from pathlib import Path

import pytest

from benchmarks.citations import CASES, FILES, measure, questions

DATA = Path(__file__).parents[3] / "shared" / "data"
FLOORS = {  # a little under the figures of the whole sets
    "en": {"short sentence": 0.95, "full sentence": 0.78},
    "ko": {"short sentence": 0.95, "full sentence": 0.88},
}
CEILINGS = {
    "full sentence, other articles": 0.01,
    "full sentence, same article": 0.06,
    "wrong number, right passage": 0.08,
    "contrary, right passage": 0.12,
}


@pytest.mark.parametrize("language", FILES)
@pytest.mark.slow
def test_right_passages_are_cited_and_wrong_sentences_are_not(language: str) -> None:
    file = DATA / FILES[language]
    if not file.is_file():
        pytest.skip(f"{FILES[language]} is not beside this checkout")
    everything = questions(file, "odd")
    sample = everything[:: len(everything) // 120]
    shares = {case.name: measure(case, sample, language) for case in CASES}
    for name, floor in FLOORS[language].items():
        assert shares[name].right / shares[name].made >= floor, name
    for name, ceiling in CEILINGS.items():
        assert shares[name].cited / shares[name].made <= ceiling, name
