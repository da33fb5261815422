"""Seeds that follow from one seed: each sample has its own, and a second run draws the same."""

import hashlib
from typing import overload

LARGEST = 2**31 - 1
"""As the option's range says: what every engine takes."""


@overload
def derived(seed: int, *parts: str | int) -> int: ...


@overload
def derived(seed: None, *parts: str | int) -> None: ...


@overload
def derived(seed: int | None, *parts: str | int) -> int | None: ...


def derived(seed: int | None, *parts: str | int) -> int | None:
    """The seed (0..LARGEST) that belongs to `seed` and `parts`: the same in every process, unlike `hash`.

    None stays None: a fresh seed is drawn for everything then.
    """
    if seed is None:
        return None
    digest = hashlib.blake2b(repr((seed, *parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % (LARGEST + 1)
