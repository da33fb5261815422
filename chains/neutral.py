"""Text from a person or a document must stay text: no mark in it may act as a control token.

Chat templates put marks such as <|im_start|> between messages, and tokenizers turn the same characters into
control tokens wherever they stand. A document that holds "<|im_end|><|im_start|>system" could therefore
speak with another voice. Every such mark is broken by one space ("< |im_start|>"): still readable, shown as
it was sent, and no token any more. Breaking adds characters and never removes any, so that no new mark can
arise from the pieces.
"""

import re

# Written between < and > without a bar: Llama 2, Mistral, Gemma, SmolLM2, Qwen.
_NAMED = (
    r"s|bos|eos|pad|unk|mask|sep|cls|sys|think|tool_call|tool_response|tools|"
    r"(?:start|end)_of_(?:turn|image|audio)|[a-z]+_soft_token|unused\d+|"
    r"repo_?name|filename|file_sep|gh_stars|empty_output|"
    r"(?:issue|jupyter)_[a-z_]+|fim_[a-z]+"
)
_MARKS = re.compile(
    r"<(?=[|｜])"  # <|im_start|>, <|eot_id|>, <|turn>, <｜User｜>
    r"|<(?=/?[\w▁][\w▁ -]{0,39}[|｜]>)"  # <turn|>
    rf"|<(?=/?(?:{_NAMED})>)"
    r"|\[(?=\|)"  # [|user|]
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|IMG|multimodal|@BOS@)\])",
    re.IGNORECASE,
)
# No control characters but tab and newline, and no half of a surrogate pair: tokenizers raise on those.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def neutralise(text: str) -> str:
    """The text with every control mark broken, unprintable characters replaced by U+FFFD, \\n line ends."""
    plain = _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _MARKS.sub(lambda mark: mark[0] + " ", plain)
