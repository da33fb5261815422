"""Rules about the code that import-linter cannot hold (`make check` holds the others)."""

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import app.commands
from app.terminal.flags import keys

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "chains", "adapters", "vectorstore")
LIGHT = {
    "adapters.spec": set(),
    "adapters.errors": set(),
    "vectorstore.errors": set(),
    "vectorstore.nearest": set(),
    "vectorstore.passage": {"langchain_core"},
    "chains.question": {"langchain_core"},
    "app.settings": {"platformdirs"},
}
"""Modules that anyone may import, and what they may bring along beside the standard library."""

HEAVY = {"torch", "transformers", "chromadb", "sentence_transformers", "gradio", "langchain_core", "numpy"}
LARGEST_FUNCTION, MOST_PARAMETERS, LARGEST_FILE = 50, 6, 400
LARGEST_TAB = 80
"""A tab is one function: its layout, then its wiring; the handlers between them are not counted."""

TABLES = {"theme"}
"""Functions that are one call with a table of values."""


def sources(*packages: str) -> list[Path]:
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def importers(library: str, *packages: str) -> set[str]:
    return {
        name_of(path)
        for path in sources(*packages)
        if any(name == library or name.startswith(library + ".") for name in imported(parsed(path)))
    }


def test_only_the_store_imports_chromadb() -> None:
    assert importers("chromadb", *PACKAGES) == {"vectorstore.store"}


def test_of_the_lower_packages_chains_sees_only_the_nouns() -> None:
    allowed = {"adapters": {"spec", "errors"}, "vectorstore": {"passage", "errors", "nearest", "encoding"}}
    seen = {
        (name_of(path), name)
        for path in sources("chains")
        for name in imported(parsed(path))
        if name.split(".")[0] in allowed and name.split(".")[1] not in allowed[name.split(".")[0]]
    }
    assert seen == set()


def test_weights_are_read_in_one_place() -> None:
    """from_pretrained brings code and pickles if it is asked wrongly; so there is one place that asks."""
    callers = {
        name_of(path)
        for path in sources(*PACKAGES)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr == "from_pretrained"
    }
    assert callers == {"adapters.weights"}


@pytest.mark.parametrize("argument, safe", [("trust_remote_code", False), ("use_safetensors", True)])
def test_model_code_and_pickles_are_never_let_in(argument: str, safe: bool) -> None:
    values = [
        ast.literal_eval(value)
        for path in sources(*PACKAGES)
        for node in ast.walk(parsed(path))
        for name, value in named_values(node)
        if name == argument
    ]
    assert values
    assert set(values) == {safe}


def named_values(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Call):
        yield from ((keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg)
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value


def test_nothing_is_unpickled_evaluated_or_run_by_a_shell() -> None:
    names = {"pickle", "marshal", "shelve", "dill", "joblib"}
    found = {
        (name_of(path), name)
        for path in sources(*PACKAGES)
        for name in imported(parsed(path))
        if name.split(".")[0] in names
    }
    calls = {
        (name_of(path), node.func.id)
        for path in sources(*PACKAGES)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}
    }
    shells = {
        name_of(path)
        for path in sources(*PACKAGES)
        for node in ast.walk(parsed(path))
        for name, value in named_values(node)
        if name == "shell" and not (isinstance(value, ast.Constant) and value.value is False)
    }
    assert (found, calls, shells) == (set(), set(), set())


def test_what_pops_up_is_escaped_in_one_place() -> None:
    """Gradio reads a notice as HTML: app.parts and app.errors escape what anyone may have named."""
    callers = {
        (name_of(path), node.attr)
        for path in sources("app")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"Info", "Warning", "Success", "Error"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "gr"
    }
    imports = [name for path in sources("app") for name in imported(parsed(path))]
    assert callers == {("app.parts", "Info"), ("app.parts", "Warning"), ("app.errors", "Error")}
    assert not {"gradio.Info", "gradio.Warning", "gradio.Success", "gradio.Error"} & set(imports)


def test_langchains_unsafe_parts_are_not_used() -> None:
    """LangChain's own (de)serialisation and jinja2 templates have run what a text said (CVE-2025-68664)."""
    loads = importers("langchain_core.load", *PACKAGES) | importers(
        "langchain_core.prompts.loading", *PACKAGES
    )
    jinja = {name_of(path) for path in sources(*PACKAGES) if '"jinja2"' in path.read_text(encoding="utf-8")}
    assert (loads, jinja) == (set(), set())


