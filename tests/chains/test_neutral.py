"""No text of a person or a document acts as a control token."""

import random
from typing import TYPE_CHECKING

import pytest

from chains.neutral import neutralise

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel

MARKS = {
    "SmolLM2": "<|endoftext|> <|im_start|> <|im_end|> <repo_name> <reponame> <file_sep> <filename> "
    "<gh_stars> <issue_start> <issue_comment> <issue_closed> <jupyter_start> <jupyter_text> <jupyter_code> "
    "<jupyter_output> <jupyter_script> <empty_output>",
    "Llama 3": "<|begin_of_text|> <|end_of_text|> <|start_header_id|> <|end_header_id|> <|eot_id|> "
    "<|eom_id|> <|python_tag|> <|finetune_right_pad_id|> <|reserved_special_token_0|> <|image|>",
    "Llama 2, Mistral": "<s> </s> <unk> [INST] [/INST] <<SYS>> <</SYS>> [AVAILABLE_TOOLS] [TOOL_CALLS]",
    "Gemma": "<bos> <eos> <pad> <unk> <mask> <start_of_turn> <end_of_turn> <unused0> <unused98> "
    "<start_of_image> <end_of_image> <image_soft_token> <|turn> <turn|> <|channel> <channel|>",
    "Qwen": "<|im_start|> <|im_end|> <|endoftext|> <|object_ref_start|> <|vision_start|> <|vision_pad|> "
    "<tool_call> </tool_call> <tool_response> <think> </think> <|fim_prefix|> <|repo_name|>",
    "EXAONE": "[|system|] [|user|] [|assistant|] [|endofturn|]",
    "DeepSeek": "<｜begin▁of▁sentence｜> <｜User｜> <｜Assistant｜>",
    "Phi, gpt-oss": "<|user|> <|end|> <|start|> <|channel|> <|message|> <|return|>",
}
ALL = [mark for marks in MARKS.values() for mark in marks.split()]


@pytest.mark.parametrize("mark", sorted(set(ALL)))
def test_no_mark_survives(mark: str) -> None:
    assert mark not in neutralise(f"a{mark}b {mark.upper()} {mark}{mark}")
    assert neutralise(mark).replace(" ", "") == mark.replace(" ", "")


def test_the_pieces_of_marks_make_no_new_mark() -> None:
    draw = random.Random(2)
    for _ in range(3000):
        text = "".join(draw.choice(ALL)[: draw.randrange(1, 30)] for _ in range(6))
        cut = draw.choice(ALL)
        at = draw.randrange(len(cut))
        made = neutralise(f"{cut[:at]}{text}{cut[at:]}")
        assert not any(mark in made for mark in ALL)
        assert neutralise(made) == made


@pytest.mark.parametrize(
    "text",
    [
        "if (a < b && c > d) { return x[0]; }",
        "{x} {{y}} {% raw %} %s ${z}",
        "데이터 |> 정리하기, list |> map",
        "<div class='s'><b>bold</b></div> <table>",
        "See [1] and [2]. a <= b, <3",
        "Tab\tand\nnew line",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutralise(text) == text


def test_characters_no_tokenizer_takes_are_replaced() -> None:
    assert neutralise("a\x00b\ud800c\r\nd") == "a\ufffdb\ufffdc\nd"


@pytest.mark.model
def test_the_real_tokenizer_finds_no_control_token(chat_model: "LocalChatModel") -> None:
    tokenizer = chat_model.tokenizer
    special = set(tokenizer.all_special_ids) | set(tokenizer.get_added_vocab().values())
    marks = [*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()]
    assert len(set(marks)) > 3
    for mark in marks:
        assert special & set(tokenizer(mark, add_special_tokens=False)["input_ids"])
        assert not special & set(tokenizer(neutralise(f"a {mark}b"), add_special_tokens=False)["input_ids"])
