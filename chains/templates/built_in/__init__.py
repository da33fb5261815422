"""The roles and instructions that come with Maru: one YAML file each, as `yaml_format` writes them.

A file <key>.<language>.yaml holds one template; DEFAULT is the role where none was chosen.
"""

from functools import cache
from pathlib import Path

from chains.question import Template
from chains.templates.yaml_format import from_yaml

DEFAULT = "teacher"


@cache
def built_in_templates() -> tuple[Template, ...]:
    """All of them, by file name."""
    return tuple(one for path in _files() for one in from_yaml(path.read_text("utf-8")))


def default_role(language: str) -> Template:
    """The role that is taken where none was chosen."""
    wanted = "ko" if language == "ko" else "en"
    (role,) = from_yaml((Path(__file__).parent / f"{DEFAULT}.{wanted}.yaml").read_text("utf-8"))
    return role


def _files() -> list[Path]:
    return sorted(Path(__file__).parent.glob("*.yaml"))
