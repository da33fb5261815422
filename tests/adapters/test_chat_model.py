import asyncio

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate

from adapters.errors import BadOption, PromptTooLong
from adapters.template import render

pytestmark = pytest.mark.model

GREEDY = {"temperature": 0, "max_tokens": 24}
QUESTION = "What is the capital of France?"


def total(chunks):
    first, *rest = chunks
    for chunk in rest:
        first = first + chunk
    return first


def test_the_stream_tells_what_was_sent_then_text_then_why_it_ended(chat_model):
    messages = [SystemMessage("Be brief."), HumanMessage(QUESTION)]
    prompt = render(chat_model.tokenizer, messages)
    first, *middle, last = chat_model.stream(messages, seed=7, **GREEDY)
    assert first.content == ""
    assert {**first.response_metadata} == {
        "prompt_text": prompt.text,
        "prompt_tokens_by_message": list(prompt.by_message),
        "seed": 7,
        "model": "SmolLM2-135M-Instruct-Q4_1",
        "precision": chat_model.spec.precision,
        "engine": "transformers",
        "adapter": None,
    }
    assert first.usage_metadata["input_tokens"] == len(prompt.ids)
    assert "Paris" in "".join(chunk.content for chunk in middle)
    assert all(chunk.usage_metadata is None and not chunk.response_metadata for chunk in middle)
    assert last.response_metadata == {"finish_reason": "stop"}
    assert 0 < last.usage_metadata["output_tokens"] <= 24


def test_the_chunks_add_up_as_langchain_adds_them(chat_model):
    chunks = list(chat_model.stream(QUESTION, seed=1, **GREEDY))
    whole, answer = total(chunks), chat_model.invoke(QUESTION, seed=1, **GREEDY)
    assert whole.content == answer.content
    assert whole.usage_metadata == answer.usage_metadata
    assert whole.response_metadata == answer.response_metadata
    usage = whole.usage_metadata
    assert usage["input_tokens"] == chat_model.get_num_tokens_from_messages([HumanMessage(QUESTION)])
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_greedy_text_is_that_of_plain_transformers(reference_model):
    prompt = render(reference_model.tokenizer, [HumanMessage(QUESTION)])
    import torch

    plain = reference_model.engine.model.generate(
        torch.tensor([prompt.ids]), max_new_tokens=40, do_sample=False
    )[0, len(prompt.ids) :]
    expected = reference_model.tokenizer.decode(plain, skip_special_tokens=True)
    assert reference_model.invoke(QUESTION, temperature=0, max_tokens=40).content == expected


@pytest.mark.slow
def test_a_long_prompt_read_in_pieces_gives_the_same_text(reference_model):
    import torch

    question = "The old town has a bridge, a mill and a market. " * 60 + "What does the old town have?"
    prompt = render(reference_model.tokenizer, [HumanMessage(question)])
    assert len(prompt.ids) > 700, "more than one piece"
    plain = reference_model.engine.model.generate(
        torch.tensor([prompt.ids]), max_new_tokens=20, do_sample=False
    )[0, len(prompt.ids) :]
    expected = reference_model.tokenizer.decode(plain, skip_special_tokens=True)
    assert reference_model.invoke(question, temperature=0, max_tokens=20).content == expected


def test_korean_streams_in_whole_characters(chat_model):
    messages = [HumanMessage('Repeat exactly: "안녕하세요, 오늘은 날씨가 좋아요. 마루에 앉아요."')]
    chunks = [chunk.content for chunk in chat_model.stream(messages, temperature=0, max_tokens=60)]
    text = "".join(chunks)
    assert any("가" <= character <= "힣" for character in text)
    assert "\ufffd" not in text
    assert max(map(len, chunks)) < len(text) / 3, "it does not come in one lump"


def test_the_same_seed_gives_the_same_text_and_another_seed_another(chat_model):
    def ask(seed):
        return chat_model.invoke(QUESTION, temperature=1.5, top_p=1.0, max_tokens=16, seed=seed)

    assert ask(3).content == ask(3).content
    assert len({ask(seed).content for seed in range(4)}) > 1
    drawn = ask(None)
    assert ask(drawn.response_metadata["seed"]).content == drawn.content, "the drawn seed is told"


def test_a_seed_leaves_torchs_own_generator_alone(chat_model):
    import torch

    torch.manual_seed(11)
    expected = torch.rand(3).tolist()
    torch.manual_seed(11)
    chat_model.invoke(QUESTION, temperature=1.0, max_tokens=4, seed=5)
    assert torch.rand(3).tolist() == expected


