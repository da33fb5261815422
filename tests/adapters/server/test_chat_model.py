"""A model on a server is what every loaded model is: its stream, its options, its adapters, its lengths."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from adapters.engines import server as server_engine
from adapters.engines.server import CONTEXT_LENGTH, connect
from adapters.errors import AdapterNotFound, AdapterUnusable, BadOption
from adapters.server.chat_model import CAPACITY, ServerChatModel
from adapters.server.counting import estimate
from adapters.spec import GenerationOptions, ModelSpec
from chains.answer import ask, ask_many
from chains.question import Message, Question
from tests.adapters.server.connecting import QUICK, connected, entry
from tests.model_server import ModelServer, model_server, until

VLLM = {
    "data": [
        {"id": "base", "max_model_len": 512, "parent": None},
        {"id": "poet", "parent": "base", "max_model_len": 512},
        {"id": "team/pirate", "parent": "base"},
        {"id": "elsewhere", "parent": "another"},
        {"id": "another", "parent": None},
    ]
}


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[ModelServer, ServerChatModel]]:
    with model_server(models=VLLM) as server, connected(server.url, "base") as model:
        yield server, model


def test_the_stream_tells_what_every_model_tells(shared: tuple[ModelServer, ServerChatModel]) -> None:
    server, model = shared
    first, *between, last = model.stream([SystemMessage("Be brief."), HumanMessage("마루가 뭐야?")], seed=7)
    assert first.text == ""
    sent = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "마루가 뭐야?"}]
    assert json.loads(first.response_metadata.pop("prompt_text")) == sent == server.heard[-1]["messages"]
    facts = {"seed": 7, "model": "my-server", "precision": "server", "engine": "server", "adapter": None}
    assert first.response_metadata.items() >= facts.items()
    assert "".join(str(chunk.text) for chunk in between) == "A maru is a wooden floor."
    assert last.response_metadata == {"finish_reason": "stop"}
    assert last.usage_metadata is not None
    assert (last.usage_metadata["input_tokens"], last.usage_metadata["output_tokens"]) == (11, 4)
    assert (last.text, last.chunk_position) == ("", "last")


def test_the_chain_gets_text_counts_seed_and_reason(shared: tuple[ModelServer, ServerChatModel]) -> None:
    server, model = shared
    *_, last = ask(Question("What is a maru?", options=GenerationOptions(seed=5)), model)
    assert (last.text, last.finish_reason, last.seed) == ("A maru is a wooden floor.", "stop", 5)
    assert (last.tokens.prompt, last.tokens.completion) == (11, 4)
    assert last.model.id == "my-server"
    assert last.timings.first_token_s is not None
    server.chat = ["length"]
    *_, last = ask(Question("What is a maru?"), model)
    assert (last.text, last.finish_reason) == ("A maru is", "length")
    server.chat = ["good"]


def test_options_go_out_with_each_request(shared: tuple[ModelServer, ServerChatModel]) -> None:
    server, model = shared
    model.invoke("Hello", max_tokens=9, temperature=0.5, top_p=0.7, seed=3, stop=["\n\n"])
    sent = server.heard[-1]
    wanted = {"model": "base", "max_tokens": 9, "temperature": 0.5, "top_p": 0.7, "seed": 3, "stop": ["\n\n"]}
    assert sent.items() >= wanted.items()
    assert sent["stream_options"] == {"include_usage": True}
    unknown = {"messages", "stream", "stream_options"}
    assert set(sent) == set(wanted) | unknown, "servers refuse what they do not know"

    message = model.invoke("Hello")
    assert server.heard[-1]["seed"] == message.response_metadata["seed"], "the seed that was drawn is said"
    with pytest.raises(BadOption, match="temperature"):
        model.invoke("Hello", temperature=9)


def test_a_server_that_does_not_know_stream_options_is_asked_without_them() -> None:
    with model_server(chat=["no_usage"]) as server, connected(server.url) as model:
        message = model.invoke("Hello")
        assert message.text == "A maru is a wooden floor."
        assert message.usage_metadata is None, "no counts were given, none are invented"
        *_, answer = ask(Question("Hello"), model)
        assert (answer.tokens.prompt, answer.tokens.completion) == (0, 0)
        assert ["stream_options" in one for one in server.heard] == [True, False] * 2
    with model_server(chat=["no_usage"], tokenizer="prompt") as server, connected(server.url) as model:
        *_, answer = ask(Question("Hello"), model)
        assert answer.tokens.completion == 6, "words, as the tokenizer of the test server counts"


def test_what_comes_after_the_last_word_does_not_matter() -> None:
    with model_server(chat=["long_hush"]) as server, connected(server.url) as model:
        message = model.invoke("Hello")
    assert (message.text, message.response_metadata["finish_reason"]) == ("All of it.", "stop")


def test_batches_keep_their_order_and_their_bound() -> None:
    with model_server(chat=["counted"]) as server, connected(server.url) as model:
        questions = [f"Number {number}" for number in range(20)]
        assert [one.text for one in model.batch(questions)] == [str(number) for number in range(20)]
        assert 1 < server.most_writing <= model.capacity == CAPACITY
        server.most_writing = 0
        model.batch(questions[:6], {"max_concurrency": 2})
        assert server.most_writing <= 2
        answers = list(ask_many([Question(one) for one in questions], model))
        assert [one.text for one in answers] == [str(number) for number in range(20)]


def test_several_people_are_answered_at_once(shared: tuple[ModelServer, ServerChatModel]) -> None:
    server, model = shared
    server.chat, texts = ["counted"], dict[int, str]()

    def run(number: int) -> None:
        *_, last = ask(Question(f"Number {number}"), model)
        texts[number] = last.text

    people = [threading.Thread(target=run, args=[number]) for number in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    server.chat = ["good"]
    assert texts == {number: str(number) for number in range(8)}
    assert not model.busy


# adapters


@pytest.mark.parametrize("name", ["poet", "team/pirate"])
def test_an_adapter_is_asked_for_by_its_name(shared: tuple[ModelServer, ServerChatModel], name: str) -> None:
    server, model = shared
    served = model.serving(name, owner="ann")
    first, *_ = served.stream("Hello")
    list(served.stream("Hello"))
    assert server.heard[-1]["model"] == name
    assert (first.response_metadata["adapter"], served.spec.adapter) == (name, name)
    model.invoke("Hello")
    assert server.heard[-1]["model"] == "base"
    assert served.serving(None).spec.adapter is None
    assert list(served.serving(None).stream("Hello")) and server.heard[-1]["model"] == "base"


@pytest.mark.parametrize("name", ["nobody", "another", "elsewhere", "base"])
def test_what_is_no_adapter_of_this_model_is_not_taken_for_one(
    shared: tuple[ModelServer, ServerChatModel], name: str
) -> None:
    with pytest.raises(AdapterNotFound, match="Known adapters: poet, team/pirate"):
        shared[1].serving(name)


@pytest.mark.parametrize("mix", ["poet:0.5+pirate:0.5", "poet:0.5"])
def test_a_mix_is_refused(shared: tuple[ModelServer, ServerChatModel], mix: str) -> None:
    with pytest.raises(AdapterUnusable, match="mixes no adapters"):
        shared[1].serving(mix)


def test_a_model_is_loaded_with_its_adapter_or_not_at_all() -> None:
    with model_server(models=VLLM) as server:
        registered = entry(server.url, "base")
        spec = ModelSpec("my-server", adapter="poet")
        model = connect(spec, registered, threading.Event(), QUICK)
        assert (model.spec.adapter, model.context_length) == ("poet", 512)
        model.close()
        with pytest.raises(AdapterNotFound):
            connect(ModelSpec("my-server", adapter="nobody"), registered, threading.Event(), QUICK)


# lengths


def test_the_context_length_is_the_servers_or_said_to_be_assumed() -> None:
    with model_server() as server:
        with connected(server.url) as model:
            assert model.context_length == CONTEXT_LENGTH
            assert "4096 tokens are assumed" in str(model.notes)
        with connected(server.url, context=2048) as model:
            assert model.context_length == 2048
            assert "assumed" not in str(model.notes)
    with model_server(models=VLLM) as server, connected(server.url, "base") as model:
        assert model.context_length == 512


@pytest.mark.parametrize("field", ["prompt", "content", "inputs"])
def test_tokens_are_counted_by_the_server_where_it_can(field: str) -> None:
    with model_server(tokenizer=field) as server, connected(server.url) as model:
        assert model.counts_exactly
        assert model.get_num_tokens("one two three") == 3
        asked = len(server.paths)
        assert model.get_num_tokens("one two three") == 3
        assert len(server.paths) == asked, "what was counted once is remembered"
        server.tokenizer = None
        assert model.get_num_tokens("four five") == estimate("four five"), "no count: an estimate"


def test_long_conversations_are_fitted_by_the_count() -> None:
    models = {"data": [{"id": "small", "max_model_len": 400}]}
    with model_server(models=models, tokenizer="prompt") as server, connected(server.url) as model:
        turns = [
            Message(role, f"word {number} " * 20) for number in range(9) for role in ("user", "assistant")
        ]
        *_, last = ask(Question("What is a maru?", history=tuple(turns)), model)
        assert last.notices == ("history_trimmed",)
        words = sum(len(one["content"].split()) for one in server.heard[-1]["messages"])
        assert words < 400 - GenerationOptions().max_tokens


@pytest.mark.model
def test_the_estimate_errs_on_the_long_side(models_folder: Path) -> None:
    from tokenizers import Tokenizer

    folder = next(models_folder.glob("*/tokenizer.json"))
    tokenizer = Tokenizer.from_file(str(folder))
    root = Path(__file__).parents[3]
    texts = [
        (root / "README.md").read_text(encoding="utf-8"),
        (root / "app/locales/ko.json").read_text(encoding="utf-8"),
        (root / "app/locales/en.json").read_text(encoding="utf-8"),
        (root / "adapters/errors.py").read_text(encoding="utf-8"),
        "1234567890 " * 50,
        "a b c d e f g h " * 20,
        "supercalifragilisticexpialidocious",
        "마루는 한국 집의 나무 바닥이에요. 사람들이 앉아서 이야기해요.",
        "日本語の文章です。😀🎉",
        "one",
    ]
    for text in texts:
        assert len(tokenizer.encode(text, add_special_tokens=False).ids) <= estimate(text), text[:40]
    assert estimate("") == 0


def test_the_file_is_an_engine() -> None:
    assert set(server_engine.label) == {"en", "ko"}
    assert server_engine.available() is None


def test_a_whole_conversation_goes_out_in_its_roles(shared: tuple[ModelServer, ServerChatModel]) -> None:
    server, model = shared
    told: list[Any] = [HumanMessage("Hi"), AIMessage("Hello!"), HumanMessage("What is a maru?")]
    model.invoke(told)
    assert [one["role"] for one in server.heard[-1]["messages"]] == ["user", "assistant", "user"]
    assert all(one["role"] != two["role"] for one, two in pairwise(server.heard[-1]["messages"]))


def test_what_the_server_has_learnt_since_is_found(shared: tuple[ModelServer, ServerChatModel]) -> None:
    with model_server(models={"data": list(VLLM["data"])}) as server, connected(server.url, "base") as model:
        assert model.served_adapters == ("poet", "team/pirate")
        with pytest.raises(AdapterNotFound):
            model.serving("sailor")
        server.models["data"].append({"id": "sailor", "parent": "base"})
        assert model.serving("sailor").spec.adapter == "sailor"


def test_a_batch_is_stopped_in_the_middle_of_its_answers() -> None:
    """A server that writes for ever, one that keeps silent, and questions that were not sent yet."""
    with model_server(chat=["slow", "hang"]) as server, connected(server.url) as model:
        model.writes_at_once = 2
        stop, ended = threading.Event(), list[int]()
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(model.batch_each, ["Hi"] * 4, [{}] * 4, stop, ended=lambda: ended.append(1))
            assert until(lambda: server.writing == 2)
            time.sleep(0.1)
            stop.set()
            begun = time.monotonic()
            answers = running.result(30)
        assert time.monotonic() - begun < 5
        assert [one.response_metadata["finish_reason"] for one in answers] == ["stopped"] * 4
        assert sum(bool(one.text) for one in answers) == 1
        assert server.chats() == 2, "what was not sent is not sent any more"
        assert until(lambda: server.left == 2), "and the server hears that nobody waits"
        assert len(ended) == 2
