"""Templates as HTML: the list, what would be sent, the versions, what changed. Pure functions."""

from collections.abc import Sequence
from itertools import groupby, pairwise

from app.locales import say
from app.marked import plain
from app.show_steps import messages
from app.templates.sample import Rendered
from chains.question import Template
from chains.templates import Line, difference

_SIGNS = {"added": ("ins", "+", "templates.added"), "removed": ("del", "−", "templates.removed")}
_PARTS = {"system": "templates.system", "user": "templates.user"}


def template_list(own: Sequence[str], built_in: Sequence[str], opened: str, language: str) -> str:
    """The person's own names and the built-in ones, the opened one marked; what can be done with all."""
    tools = _button("new", "templates.new", language) + _button("import", "templates.import", language)
    if own:
        tools += _button("export", "templates.export_all", language)
    none = "" if own else f'<p class="hint">{plain(say("templates.none", language))}</p>'
    return (
        f'<div class="tools">{tools}</div>'
        f"<h3>{plain(say('templates.mine', language))}</h3>{none}{_names(own, opened)}"
        f"<h3>{plain(say('templates.built_in', language))}</h3>{_names(built_in, opened)}"
    )


def state(template: Template | None, own: bool, language: str) -> str:
    """What is opened: a new template, a version of one's own, or one that cannot be changed."""
    if template is None:
        words = say("templates.state_new", language)
    elif own:
        words = say("templates.version", language, version=template.version)
    else:
        words = say("templates.state_built_in", language)
    unsaved = f'<span class="unsaved">{plain(say("templates.unsaved", language))}</span>'
    return f'<p class="remark" role="status">{plain(words)}{unsaved}</p>'


def preview(rendered: Rendered, language: str) -> str:
    """The messages, or why there are none; what in them is only a sample."""
    asked = say("templates.preview_question", language, text=rendered.question)
    told = f'<p class="remark" dir="auto">{plain(asked)}</p>'
    if rendered.prompt is None:
        return f'{told}<p class="problem" role="alert">{plain(rendered.problem)}</p>'
    notes = "".join(f'<p class="remark">{plain(say(key, language))}</p>' for key in rendered.notes)
    return f"{told}{messages(rendered.prompt, (), language)}{notes}"


def versions(kept: Sequence[Template], language: str) -> str:
    """The versions, newest first, with the number of lines that came and went; older ones can be restored."""
    changed = {new.version: _counted(difference(old, new), language) for old, new in pairwise(kept)}
    rows = (_version(one, one is kept[-1], changed.get(one.version, ""), language) for one in reversed(kept))
    hint = "" if len(kept) > 1 else f'<p class="hint">{plain(say("templates.one_version", language))}</p>'
    return f'<ul class="versions">{"".join(rows)}</ul>{hint}'


def changes(lines: Sequence[Line], language: str) -> str:
    """Every line of both versions; what was added or removed carries a sign and a word, not only a colour."""
    if all(line.kind == "same" for line in lines):
        return f'<p class="remark">{plain(say("templates.same", language))}</p>'
    parts = (
        f"<h4>{plain(say(_PARTS[part], language))}</h4>"
        f'<div class="difference">{"".join(_line(line, language) for line in group)}</div>'
        for part, group in groupby(lines, key=lambda line: line.part)
    )
    return "".join(parts)


def _names(names: Sequence[str], opened: str) -> str:
    rows = "".join(_name(name, name == opened) for name in names)
    return f"<ul>{rows}</ul>" if names else ""


def _name(name: str, opened: bool) -> str:
    current = ' aria-current="true"' if opened else ""
    button = f'<button type="button" class="name" data-do="open" data-id="{plain(name)}"{current}>'
    return f"<li>{button}{plain(name)}</button></li>"


def _button(action: str, key: str, language: str) -> str:
    return f'<button type="button" class="small" data-do="{action}">{plain(say(key, language))}</button>'


def _version(one: Template, newest: bool, changed: str, language: str) -> str:
    name = plain(say("templates.version", language, version=one.version))
    mark = f'<span class="mark">{plain(say("templates.newest", language))}</span>' if newest else ""
    back = "" if newest else _restore(one.version, language)
    return f"<li><div><strong>{name}</strong>{mark}<small>{plain(changed)}</small></div>{back}</li>"


def _restore(version: int, language: str) -> str:
    told = plain(say("templates.restore_version", language, version=version))
    return (
        f'<button type="button" class="small" data-do="restore" data-id="{version}" aria-label="{told}">'
        f"{plain(say('templates.restore', language))}</button>"
    )


def _counted(lines: Sequence[Line], language: str) -> str:
    kinds = [line.kind for line in lines]
    return say("templates.changes", language, added=kinds.count("added"), removed=kinds.count("removed"))


def _line(line: Line, language: str) -> str:
    text = plain(line.text) or " "
    if line.kind == "same":
        return f"<div><span></span><span>{text}</span></div>"
    tag, sign, key = _SIGNS[line.kind]
    spoken = plain(say(key, language))
    return (
        f'<div class="{line.kind}"><span role="img" aria-label="{spoken}" title="{spoken}">{sign}</span>'
        f"<{tag}>{text}</{tag}></div>"
    )
