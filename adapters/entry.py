"""What is known of one model, and which names a model may have."""

import re
from dataclasses import dataclass
from typing import Literal

from adapters.errors import AdapterError
from adapters.spec import Text

EMBEDDED = "SmolLM2-135M-Instruct-Q4_1"
ORIGINAL = "HuggingFaceTB/SmolLM2-135M-Instruct"

REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,94}")
"""What may be asked of the hub: owner/name, with nothing in it that could be a path or an option."""

REVISION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_/-]|\.(?!\.)){0,99}")
"""A branch, tag or commit of a repository."""

NAME = re.compile(r"[^\W_](?:[\w +-]|\.(?!\.)){0,62}[^\W_]|[^\W_]")
"""What a person may call a model: letters of any script, digits and a few marks; never a path."""

Kind = Literal["embedded", "hub", "folder", "gguf", "server"]


@dataclass(frozen=True)
class ModelEntry:
    """One model. `bytes` is what it takes on disk once it is ready, `ready` whether it can be loaded without
    converting or downloading first, `problem` why it cannot be used at all.

    `location` is a folder, a file, a repository or a server's URL, never from a client; `server_model` is
    what a server calls the model, `key_env` the environment variable with its key. `gated`: the hub wants its
    licence accepted first. `removable`: a person added it. 0 and () where a figure is not known.
    """

    id: str
    label: str
    description: Text
    parameters: int
    bytes: int
    licence: str
    source: str
    default: bool = False
    ready: bool = False
    problem: AdapterError | None = None
    kind: Kind = "hub"
    location: str = ""
    revision: str | None = None
    languages: tuple[str, ...] = ()
    context_length: int = 0
    server_model: str = ""
    key_env: str = ""
    gated: bool = False
    removable: bool = False
