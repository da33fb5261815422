"""What of YAML is refused before anything is built of it: deep nesting, and more aliases than are wanted.

A few lines of aliases grow to gigabytes, and PyYAML's time grows with the square of the depth. Its events
come one by one: the first that is too much ends the reading.
"""

import yaml


class TooDeep(Exception):
    """Collections in more collections than allowed, at a line, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class TooManyAliases(Exception):
    """One alias more than allowed, at a line, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def check_events(text: str, deepest: int, most_aliases: int = 0) -> None:
    """Raises TooDeep, TooManyAliases, and what PyYAML raises of text that is no YAML."""
    depth = aliases = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        aliases += isinstance(event, yaml.AliasEvent)
        if aliases > most_aliases:
            raise TooManyAliases(line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > deepest:
            raise TooDeep(line)
