"""How long a server is waited for, and how often it is asked again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Seconds, but for `tries`.

    `first_token_s` is long because a server may be loading the model; `idle_s` is the longest silence in
    mid-answer. A failed request is sent again, `tries` times in all, only as long as no word has come: after
    `pause_s`, twice as long each time, or as the server says (Retry-After), if that is not longer than
    `longest_pause_s`.
    """

    connect_s: float = 10.0
    check_s: float = 10.0
    first_token_s: float = 120.0
    idle_s: float = 60.0
    total_s: float = 300.0
    tries: int = 3
    pause_s: float = 0.5
    longest_pause_s: float = 60.0
