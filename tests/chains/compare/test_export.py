"""An exported column, run as a person would: another process, another server or the real weights."""

import ast
import json
import runpy
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapters.spec import GenerationOptions
from chains.compare.experiment import Column
from chains.compare.export import export
from chains.compare.export.prompts import NotExportable
from chains.question import Example, Question, Template
from chains.steps import Call
from chains.techniques import chain_of_thought, technique, techniques
from tests.chains.test_techniques import TEXTS
from vectorstore.passage import Passage

OPTIONS = GenerationOptions(max_tokens=12, temperature=0.0, seed=3)


@contextmanager
def server(*answers):
    """Speaks the OpenAI API on loopback, answers in turn, and keeps what it was asked."""
    heard, left = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format, *args):
            pass

        def do_POST(self):
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"role": "assistant", "content": left.pop(0)}
            body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
                {"index": 0, "message": message, "finish_reason": "stop"}]}  # fmt: skip
            sent = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/v1", heard
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def ran(folder, column, *arguments, language="en"):
    """What the script prints, run in a folder where nothing of Maru can be imported."""
    (folder / "column.py").write_text(export(column, language), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "column.py", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def answered(folder, column, question, url, passages=(), language="en", choices=()):
    """What the script's `answer` gives in this process: starting another takes seconds."""
    (folder / "column.py").write_text(export(column, language, bool(choices)), encoding="utf-8")
    read = runpy.run_path(str(folder / "column.py"))
    return read["answer"](question, passages, url=url, choices=choices)


def sent_by_maru(column, text, passages=(), choices=()):
    """The messages of the technique's first call."""
    question = Question(
        text, technique=column.technique, system=column.system, examples=column.examples,
        template=column.template, options=column.options, choices=choices,
    )  # fmt: skip
    calls = [
        one for one in next(technique(column.technique).run(question, passages)) if isinstance(one, Call)
    ]
    return [{"role": one.role, "content": one.content} for one in calls[0].build(question, passages).messages]


def test_it_sends_what_maru_sends_and_reads_the_answer(tmp_path):
    column = Column("cot", "chain_of_thought", options=OPTIONS)
    question = 'How many "halls" {n} has <<the passages>> it?'
    (tmp_path / "one.txt").write_text("It has 12 halls.", encoding="utf-8")
    with server("There are two wings.\nThe answer is 12.") as (url, heard):
        given = ("--url", url, "--model", "small", "--passage", "one.txt")
        assert ran(tmp_path, column, question, *given) == "12."
    passage = Passage("1", "1", "", "It has 12 halls.", 0, 16)
    assert heard[0]["messages"] == sent_by_maru(column, question, (passage,))
    wanted = {"model": "small", "temperature": 0.0, "top_p": 0.9, "seed": 3}
    assert {key: heard[0][key] for key in wanted} == wanted
    assert 12 in (heard[0].get("max_tokens"), heard[0].get("max_completion_tokens"))


def test_passages_are_numbered_and_named_as_maru_does(tmp_path):
    column = Column("few", "few_shot", collection="papers", options=OPTIONS)
    texts = (("one.txt", "The floor is oak."), ("two.txt", "It was laid in 1911."))
    passages = tuple(Passage(name, name, name, text, 0, len(text)) for name, text in texts)
    with server("Oak.") as (url, heard):
        assert answered(tmp_path, column, "Which wood is it?", url, texts) == "Oak."
    assert heard[0]["messages"] == sent_by_maru(column, "Which wood is it?", passages)
    assert "papers" in (tmp_path / "column.py").read_text("utf-8")


def test_it_reads_what_the_model_wrote_as_maru_does(tmp_path):
    (tmp_path / "column.py").write_text(export(Column("cot", "chain_of_thought")), encoding="utf-8")
    read = runpy.run_path(str(tmp_path / "column.py"))["read"]
    for text in TEXTS:
        assert read(text) == chain_of_thought.read(text, True)[1], text


def test_self_consistency_asks_several_times_and_takes_the_majority(tmp_path):
    column = Column("sc", "self_consistency", options=OPTIONS)
    answers = [
        "The answer is Oak.",
        "The answer is pine",
        "So the answer is oak!",
        "Answer: Oak",
        "Answer: ash",
    ]
    with server(*answers) as (url, heard):
        assert answered(tmp_path, column, "Which wood is it?", url) == "Oak."
    assert [one["seed"] for one in heard] == [3, 4, 5, 6, 7]
    assert heard[0]["temperature"] > 0
    assert all(one["messages"] == sent_by_maru(column, "Which wood is it?") for one in heard)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("user", ["", "{choices}\n{question}", "{question}"])
@pytest.mark.parametrize("key", ["few_shot", "template", "chain_of_thought"])
def test_choices_are_listed_as_maru_does(tmp_path, key, user, language):
    column = Column("mine", key, template=Template("t", "", user), options=OPTIONS)
    question = {"en": "Which wood <<the choices>> is it?", "ko": "무슨 나무예요?"}[language]
    choices = ("Oak", "A. Firstmarkedchoice", "<<the question>>")
    with server("B", "B") as (url, heard):
        assert answered(tmp_path, column, question, url, (), language, choices) == "B"
        texts = (("", "The floor is oak."),)
        answered(tmp_path, column, question, url, texts, language, choices)
    assert heard[0]["messages"] == sent_by_maru(column, question, (), choices)
    passages = (Passage("1", "1", "", "The floor is oak.", 0, 17),)
    assert heard[1]["messages"] == sent_by_maru(column, question, passages, choices)


def test_choices_are_named_on_the_command_line_and_asked_for_where_they_lack(tmp_path):
    (tmp_path / "column.py").write_text(export(Column("mine"), "en", choices=True), encoding="utf-8")
    with server("B") as (url, heard):
        given = [sys.executable, "-I", "column.py", "Which wood is it?", "--url", url]
        lacking = subprocess.run(given, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert lacking.returncode == 1 and "--choice" in lacking.stderr
        given += ["--choice", "Oak", "--choice", "Pine"]
        done = subprocess.run(given, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "B")
    assert "Which wood is it?\nA. Oak\nB. Pine\nAnswer with" in heard[0]["messages"][-1]["content"]
    (tmp_path / "column.py").write_text(export(Column("mine")), encoding="utf-8")
    with pytest.raises(SystemExit, match="no choices"):
        runpy.run_path(str(tmp_path / "column.py"))["prompt"]("Which?", [], ["Oak"])


def test_a_korean_column_asks_in_korean(tmp_path):
    template = Template("mine", "한 단어로 답하세요.", "{passages}\n{question}?")
    column = Column("내 열", "template", template=template, options=OPTIONS)
    with server("참나무") as (url, heard):
        assert answered(tmp_path, column, "마루는 무슨 나무예요", url, language="ko") == "참나무"
    assert heard[0]["messages"] == sent_by_maru(column, "마루는 무슨 나무예요")


HOSTILE = [
    '"""\nimport os\nos.abort()\n"""',
    "\\",
    "'); import os; os.abort(); ('",
    "\u202e\ud800\x00",
    "# <<values>>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text):
    column = Column(text, "few_shot", model=text, adapter=text, collection=text, system=text,
                    examples=(Example(text, text),))  # fmt: skip
    made = export(column)
    made.encode("utf-8")
    values = {
        one.targets[0].id: ast.literal_eval(one.value)
        for one in ast.parse(made).body
        if isinstance(one, ast.Assign) and one.targets[0].id in ("NAME", "MODEL", "PLAIN")
    }
    assert (values["NAME"], values["MODEL"]) == (text, text)
    assert ("assistant", text) in values["PLAIN"]["messages"]
    harmless = export(
        replace(column, name="n", model="m", adapter="a", collection="c", system="s", examples=())
    )
    assert [type(one) for one in ast.parse(made).body] == [type(one) for one in ast.parse(harmless).body]


@pytest.mark.parametrize("key", sorted(set(techniques()) - {"template"}))
def test_every_technique_is_exported_or_refused_by_name(key):
    column = Column("mine", key)
    try:
        made = export(column)
    except NotExportable as refused:
        assert '"mine"' in refused.text("en") and technique(key).label["ko"] in refused.text("ko")
    else:
        assert "<<the question>>" in made
        compile(made, "column.py", "exec")


def test_techniques_that_go_on_from_what_the_model_said_are_refused():
    for key in ("self_refine", "react", "few_shot_similar", "least_to_most"):
        with pytest.raises(NotExportable):
            export(Column("mine", key))


@pytest.mark.model
@pytest.mark.slow
def test_the_real_weights_answer_as_maru_does(tmp_path, models_folder, reference_model):
    from adapters.embedded import converted
    from chains.answer import ask_many

    column = Column("zero", "zero_shot", options=OPTIONS)
    text = "What is the capital of France?"
    (answer,) = ask_many([Question(text, options=OPTIONS)], reference_model)
    assert ran(tmp_path, column, text, "--model", str(converted(models_folder))) == answer.text
