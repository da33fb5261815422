"""Where sentences end, in English and Korean."""

import random

import pytest

from chains.sentences import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith went to the U.S. in 1989. He won 3.5 points.", None),
        ("Dr. Smith went to the U.S. in 1989. He won.", ["Dr. Smith went to the U.S. in 1989.", "He won."]),
        ("He lived in the U.S. The team won.", ["He lived in the U.S.", "The team won."]),
        ("J. K. Rowling wrote it, e.g. in Paris.", ["J. K. Rowling wrote it, e.g. in Paris."]),
        ("It ended at 5 p.m. Then they left.", ["It ended at 5 p.m.", "Then they left."]),
        ("It ended at 5 p.m. on Monday.", ["It ended at 5 p.m. on Monday."]),
        ("Version 1.2.3 is out... maybe.", ["Version 1.2.3 is out... maybe."]),
        ('"Yes." He said.', ['"Yes."', "He said."]),
        ("그 뒤 부산으로 갔다. 좋았어요! 왜일까요?", ["그 뒤 부산으로 갔다.", "좋았어요!", "왜일까요?"]),
        ("부산으로 갔어요.그리고 살았다", ["부산으로 갔어요.", "그리고 살았다"]),
        ("그는 1989. 3. 12. 서울에서 태어났다.", ["그는 1989. 3. 12. 서울에서 태어났다."]),
        ("- First. It has two.\n2) Second\n> Third", ["First.", "It has two.", "Second", "Third"]),
        ("# Title\nText.", ["Title", "Text."]),
        ("See:\n```py\nx = 1. \ny()\n```\nDone.", ["See:", "Done."]),
        ("Open\n```\nnever closed. Or.", ["Open"]),
        ("Use `a.b. C` now. Ok.", ["Use `a.b. C` now.", "Ok."]),
        ("Denver Broncos", ["Denver Broncos"]),
        ("彼は来た。彼女も来た。", ["彼は来た。", "彼女も来た。"]),
        ("", []),
        (" \n ... \n - \n", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str] | None) -> None:
    found = [text[start:end] for start, end in sentences(text)]
    assert found == expected if expected is not None else len(found) == 2


def test_ranges_are_in_order_apart_and_tight() -> None:
    draw = random.Random(3)
    pieces = [
        "word",
        ". ",
        "다. ",
        "\n",
        "- ",
        "1. ",
        "`x. y`",
        "```\n",
        "U.S. ",
        "3.5",
        "? ",
        "…",
        " ",
        "한글",
    ]
    for _ in range(3000):
        text = "".join(draw.choice(pieces) for _ in range(draw.randrange(30)))
        last = 0
        for start, end in sentences(text):
            assert last <= start < end <= len(text)
            assert text[start:end] == text[start:end].strip()
            last = end
