import pytest

from adapters.text import StopStrings, TokenText

TEXTS = [
    "마루는 한국 집에서 사람들이 앉아 이야기하는 넓은 나무 바닥이에요.",
    "def f(x):\n    return {'a': [x ** 2, \"두 번\"]}\n\n\t# 👩‍👩‍👧 🇰🇷 é ﬁ\n",
    "A plain sentence,  with two  spaces. And another!\n",
]


@pytest.mark.model
@pytest.mark.parametrize("text", TEXTS)
def test_tokens_become_whole_characters_and_nothing_is_lost(chat_model, text):
    stream = TokenText(chat_model.tokenizer._tokenizer)
    pieces = [stream.push(token)[0] for token in chat_model.get_token_ids(text)] + [stream.finish()]
    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)
    assert len([piece for piece in pieces if piece]) > len(text.split())


@pytest.mark.model
def test_hangul_comes_syllable_by_syllable(chat_model):
    stream = TokenText(chat_model.tokenizer._tokenizer)
    pieces = [stream.push(token)[0] for token in chat_model.get_token_ids("바닥에앉아서")]
    assert max(map(len, pieces)) <= 2, "it waits for no space"


@pytest.mark.model
def test_half_a_character_at_the_end_is_dropped(chat_model):
    tokens = chat_model.get_token_ids("뷁")
    assert len(tokens) > 1
    stream = TokenText(chat_model.tokenizer._tokenizer)
    assert "".join(stream.push(token)[0] for token in tokens[:-1]) + stream.finish() == ""


def cut(stops, pieces):
    stream, shown = StopStrings(stops), []
    for piece in pieces:
        text, found = stream.push(piece)
        shown.append(text)
        if found:
            return "".join(shown), True
    return "".join([*shown, stream.finish()]), False


@pytest.mark.parametrize(
    ("stops", "pieces", "expected"),
    [
        (["\nQ:"], ["Paris.", "\n", "Q", ": next"], ("Paris.", True)),
        (["\nQ:"], ["Paris.", "\n", "Quite"], ("Paris.\nQuite", False)),
        (["END", "\n\n"], ["a", "\n", "b", "E", "N", "x\n", "\nc"], ("a\nbENx", True)),
        (["aab"], ["a", "a", "a", "b", "c"], ("a", True)),
        (["그만"], ["이제 그", "만"], ("이제 ", True)),
        (["x"], ["no", " end"], ("no end", False)),
        (["", "."], ["a", "b.c"], ("ab", True)),
        ([], ["a", "b"], ("ab", False)),
    ],
)
def test_stop_strings_never_show_even_across_pieces(stops, pieces, expected):
    assert cut(stops, pieces) == expected


def test_text_is_held_back_no_longer_than_needed():
    stream = StopStrings(["\nQ:"])
    assert stream.push("Paris.\n") == ("Paris.", False)
    assert stream.push("Then") == ("\nThen", False)
