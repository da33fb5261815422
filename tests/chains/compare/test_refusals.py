"""What counts as saying "I don't know", in English and Korean."""

import time

import pytest

from chains.compare.refusals import refuses


@pytest.mark.parametrize(
    "text",
    [
        "I don't know.",
        "I do not know the answer.",
        "I can't answer that question.",
        "I'm not sure.",
        "The passage does not mention it.",
        "The text doesn't say.",
        "The passages do not contain the answer.",
        "It is not stated in the text.",
        "That is not known.",
        "Sorry. I cannot find the answer in the passages.",
        "There is no information about this.",
        "It cannot be determined.",
        "The question is unanswerable.",
        "unknown",
        "N/A",
        "No answer",
        "모르겠어요.",
        "모른다",
        "모름",
        "알 수 없습니다.",
        "답을 알 수 없어요.",
        "문단에 답이 없습니다.",
        "본문에는 그 내용이 나오지 않습니다.",
        "지문에 언급되어 있지 않습니다.",
        "죄송합니다. 주어진 문단에서는 답을 찾을 수 없어요.",
        "주어진 글만으로는 판단할 수 없습니다.",
        "정보가 없습니다.",
    ],
)
def test_refuses(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Paris",
        "1989",
        "He did not win.",
        "He could not find it.",
        "He was not known as a king.",
        "Tigers are not found in Africa.",
        "There is no king in France.",
        "Not until 1990.",
        "the unknown soldier",
        "서울이에요.",
        "수도가 없는 나라는 나우루입니다.",
        "알려진 도시는 서울이다.",
        "끝없는 사랑",
        "몰라보게 달라졌다",
    ],
)
def test_answers(text: str) -> None:
    assert not refuses(text)


@pytest.mark.parametrize(
    "text", ["the text " * 20_000, "문단에 " * 30_000, "is not " * 20_000, "a. " * 30_000]
)
def test_hostile_text_is_read_in_time(text: str) -> None:
    started = time.perf_counter()
    refuses(text)
    assert time.perf_counter() - started < 5
