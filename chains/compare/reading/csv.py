"""A table: comma- or tab-separated values with a header. Lists stand in one cell, parted by | or as JSON."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from chains.compare.rows import Row
from chains.compare.set_faults import Faults, shown

label = {"en": "CSV or TSV table", "ko": "CSV 또는 TSV 표"}
suffixes = (".csv", ".tsv")

_DELIMITERS = ",;\t"
_TOO_MANY = {
    "en": "{cells} cells, but the header has {columns}. Put texts with a comma into quotation marks.",
    "ko": "칸이 {cells}개인데 제목 줄에는 {columns}개예요. 쉼표가 든 글은 큰따옴표로 감싸 주세요.",
}
_SAME = {
    "en": 'two columns are called "{column}". Rename one of them.',
    "ko": "'{column}' 열이 둘이에요. 하나의 이름을 바꿔 주세요.",
}
_NAMELESS = {
    "en": "column {number} has no name. Name it in the header, or remove it.",
    "ko": "{number}번째 열에 이름이 없어요. 제목 줄에 이름을 적거나 열을 지워 주세요.",
}
_BROKEN = {
    "en": "the table is broken here ({cause}). Is a quotation mark opened and not closed?",
    "ko": "여기서 표가 깨졌어요({cause}). 닫지 않은 큰따옴표가 있는지 확인해 주세요.",
}


def rows(text: str, suffix: str, faults: Faults) -> Iterator[Row]:
    """The questions, a row each; rows that are broken are noted in `faults`."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, suffix), strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:  # the reader cannot know where the next row begins
            faults.add(line, _BROKEN, cause=shown(error))
            return
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            if not _usable(header, line, faults):
                return
            continue
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()  # a spreadsheet's empty columns
        if len(cells) > len(header):
            faults.add(line, _TOO_MANY, cells=len(cells), columns=len(header))
        else:
            cells += [""] * (len(header) - len(cells))
            yield Row(line, dict(zip(header, cells, strict=True)), "table")


def _usable(header: list[str], line: int, faults: Faults) -> bool:
    while header and not header[-1]:
        header.pop()
    for number, column in enumerate(header, start=1):
        if not column:
            faults.add(line, _NAMELESS, number=number)
    for column, count in Counter(filter(None, header)).items():
        if count > 1:
            faults.add(line, _SAME, column=shown(column))
    return all(header) and len(set(header)) == len(header)


def _delimiter(text: str, suffix: str) -> str:
    """Tabs in a .tsv; else what the header has most of: some countries' spreadsheets write semicolons."""
    if suffix == ".tsv":
        return "\t"
    header = next((line for line in io.StringIO(text) if line.strip()), "")
    return max(_DELIMITERS, key=header.count)
