"""One answer from a server: asked for again as long as no word has come, left at any moment, and kept as far
as it came."""

import asyncio
import queue
import threading
import time
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage

from adapters.errors import LoadCancelled, ServerFailed
from adapters.server.connection import Connection
from adapters.server.diagnosis import Fault, diagnose
from adapters.server.faults import ANSWERED

HEARTBEAT_S = 0.1
AFTERMATH_S = 2.0
"""How long the token counts are waited for once the answer has ended."""


@dataclass(frozen=True)
class Ask:
    """What the server is asked: the messages, and the fields of the request beside them."""

    messages: Sequence[BaseMessage]
    fields: Mapping[str, Any]
    total_s: float


@dataclass(frozen=True)
class Piece:
    """The next text of the answer."""

    text: str


@dataclass(frozen=True)
class Pause:
    """The server is asked again in so many seconds; `status` is what it said, None where it said nothing."""

    seconds: float
    status: int | None


@dataclass(frozen=True)
class End:
    """Why the answer ended, and the server's own token counts where it gives them."""

    reason: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


Event = Piece | Pause | End


def answer(connection: Connection, ask: Ask) -> Generator[Event | None, None, None]:
    """What comes from the server, the End last; None while nothing does. Raises ServerFailed, whose `partial`
    is the text so far. Closing this closes the connection."""
    pump = _Pump(connection, ask)
    running = connection.begin(pump.run)
    try:
        while True:
            try:
                event = pump.events.get(timeout=HEARTBEAT_S)
            except queue.Empty:
                if (running.done() or connection.closed) and pump.events.empty():
                    raise Fault("closed").failure(connection, pump.text) from None
                yield None
                continue
            if isinstance(event, ServerFailed):
                connection.trouble = None if event.values["kind"] in ANSWERED else event
                raise event
            if isinstance(event, Piece):
                connection.trouble = None
            yield event
            if isinstance(event, End):
                return
    finally:
        running.cancel()
        if pump.started.is_set():
            pump.ended.wait(timeout=AFTERMATH_S)


class _Pump:
    """Runs in the connection's loop and puts what comes into a queue."""

    def __init__(self, connection: Connection, ask: Ask) -> None:
        self._connection, self._ask = connection, ask
        self._limits = connection.limits
        self.events: queue.SimpleQueue[Event | ServerFailed] = queue.SimpleQueue()
        self.started, self.ended = threading.Event(), threading.Event()
        self._fields = dict(ask.fields)
        self.text = ""
        self._end, self._came = End(""), False

    async def run(self) -> None:
        """Until the End or an error is in the queue; cancelling this closes the HTTP connection."""
        self.started.set()
        self._connection.open_answers += 1
        try:
            async with asyncio.timeout(self._ask.total_s) as limit:
                await self._try_often()
        except TimeoutError:
            if not limit.expired():
                raise
            self.events.put(End("time_limit"))
        finally:
            self._connection.open_answers -= 1
            self.ended.set()

    async def _try_often(self) -> None:
        began = time.monotonic()
        for tried in range(1, self._limits.tries + 1):
            fault = await self._try()
            if fault is None:
                return
            pause_s = fault.pause_s
            if pause_s is None:
                pause_s = self._limits.pause_s * 2 ** (tried - 1)
            left = self._ask.total_s - (time.monotonic() - began)
            given_up = tried == self._limits.tries or pause_s > min(self._limits.longest_pause_s, left)
            if self.text or not fault.again or given_up:
                self.events.put(await self._failure(fault, tried))
                return
            self.events.put(Pause(pause_s, fault.values.get("status")))
            await asyncio.sleep(pause_s)

    async def _try(self) -> Fault | None:
        """One request: None when the answer is whole."""
        self._end, self._came, fault = End(""), False, None
        try:
            await self._read()
        except Exception as error:
            fault = self._fault(error)
        if self._end.reason:  # what goes wrong after the last word does not matter
            fault = self._ended()
        elif fault is None:
            fault = Fault("truncated") if self.text else Fault("dropped", again=True)
        if fault is not None and fault.kind == "option_refused" and self._without_usage(fault):
            return await self._try()
        return fault

    def _fault(self, error: Exception) -> Fault | None:
        if isinstance(error, _Silence):
            return Fault(error.kind or "truncated", values={"seconds": error.seconds})
        if not self._came and type(error) is ValueError:
            return None  # LangChain's way to say that the stream had not a single chunk
        return diagnose(error, answering=bool(self.text))

    def _ended(self) -> Fault | None:
        if not self.text:
            return Fault("only_thinking" if self._end.reason == "length" else "empty")
        if self._end.reason in ("abort", "error"):
            return Fault("truncated")
        self.events.put(self._end)
        return None

    def _without_usage(self, fault: Fault) -> bool:
        """Servers that do not know `stream_options` are asked without it."""
        return fault.values["fields"] == "stream_options" and self._fields.pop("stream_usage", None) is True

    async def _read(self) -> None:
        chunks = self._connection.chat.astream(
            list(self._ask.messages), config={"callbacks": []}, **self._fields
        )
        async with aclosing(cast(Any, chunks)):
            while (chunk := await self._next(chunks)) is not None:
                self._take(chunk)

    async def _next(self, chunks: AsyncIterator[AIMessageChunk]) -> AIMessageChunk | None:
        """The next chunk, waited for as long as is right at this point; None behind the last one."""
        limits = self._limits
        if self._end.reason:
            kind, seconds = "", AFTERMATH_S
        elif self.text:
            kind, seconds = "idle_timeout", limits.idle_s
        else:
            kind, seconds = "first_token_timeout", limits.first_token_s
        try:
            async with asyncio.timeout(seconds):
                return await anext(chunks, None)
        except TimeoutError:
            raise _Silence(kind, seconds) from None

    def _take(self, chunk: AIMessageChunk) -> None:
        self._came = True
        if text := str(chunk.text):
            self.text += text
            self.events.put(Piece(text))
        reason = self._end.reason or str(chunk.response_metadata.get("finish_reason") or "")
        usage = chunk.usage_metadata
        prompt = usage["input_tokens"] if usage else self._end.prompt_tokens
        completion = usage["output_tokens"] if usage else self._end.completion_tokens
        self._end = End(reason, prompt or None, completion or None)

    async def _failure(self, fault: Fault, tried: int) -> ServerFailed:
        values: dict[str, Any] = {"tries": tried}
        if fault.kind == "not_served":
            from adapters.server.listing import names

            values |= {"model": self._fields["model"], "known": await names(self._connection)}
        return fault.failure(self._connection, self.text, **values)


class _Silence(Exception):
    """Nothing came for `seconds`."""

    def __init__(self, kind: str, seconds: float) -> None:
        super().__init__(kind)
        self.kind, self.seconds = kind, seconds


def serves(connection: Connection, model: str, cancelled: threading.Event) -> None:
    """Asks the model for one word, whatever the server lists. Raises ServerFailed where it gives none, and
    LoadCancelled as soon as `cancelled` is set."""
    fields = {"model": model, "max_tokens": 1, "temperature": 0.0}
    try:
        with closing(
            answer(connection, Ask([HumanMessage("Hello")], fields, connection.limits.total_s))
        ) as word:
            for _ in word:
                if cancelled.is_set():
                    raise LoadCancelled(id=model)
    except ServerFailed as error:
        if error.values["kind"] not in ("empty", "only_thinking"):  # silent, but served
            raise
