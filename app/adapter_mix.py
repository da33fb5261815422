"""Two adapters that work together, as one name."""

DEFAULT_SHARE = 0.5


def mix_of(first: object, second: object, share: object) -> str | None:
    """The mix these parts describe, as adapters.lora reads it: "poet", "poet:0.7+pirate:0.3"; or None."""
    one, two = (str(name or "").strip() for name in (first, second))
    if not two or two == one:
        return one or None
    if not one:
        return two
    part = share if isinstance(share, int | float) and 0 < share < 1 else DEFAULT_SHARE
    return f"{one}:{1 - part:g}+{two}:{part:g}"
