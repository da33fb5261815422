"""Adding a model by hand: a folder or GGUF file of this machine, a repository of the Hub, or a server."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from adapters.spec import Text
from app.changes import allow_changes
from app.errors import shown
from app.language import label
from app.local_path import local_path
from app.locales import pick, say
from app.parts import Choices, inform, private
from app.services import Services

if TYPE_CHECKING:
    from adapters.models import ModelEntry

LONGEST = 1000
KINDS = {
    "folder": ("path", "name"),
    "gguf": ("path", "name"),
    "hub": ("repository", "revision", "name"),
    "server": ("url", "server_model", "key_env", "name"),
}
"""Where a model may come from, and what is asked about it."""

DONE = {"folder": "add.done_folder", "gguf": "add.done_folder", "hub": "add.done_hub"}
"""What was verified of it when it was added; of a server's adapters.server.adding says it."""

HINTS = ("path", "repository", "url", "server_model", "key_env")
EXAMPLES = {"repository": "Qwen/Qwen2.5-0.5B-Instruct", "url": "http://127.0.0.1:8000/v1"}


def add_model(services: Services, page: gr.Blocks, language: gr.Textbox) -> Any:
    """Lays the form out and wires it. Returns the event of a model that was added."""
    with gr.Accordion(label("add.title"), open=False, elem_id="maru-add"):
        kind = Choices(kind_choices("en"), value="folder", label=label("add.kind"))
        asked_for = dict.fromkeys(sum(KINDS.values(), ()))
        # what may stay empty comes last, whatever the kind
        fields = {name: _field(name) for name in sorted(asked_for, key=lambda name: name == "name")}
        add = gr.Button(label("add.button"), variant="primary", size="sm", elem_id="maru-add-button")

    def asked(chosen: str) -> list[Any]:
        return [gr.update(visible=name in KINDS.get(chosen, ())) for name in fields]

    def take(chosen: Any, spoken: str, *values: Any) -> list[str]:
        with shown(spoken):
            allow_changes(services)
            given = dict(zip(fields, (str(value or "").strip() for value in values), strict=True))
            entry, remarks = added(str(chosen), given, services.settings.models)
        words = [say(DONE.get(entry.kind, "add.done"), spoken, name=entry.id)]
        words += [pick(remark, spoken) for remark in remarks]
        inform(" ".join(words), title=say("add.title", spoken))
        return [""] * len(fields)

    page.load(lambda spoken: gr.update(choices=kind_choices(spoken)), language, kind, js=SPOKEN, **private())
    kind.input(asked, kind, list(fields.values()), **private())
    submits = [field.submit for field in fields.values()]
    return gr.on(
        [add.click, *submits], take, [kind, language, *fields.values()], [*fields.values()], **private()
    )


SPOKEN = "() => maru.language"


def kind_choices(language: str) -> list[tuple[str, str]]:
    """(name on the screen, key) of every place a model may come from."""
    return [(say(f"add.{kind}", language), kind) for kind in KINDS]


def added(kind: str, given: dict[str, str], folder: Path) -> "tuple[ModelEntry, tuple[Text, ...]]":
    """Adds what the form describes, and what a person should know of it. Raises SourceRefused with everything
    that speaks against it, ServerFailed for a model that the server does not list."""
    from adapters import sources

    name = given["name"]
    if kind == "hub":
        return sources.add_repository(given["repository"], folder, given["revision"] or None, name), ()
    if kind == "server":
        from adapters.server.adding import add_asked

        server = add_asked(given["url"], folder, name, given["server_model"], given["key_env"])
        return server.entry, server.remarks
    path = local_path(given["path"])
    # what lies there decides: who picked the other kind meant this path all the same
    file = path.suffix == ".gguf" or kind == "gguf"
    add = sources.add_gguf if file and not path.is_dir() else sources.add_folder
    return add(path, folder, name), ()


def _field(name: str) -> gr.Textbox:
    hint = label(f"add.{name}_hint") if name in HINTS else None
    asked_first = name in KINDS["folder"]
    return gr.Textbox(
        label=label(f"add.{name}"),
        info=hint,
        placeholder=EXAMPLES.get(name),
        max_length=LONGEST,
        visible=asked_first,
    )
