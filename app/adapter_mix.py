"""Two adapters that work together, as one name."""

DEFAULT_SHARE = 0.5


def mix_of(first: object, second: object, share: object) -> str | None:
    """The mix these parts describe, as adapters.lora reads it: "poet", "poet:0.7+pirate:0.3"; or None.

    Without a first there is none: the second is not seen then, and nothing unseen may answer."""
    one, two = (str(name or "").strip() for name in (first, second))
    if not one or not two or two == one:
        return one or None
    part = share if isinstance(share, int | float) and 0 < share < 1 else DEFAULT_SHARE
    return f"{one}:{1 - part:g}+{two}:{part:g}"
