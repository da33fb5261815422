"""The command line as scripts meet it: real processes, known by their streams and status alone."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import commanding
from tests.commanding import ROOT, Ran, command, document, environment

COLLECTION = "한국 이야기"
NOTE = """# 마루

A maru is the open wooden floor of a Korean house. Families sit there in summer.

The ondol is a heated stone floor. It was already known in the kingdom of Goguryeo.
"""
CSV = "이름,도시,설립연도\n경복궁,서울,1395\n불국사,경주,528\n"
PAGE = "<html><body><h1>Tea</h1><p>Boseong grows forty percent of the green tea of Korea.</p></body></html>"
PASSAGE = {"source", "page", "text", "start", "end", "score", "relevance"}

Maru = Callable[..., Ran]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "마루.md").write_text(NOTE, encoding="utf-8")
    (folder / "유산.csv").write_bytes(CSV.encode("cp949"))
    (folder / "tea.html").write_text(PAGE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def maru(home: Path) -> Maru:
    """Runs `python -m app …` with its own MARU_HOME."""

    def run(*arguments: object, locale: str = "C.UTF-8", home: Path = home, **more: str) -> Ran:
        return commanding.run(home, *arguments, locale=locale, **more)

    return run


@pytest.fixture(scope="module")
def added(maru: Maru, files: Path) -> dict[str, Any]:
    """What the first `add` answered; tests that ask for it find the collection made."""
    (files / "empty.txt").touch()
    ran = maru("add", *sorted(files.iterdir()), "--collection", COLLECTION, "--json")
    assert ran.returncode == 0, ran.stderr
    return document(ran)


def lines(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_help_is_quick_and_names_every_command(maru: Maru) -> None:
    took = []
    for _ in range(3):
        began = time.monotonic()
        ran = maru("--help")
        took.append(time.monotonic() - began)
    assert min(took) < 1.0
    assert ran.returncode == 0
    for name in ("add", "ask", "collections", "doctor", "models", "search", "serve"):
        assert re.search(rf"^    {name}\b", ran.stdout, re.MULTILINE)


def test_help_is_korean_in_a_korean_locale(maru: Maru) -> None:
    assert "컬렉션" in maru("add", "--help", locale="ko_KR.UTF-8").stdout
    assert "컬렉션" in maru("add", "--help", LC_ALL="ko_KR.UTF-8").stdout
    assert "컬렉션" not in maru("add", "--help", locale="ko_KR.UTF-8", LC_ALL="en_US.UTF-8").stdout


def test_an_unknown_command_is_wrong_usage_and_the_known_ones_are_named(maru: Maru) -> None:
    ran = maru("compare")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "ask" in ran.stderr
    assert "search" in ran.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "a question", "--batch", "file.jsonl"],
        ["ask", "a question", "--technique", "no_such"],
        ["ask", "a question", "--temperature", "2.5"],
        ["ask", "a question", "--max-tokens", "0"],
        ["ask", "a question", "--seed", "one"],
        ["search", "a text"],
        ["search", "a text", "--collection", "c", "--k", "0"],
        ["add", "file.txt"],
        ["serve", "--port", "70000"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(maru: Maru, arguments: list[str]) -> None:
    ran = maru(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("usage: python -m app")


def test_nothing_is_made_by_looking(maru: Maru, tmp_path: Path) -> None:
    ran = maru("doctor", "--json", home=tmp_path / "new")
    assert ran.returncode == 0
    assert not (tmp_path / "new" / "vectorstore").exists()


def test_doctor_says_what_the_machine_can_do(maru: Maru, home: Path) -> None:
    report = document(maru("doctor", "--json"))
    assert set(report) == {"home", "machine", "models", "embedders", "store", "findings"}
    assert report["home"] == str(home)
    assert report["machine"]["memory"]["total"] > 2**30
    assert report["machine"]["hub"]["reachable"] is False
    assert any("HF_HUB_OFFLINE" in finding for finding in report["findings"])
    assert ("No GPU" in report["findings"][0]) == (not report["machine"]["gpus"])
    for_a_person = maru("doctor", locale="ko_KR.UTF-8")
    assert for_a_person.returncode == 0
    assert "프로세서" in for_a_person.stdout


@pytest.mark.slow
def test_models_are_listed_with_their_reasons(maru: Maru) -> None:
    listed = document(maru("models", "--json"))
    default = next(model for model in listed["models"] if model["default"])
    assert default["problem"] is None
    assert default["licence"] == "Apache-2.0"
    assert listed["auto"] in {one["key"] for one in listed["precisions"] if one["problem"] is None}
    assert default["id"] in maru("models").stdout


@pytest.mark.slow
def test_files_go_in_and_a_bad_one_is_named(added: dict[str, Any]) -> None:
    assert {one["source"] for one in added["added"]} == {"마루.md", "유산.csv", "tea.html"}
    assert all(one["passages"] > 0 for one in added["added"])
    (failed,) = added["failed"]
    assert failed["source"] == "empty.txt"
    assert "empty" in failed["reason"]
    assert added["unchanged"] == added["updated"] == []


def test_the_same_files_again_change_nothing(maru: Maru, files: Path, added: dict[str, Any]) -> None:
    ran = maru("add", *sorted(files.iterdir()), "--collection", COLLECTION, "--json")
    again = document(ran)
    assert {one["source"] for one in again["unchanged"]} == {one["source"] for one in added["added"]}
    assert again["added"] == []


def test_a_changed_file_is_updated(maru: Maru, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    for text, status in (("처음 쓴 글이에요.", "added"), ("다시 쓴 글이에요.", "updated")):
        note.write_text(text, encoding="utf-8")
        result = document(maru("add", note, "--collection", "changing", "--json"))
        assert [one["source"] for one in result[status]] == ["note.txt"]


def test_when_every_file_fails_so_does_add(maru: Maru, tmp_path: Path) -> None:
    (tmp_path / "fake.pdf").write_bytes(b"PK\x03\x04")
    ran = maru("add", tmp_path / "fake.pdf", tmp_path / "gone.md", "--collection", "bad", "--json")
    assert ran.returncode == 1
    assert {one["source"] for one in document(ran)["failed"]} == {"fake.pdf", "gone.md"}


def test_add_speaks_korean(maru: Maru, tmp_path: Path) -> None:
    ran = maru("add", tmp_path / "없는 파일.md", "--collection", "bad", locale="ko_KR.UTF-8")
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "실패: 없는 파일.md" in ran.stderr


def test_collections_are_counted(maru: Maru, added: dict[str, Any]) -> None:
    listed = {one["name"]: one for one in document(maru("collections", "--json"))["collections"]}
    assert listed[COLLECTION]["documents"] == 3
    assert listed[COLLECTION]["passages"] == sum(one["passages"] for one in added["added"])
    assert listed[COLLECTION]["problem"] is None


def test_offsets_cut_the_passage_out_of_the_file(maru: Maru, added: dict[str, Any]) -> None:
    ran = maru("search", "What is a maru?", "--collection", COLLECTION, "--json", "--k", 2)
    passages = document(ran)["passages"]
    assert len(passages) <= 2
    assert all(set(passage) == PASSAGE for passage in passages)
    best = passages[0]
    assert best["source"] == "마루.md"
    assert best["text"] == NOTE[best["start"] : best["end"]]
    assert "open wooden floor" in best["text"]


@pytest.mark.parametrize("retriever", ["hybrid", "lexical"])
def test_korean_is_found_with_its_particles(maru: Maru, added: dict[str, Any], retriever: str) -> None:
    question = "불국사는 어느 도시에 있나요?"
    ran = maru("search", question, "--collection", COLLECTION, "--json", "--retriever", retriever)
    assert document(ran)["passages"][0]["source"] == "유산.csv"


def test_a_batch_is_searched_in_order(maru: Maru, added: dict[str, Any], tmp_path: Path) -> None:
    questions = [(7, "Where does green tea grow?"), ("b", "불국사")]
    batch = write_batch(tmp_path, questions)
    ran = maru("search", "--batch", batch, "--collection", COLLECTION, "--k", 1, "--retriever", "lexical")
    assert ran.returncode == 0, ran.stderr
    found = lines(ran)
    assert [one["id"] for one in found] == [7, "b"]
    assert [one["passages"][0]["source"] for one in found] == ["tea.html", "유산.csv"]


def test_bad_lines_of_a_batch_are_named_by_number_before_anything_runs(
    maru: Maru, added: dict[str, Any], tmp_path: Path
) -> None:
    batch = tmp_path / "bad.jsonl"
    batch.write_text(
        '{"id": 1, "question": "Tea?"}\n\n{"id": 2}\nnot json\n{"id": 1, "question": "Again?"}\n[1]\n',
        encoding="utf-8",
    )
    ran = maru("search", "--batch", batch, "--collection", COLLECTION)
    assert (ran.returncode, ran.stdout) == (1, "")
    named = [line.split(":")[0].strip() for line in ran.stderr.splitlines() if line.startswith("  ")]
    assert named == ["3", "4", "5", "6"]


def test_an_unreadable_batch_is_named(maru: Maru, tmp_path: Path) -> None:
    ran = maru("search", "--batch", tmp_path / "gone.jsonl", "--collection", COLLECTION)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "gone.jsonl" in ran.stderr


@pytest.mark.parametrize(
    "locale, said", [("C.UTF-8", "There is no collection"), ("ko_KR.UTF-8", "컬렉션이 없어요")]
)
def test_an_unknown_collection_is_said_with_the_known_ones(
    maru: Maru, added: dict[str, Any], locale: str, said: str
) -> None:
    ran = maru("search", "tea", "--collection", "nowhere", "--json", locale=locale)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert said in ran.stderr
    assert COLLECTION in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_folder_in_use_is_said(maru: Maru, home: Path, added: dict[str, Any]) -> None:
    program = (
        "import sys; from pathlib import Path; from vectorstore.store import Store\n"
        "with Store(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(home / "vectorstore")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout and holder.stdin
        assert holder.stdout.readline() == "open\n"
        ran = maru("collections", "--json")
        report = document(maru("doctor", "--json"))
        holder.stdin.close()
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "Another Maru process" in ran.stderr
    assert "Another Maru process" in report["store"]["problem"]


def test_a_port_in_use_is_said_with_a_free_one(maru: Maru) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ran = maru("serve", "--port", port)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert str(port) in ran.stderr
    assert "--port" in ran.stderr


def test_a_bad_setting_is_said(maru: Maru) -> None:
    ran = maru("collections", MARU_PORT="seven")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "MARU_PORT" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_data_folder_that_cannot_be_made_is_said(maru: Maru, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = maru("collections", home=tmp_path / "file")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "MARU_HOME" in ran.stderr
    assert str(tmp_path / "file") in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("question", ["", " \n "])
def test_an_empty_question_is_said_before_the_model_loads(maru: Maru, question: str) -> None:
    ran = maru("ask", question, "--json", locale="ko_KR.UTF-8")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "질문이 비어 있어요. 물어볼 내용을 적어 주세요.\n"


def test_an_unknown_set_of_examples_is_said(maru: Maru) -> None:
    ran = maru("ask", "Hello", "--technique", "few_shot", "--examples", "no such set")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "no such set" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_unknown_template_is_said(maru: Maru) -> None:
    ran = maru("ask", "Hello", "--template", "no such template")
    assert ran.returncode == 1
    assert "no such template" in ran.stderr
    ran = maru("ask", "Hello", "--template", "x", "--technique", "few_shot")
    assert ran.returncode == 2
    assert "--technique template" in ran.stderr


def test_a_technique_that_searches_wants_a_collection_before_the_model_loads(maru: Maru) -> None:
    ran = maru("ask", "Hello", "--technique", "react")
    assert ran.returncode == 1
    assert "Choose a collection" in ran.stderr


def test_a_reader_that_goes_away_is_no_traceback(home: Path) -> None:
    ran = subprocess.run(
        f"set -o pipefail; {sys.executable} -m app models | true",
        shell=True,
        executable="/bin/bash",
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode in {0, 141}
    assert "Traceback" not in ran.stderr


@pytest.fixture(scope="module")
def with_model(home: Path, models_folder: Path) -> None:
    """The converted model, borrowed from the machine."""
    (home / "models").symlink_to(models_folder)


@pytest.mark.model
def test_a_grounded_answer_is_cited(maru: Maru, added: dict[str, Any], with_model: None) -> None:
    arguments = ("--collection", COLLECTION, "--temperature", 0, "--max-tokens", 48, "--seed", 3)
    ran = maru("ask", "What is a maru?", *arguments, "--json")
    assert ran.returncode == 0, ran.stderr
    answer = document(ran)
    assert "floor" in answer["answer"]
    cited = answer["citations"][0]
    assert f"[{cited['n']}]" in answer["answer"]
    assert cited["source"] == "마루.md"
    assert cited["text"] == NOTE[cited["start"] : cited["end"]]
    assert all(cited["start"] <= start < end <= cited["end"] for start, end in cited["highlights"])
    assert all(set(passage) == PASSAGE for passage in answer["passages"])
    assert [message["role"] for message in answer["prompt"]][-1] == "user"
    assert cited["text"] in answer["prompt"][-1]["content"]
    assert answer["model"]["precision"] in {"int8_openvino", "bfloat16", "float32"}
    assert answer["seed"] == 3
    assert answer["tokens"]["prompt"] > 0
    assert 0 < answer["tokens"]["completion"] <= 48
    assert 0 < answer["timings"]["first_token_s"] < answer["timings"]["total_s"]
    assert answer["finish_reason"] in {"stop", "length"}
    assert (answer["technique"], answer["notices"]) == ("zero_shot", [])


@pytest.mark.slow
@pytest.mark.model
def test_a_person_reads_the_answer_and_its_sources(
    maru: Maru, added: dict[str, Any], with_model: None
) -> None:
    ran = maru("ask", "What is a maru?", "--collection", COLLECTION, "--temperature", 0, "--max-tokens", 48)
    assert ran.returncode == 0, ran.stderr
    answer, _, sources = ran.stdout.partition("\nSources:\n")
    assert "floor" in answer
    assert sources.startswith("[1] 마루.md")


@pytest.mark.model
def test_a_batch_is_answered_line_by_line(maru: Maru, with_model: None, tmp_path: Path) -> None:
    """A question that cannot be answered does not stop the others."""
    too_long = "long " * 9000
    batch = write_batch(tmp_path, [("a", "What is the capital of France?"), (2, too_long), ("c", "Hello!")])
    ran = maru("ask", "--batch", batch, "--temperature", 0, "--max-tokens", 12)
    answers = lines(ran)
    assert [one["id"] for one in answers] == ["a", 2, "c"]
    assert "Paris" in answers[0]["answer"]
    assert set(answers[1]) == {"id", "error"}
    assert answers[2]["answer"]
    assert ran.returncode == 1
    assert "1 of 3" in ran.stderr


@pytest.mark.model
def test_ctrl_c_stops_the_model_and_keeps_what_it_wrote(home: Path, with_model: None) -> None:
    arguments = command("ask", "Write a long story about a river.", "--max-tokens", 2000, "--seed", 1)
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked:
        assert asked.stdout
        assert asked.stdout.read(20)  # it is writing
        asked.send_signal(signal.SIGINT)
        began = time.monotonic()
        rest, errors = asked.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert asked.returncode == 130
    assert rest.endswith(b"\n")
    assert b"Traceback" not in errors
    assert b"stopped" in errors


@pytest.mark.model
def test_ctrl_c_while_the_model_loads_ends_at_once(home: Path, with_model: None) -> None:
    with subprocess.Popen(
        command("ask", "Hello", "--json"),
        cwd=ROOT,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as asked:
        assert asked.stderr
        assert asked.stderr.readline()  # it says that it is loading
        asked.send_signal(signal.SIGINT)
        output, errors = asked.communicate(timeout=30)
    assert (asked.returncode, output) == (130, b"")
    assert b"Traceback" not in errors


def write_batch(folder: Path, questions: list[tuple[Any, str]]) -> Path:
    batch = folder / "batch.jsonl"
    rows = [
        json.dumps({"id": id, "question": text, "other": 1}, ensure_ascii=False) for id, text in questions
    ]
    batch.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return batch


@pytest.mark.slow
@pytest.mark.parametrize(
    ("host", "name", "interrupt"),
    [("127.0.0.1", "127.0.0.1", signal.SIG_IGN), ("::1", "[::1]", signal.SIG_DFL)],
)
def test_serve_says_where_and_ends_cleanly(
    tmp_path: Path, host: str, name: str, interrupt: signal.Handlers
) -> None:
    """Its first line is the document; `kill` ends it with 0 and frees the port, also behind a shell's `&`,
    where Ctrl-C is ignored."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with listener:
        port = listener.getsockname()[1]
    with subprocess.Popen(
        command("serve", "--host", host, "--port", port, "--json"),
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, interrupt),
    ) as served:
        assert served.stdout
        url = json.loads(served.stdout.readline())["url"]
        assert url == f"http://{name}:{port}"
        wait_for(url)
        served.terminate()
        rest, errors = served.communicate(timeout=30)
    assert (served.returncode, rest) == (0, b"")
    assert b"Traceback" not in errors
    socket.create_server((host, port), family=family).close()


def wait_for(url: str) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(url, timeout=10) as page:
                assert page.status == 200
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"{url} is not served")