@pytest.mark.parametrize("stop", [["capital"], ["pital of Fr"], ["ris", "al of F"]])
def test_stop_strings_end_the_text_and_never_show(chat_model, stop):
    free = chat_model.invoke(QUESTION, **GREEDY).content
    cut = min(free.index(one) for one in stop)
    answer = chat_model.invoke(QUESTION, stop=stop, **GREEDY)
    assert answer.content == free[:cut]
    assert answer.response_metadata["finish_reason"] == "stop"


def test_it_ends_at_max_tokens(chat_model):
    answer = chat_model.invoke("Tell a long story.", temperature=0, max_tokens=5)
    assert answer.usage_metadata["output_tokens"] == 5
    assert answer.response_metadata["finish_reason"] == "length"


def test_it_ends_at_its_deadline(chat_model):
    hurried = chat_model.model_copy(update={"time_limit_s": 0.4})
    answer = hurried.invoke("Tell a very long story.", temperature=0, max_tokens=1000)
    assert answer.response_metadata["finish_reason"] == "time_limit"
    assert answer.content


def test_a_prompt_that_leaves_no_room_is_refused_with_the_numbers(chat_model):
    with pytest.raises(PromptTooLong) as caught:
        chat_model.invoke("word " * 8100, max_tokens=200)
    assert {"limit": 8192, "reserved": 200}.items() <= caught.value.values.items()
    assert str(caught.value.values["tokens"]) in caught.value.text("ko")
    assert not chat_model.engine.busy


@pytest.mark.parametrize(
    "option", [{"temperature": -1}, {"top_p": 0}, {"max_tokens": 0}, {"seed": -5}, {"temperature": "hot"}]
)
def test_an_option_out_of_range_is_refused_by_name(chat_model, option):
    (name,) = option
    with pytest.raises(BadOption, match=name):
        chat_model.invoke(QUESTION, **option)


def test_it_is_a_langchain_model_like_any_other(chat_model):
    prompt = ChatPromptTemplate.from_messages([("user", "{question}")])
    chain = prompt | chat_model.bind(**GREEDY) | StrOutputParser()
    pieces = list(chain.stream({"question": QUESTION}))
    assert len([piece for piece in pieces if piece]) > 3
    assert "".join(pieces) == chain.invoke({"question": QUESTION})
    assert chain.batch([{"question": QUESTION}]) == ["".join(pieces)]

    async def collect():
        return [piece async for piece in chain.astream({"question": QUESTION})]

    assert "".join(asyncio.run(collect())) == "".join(pieces)


def test_a_batch_answers_as_single_calls_do(reference_model):
    questions = [QUESTION, "Tell me about cats and their long history.", "What is tea?", "2+2?"]
    answers = reference_model.batch(questions, **GREEDY)
    singles = [reference_model.invoke(question, **GREEDY) for question in questions]
    assert [answer.content for answer in answers] == [single.content for single in singles]
    assert [answer.usage_metadata for answer in answers] == [single.usage_metadata for single in singles]
    reasons = [answer.response_metadata["finish_reason"] for answer in answers]
    assert reasons == [single.response_metadata["finish_reason"] for single in singles]


def test_a_sampled_batch_takes_its_seed_row_by_row(reference_model):
    sampled = {"temperature": 1.2, "max_tokens": 12, "seed": 42}
    questions = [QUESTION, "Name a colour."]
    answers = reference_model.batch(questions, **sampled)
    assert [one.content for one in answers] == [
        reference_model.invoke(question, **sampled).content for question in questions
    ]


def test_in_a_batch_an_error_stands_in_its_place(chat_model):
    fine, too_long = chat_model.batch(
        [QUESTION, "word " * 9000], temperature=0, max_tokens=3, return_exceptions=True
    )
    assert fine.content and isinstance(too_long, PromptTooLong)
    with pytest.raises(PromptTooLong):
        chat_model.batch([QUESTION, "word " * 9000], temperature=0, max_tokens=3)
    assert chat_model.batch([]) == []


def test_a_batch_tells_langchains_callbacks(chat_model):
    class Heard(BaseCallbackHandler):
        def __init__(self):
            self.ends = []

        def on_llm_end(self, response, **kwargs):
            self.ends.append(response.generations[0][0].message.content)

    heard = Heard()
    answers = chat_model.batch([QUESTION, "Hi"], {"callbacks": [heard]}, temperature=0, max_tokens=3)
    assert sorted(heard.ends) == sorted(answer.content for answer in answers)


def test_tokens_are_counted_by_its_own_tokenizer(chat_model):
    text = "마루 floor"
    ids = chat_model.get_token_ids(text)
    assert chat_model.tokenizer.decode(ids) == text
    assert chat_model.get_num_tokens(text) == len(ids)
