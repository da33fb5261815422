"""From an exception of the HTTP client to the fault it stands for."""

import json
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import openai

from adapters.server.faults import failure

if TYPE_CHECKING:
    from adapters.errors import ServerFailed
    from adapters.server.connection import Connection

OPTIONS = ("max_tokens", "temperature", "top_p", "seed", "stop", "stream_options")
TOO_LONG = re.compile(
    r"context (length|window|size)|context_length|maximum context|too long|exceeds? the (available )?context|"
    r"max_model_len|inputs` tokens|max_total_tokens",
    re.IGNORECASE,
)
NO_MODEL = re.compile(r"\bmodel\b.*(not found|does not exist|not exist|pinned to|unknown)", re.IGNORECASE)
A_DAY_S = 86_400.0
AGAIN = frozenset({408, 429, 500, 502, 503, 504})


class WrongType(Exception):
    """A response of another content type than the one that was asked for."""


@dataclass(frozen=True)
class Fault:
    """What went wrong: its kind in the table of faults, and the values of its gaps. `again` says whether
    asking once more may help, `pause_s` how long the server wants us to wait before."""

    kind: str
    again: bool = False
    pause_s: float | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def failure(self, connection: "Connection", partial: str = "", **values: object) -> "ServerFailed":
        """The error for the person, without the key whatever the server said."""
        gaps = {"variable": connection.key_env, "tries": 1, **self.values, **values}
        clean = {name: connection.clean(one) if isinstance(one, str) else one for name, one in gaps.items()}
        kind = self.kind
        if kind == "key_refused" and not connection.has_key:
            kind = "key_missing"
        if self.pause_s and self.pause_s > connection.limits.longest_pause_s:
            kind, clean["seconds"] = "busy_long", round(min(self.pause_s, A_DAY_S))
        return failure(kind, connection.url, [partial], **{"seconds": connection.limits.connect_s, **clean})


def diagnose(error: BaseException, answering: bool = False) -> Fault:
    """The fault behind an exception; `answering` says whether something had come already."""
    chain = list(_chain(error))
    for one in chain:
        if isinstance(one, WrongType):
            return Fault("wrong_type", values={"detail": str(one)})
        if isinstance(one, openai.APIStatusError):
            return _status(one)
        if isinstance(one, json.JSONDecodeError | UnicodeDecodeError):
            return Fault("not_json")
    if any(isinstance(one, openai.APIConnectionError) for one in chain):
        return _connection(chain, answering)
    if isinstance(error, openai.APIError):  # an error object in the stream
        return Fault("stream_error", values={"detail": _sentence(_said(error.body) or error.message)})
    return Fault("broken", values={"detail": f"{type(error).__name__}: {error}"})


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that led to it."""
    open_ones, seen = [error], set[int]()
    while open_ones:
        one = open_ones.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        open_ones += [next_one for next_one in (one.__cause__, one.__context__, *inner) if next_one]


def _connection(chain: list[BaseException], answering: bool) -> Fault:
    detail = next((str(one) for one in reversed(chain) if str(one)), type(chain[-1]).__name__)
    names = {type(one).__name__ for one in chain}
    if any(isinstance(one, ssl.SSLError) for one in chain):
        why = next(one for one in chain if isinstance(one, ssl.SSLError))
        return Fault("tls", values={"detail": getattr(why, "verify_message", "") or why.reason or str(why)})
    if any(isinstance(one, socket.gaierror) for one in chain):
        return Fault("unknown_host")
    if any(isinstance(one, ConnectionRefusedError) for one in chain):
        return Fault("refused")
    if names & {"ConnectTimeout", "PoolTimeout"}:
        return Fault("connect_timeout")
    if names & {"ConnectError", "ProxyError", "UnsupportedProtocol"}:
        return Fault("unreachable", values={"detail": detail})
    return Fault("truncated") if answering else Fault("dropped", again=True)


def _status(error: openai.APIStatusError) -> Fault:
    status, said = error.status_code, _said(error.body)
    known: dict[str, Any] = {"status": status, "detail": _sentence(said)}
    if 300 <= status < 400:
        return Fault("redirect", values={"detail": _place(error.response.headers.get("location", ""))})
    if status in (401, 403):
        return Fault("key_refused", values=known)
    if status == 429:
        return Fault("busy", again=True, pause_s=_retry_after(error.response.headers), values=known)
    if status in AGAIN:
        pause_s = _retry_after(error.response.headers)
        return Fault("error_status", again=True, pause_s=pause_s, values=known)
    if NO_MODEL.search(said):
        return Fault("not_served", values=known)
    if status in (404, 405):
        return Fault("wrong_path", values=known)
    return Fault("error_status", values=known) if status >= 500 else _refusal(status, said, known)


def _refusal(status: int, said: str, known: dict[str, Any]) -> Fault:
    """A request that was understood and not wanted: 400, 413, 422 …"""
    if status == 413 or TOO_LONG.search(said):
        return Fault("too_long", values=known)
    named = [name for name in OPTIONS if re.search(rf"\b{name}\b", said)]
    if named:
        return Fault("option_refused", values={**known, "fields": ", ".join(named)})
    return Fault("request_refused", values=known)


def _said(body: object) -> str:
    """The server's own words, wherever it puts them: {"error": {"message": …}}, {"detail": …}, plain text."""
    if isinstance(body, str):
        return "" if body.lstrip().startswith("<") else body
    if isinstance(body, Mapping):
        for name in ("error", "message", "detail", "error_message"):
            if said := _said(body.get(name)):
                return said
        return ""
    return json.dumps(body, ensure_ascii=False) if body else ""


def _sentence(said: str) -> str:
    """With a full stop, so that another sentence may follow."""
    said = said.strip()
    return f"{said}." if said and said[-1] not in ".!?…" else said


def _retry_after(headers: Any) -> float | None:
    """Seconds, from a number of seconds or from a date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError):
            return None
    return max(0.0, seconds) if seconds == seconds else None


def _place(location: str) -> str:
    """Where a redirect leads, without a query, which may hold secrets."""
    parts = urlsplit(location)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else parts.path or "?"