def test_chromas_python_server_is_never_imported(tmp_path: Path) -> None:
    """CVE-2026-45829 is in chromadb's FastAPI server: filling and asking the store does not load it."""
    (tmp_path / "note.txt").write_text("A maru is a wooden floor.", encoding="utf-8")
    program = (
        "import sys, pathlib\n"
        "from vectorstore.store import Store\n"
        "from vectorstore.ingest import add\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "with Store(folder / 'store') as store:\n"
        "    events = list(add(store, 'notes', [folder / 'note.txt']))\n"
        "    assert store.search('notes', 'What is a maru?', 1)[0].text == 'A maru is a wooden floor.'\n"
        "print('chromadb' in sys.modules, [m for m in sys.modules if m.startswith('chromadb.server')])\n"
    )
    ran = python("-c", program, str(tmp_path))
    assert ran.stdout.strip() == "True []", ran.stderr


@pytest.mark.parametrize("module", LIGHT)
def test_light_modules_stay_light(module: str) -> None:
    others = sorted(HEAVY - LIGHT[module])
    program = f"import sys, {module}; print([name for name in {others} if name in sys.modules])"
    assert python("-c", program).stdout.strip() == "[]"


@pytest.mark.parametrize("path", sources("adapters", "vectorstore"), ids=name_of)
def test_transformers_is_imported_whole_before_anything_from_it(path: Path) -> None:
    """Its names cannot be had in a thread while another one imports it: see adapters.weights."""
    for node in ast.walk(parsed(path)):
        body = getattr(node, "body", [])
        plain = False
        for line in body if isinstance(body, list) else []:
            plain |= isinstance(line, ast.Import) and line.names[0].name == "transformers"
            of = line.module or "" if isinstance(line, ast.ImportFrom) else ""
            types_only = isinstance(node, ast.If)
            assert plain or types_only or of.split(".")[0] not in ("transformers", "sentence_transformers")


def test_help_imports_nothing_slow() -> None:
    program = (
        "import sys; from app.cli import build_parser\n"
        "for language in ('en', 'ko'): build_parser(language).format_help()\n"
        f"print([name for name in {sorted(HEAVY)} if name in sys.modules])"
    )
    assert python("-c", program).stdout.strip() == "[]"


def test_every_command_is_a_file_of_its_folder() -> None:
    assert set(keys("app.commands")) >= {"add", "ask", "collections", "doctor", "models", "search", "serve"}
    for name in keys("app.commands"):
        command = importlib.import_module(f"app.commands.{name}")
        assert set(command.HELP) == {"en", "ko"}
        assert isinstance(command.OUTPUT, str)
        assert callable(command.add_arguments)
        assert callable(command.run)
    assert Path(app.commands.__path__[0]).is_dir()


def test_no_file_of_app_shadows_the_standard_library_when_main_is_started_as_a_file() -> None:
    """`python app/main.py` begins with app/ on the path; until main.py has replaced it, app's names win."""
    before_the_path_is_replaced = {"sys", "pathlib"}
    names = {path.stem for path in (ROOT / "app").iterdir()}
    assert not names & (before_the_path_is_replaced | {"os", "io", "types", "typing", "enum", "logging"})


def test_no_top_level_package_can_be_mistaken_for_an_installed_one() -> None:
    for package in (*PACKAGES, "benchmarks", "tests"):
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert spec.origin == str(ROOT / package / "__init__.py")


@pytest.mark.parametrize("path", sources(*PACKAGES, "benchmarks"), ids=name_of)
def test_functions_and_files_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LARGEST_FILE
    for function in functions(ast.parse(text)):
        largest = LARGEST_TAB if path.parent.name == "tabs" else LARGEST_FUNCTION
        assert own_lines(function) <= largest or function.name in TABLES, function.name
        parameters = [one for one in function.args.args if one.arg not in {"self", "cls"}]
        assert len(parameters) + len(function.args.kwonlyargs) <= MOST_PARAMETERS, function.name


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without those of the functions inside it: a tab's handlers close over its components."""
    inside = {
        line
        for one in functions(function)
        if one is not function
        for line in range(one.lineno, (one.end_lineno or 0) + 1)
    }
    return (function.end_lineno or 0) - function.lineno + 1 - len(inside)


def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
