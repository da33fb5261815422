"""The options of one generation, out of a call's keyword arguments."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from adapters.errors import BadOption
from adapters.spec import GenerationOptions


def read_options(given: Mapping[str, Any]) -> GenerationOptions:
    """The options among a call's keyword arguments. Raises BadOption when one is out of its range."""
    known = {field.name: field for field in fields(GenerationOptions)}
    values = {name: value for name, value in given.items() if name in known}
    for name, value in values.items():
        low, high = known[name].metadata["low"], known[name].metadata["high"]
        unset = value is None and name == "seed"
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not unset and not (number and low <= value <= high):
            raise BadOption(name=name, low=low, high=high, value=value)
    return GenerationOptions(**values)
