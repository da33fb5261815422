"""The way to one server: its HTTP client, and the thread with the event loop in which all requests run.

Requests are asynchronous because only those can be left at any moment: cancelling one closes its connection
at once, and the server notices. The rest of Maru meets plain calls and iterators.
"""

import asyncio
import json
import ssl
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Late
from typing import Any, TypeVar

import openai
from langchain_openai.chat_models.base import BaseChatOpenAI
from pydantic import SecretStr

from adapters.errors import LoadCancelled, ServerFailed
from adapters.server.address import is_loopback
from adapters.server.diagnosis import WrongType, diagnose
from adapters.server.faults import failure
from adapters.server.limits import Limits

T = TypeVar("T")
STREAM, JSON = "text/event-stream", "application/json"
TICK_S = 0.1
FOREIGN = ("authorization", "openai-", "x-stainless-")


class Connection:
    """One server. `open_answers` counts those being written; `chat` is LangChain's client; `closed` is set as
    soon as somebody closes it. `trouble` is why the last answer failed, where the server did not answer; None
    as soon as it answers again.

    No repr, log or message shows the key.
    """

    def __init__(self, url: str, key: str | None, key_env: str = "", limits: Limits | None = None) -> None:
        """`url` is what `server_address` gave."""
        self.url, self.key_env, self.limits = url, key_env, limits or Limits()
        self._secret = key or ""
        local = is_loopback(url)
        self._http = openai.DefaultAsyncHttpxClient(
            timeout=openai.Timeout(None, connect=self.limits.connect_s),
            # what the environment says of proxies is for other machines; no redirect is followed, so that
            # neither key nor question goes where nobody sent it
            trust_env=not local,
            verify=ssl.create_default_context() if local else True,  # but SSL_CERT_FILE holds here, too
            follow_redirects=False,
            event_hooks={"request": [self._sign], "response": [_check_type]},
        )
        self.client = openai.AsyncOpenAI(
            base_url=url,
            api_key="none",  # else it would take the one of OPENAI_API_KEY
            max_retries=0,
            http_client=self._http,
        )
        self.chat = _chat(self.client, url)
        self.open_answers = 0
        self.closed = False
        self.trouble: ServerFailed | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="model-server", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"Connection({self.url!r})"

    @property
    def has_key(self) -> bool:
        """Whether a key is sent."""
        return bool(self._secret)

    def clean(self, text: str) -> str:
        """A server's text without the key, should it repeat it."""
        return text.replace(self._secret, "…") if self._secret else text

    def begin(self, work: Callable[[], Awaitable[T]]) -> "Future[T]":
        """Starts asynchronous work. Raises ServerFailed when the connection was closed."""

        async def run() -> T:
            return await work()

        coroutine = run()
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:
            coroutine.close()
            raise failure("closed", self.url) from None

    def wait(self, work: Callable[[], Awaitable[T]], cancelled: threading.Event | None = None) -> T:
        """The result of asynchronous work. Raises LoadCancelled as soon as `cancelled` is set."""
        future = self.begin(work)
        while True:
            try:
                return future.result(timeout=TICK_S)
            except Late:
                if future.done():
                    raise
            except CancelledError:
                raise failure("closed", self.url) from None
            if cancelled is not None and cancelled.is_set():
                future.cancel()
                raise LoadCancelled(id=self.url)
            if self.closed:
                raise failure("closed", self.url)

    async def get(self, path: str) -> Any:
        """What the server says under that path of the API, or under an address. Raises ServerFailed."""
        return await self._fetch(lambda: self.client.get(path, cast_to=object))

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """As `get`."""
        return await self._fetch(lambda: self.client.post(path, cast_to=object, body=body))

    def beside(self, path: str) -> str:
        """The address of something that stands beside /v1, as /tokenize does."""
        return self.url.removesuffix("/v1") + path

    def close(self) -> None:
        """Ends all requests and closes every connection."""
        if self.closed:
            return
        self.closed = True
        ended = self.begin(self._end)
        try:
            ended.result(timeout=2 * self.limits.connect_s)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _fetch(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        try:
            async with asyncio.timeout(self.limits.check_s):
                answer = await ask()
            return json.loads(answer) if isinstance(answer, str) else answer
        except TimeoutError:
            raise failure("first_token_timeout", self.url, seconds=self.limits.check_s) from None
        except Exception as error:
            raise diagnose(error).failure(self) from None

    async def _sign(self, request: Any) -> None:
        """The key, if there is one, is put in here only; what the client says of this machine and of
        accounts elsewhere (OPENAI_ORG_ID) is taken out."""
        for name in [name for name in request.headers if name.lower().startswith(FOREIGN)]:
            del request.headers[name]
        if self._secret:
            request.headers["Authorization"] = f"Bearer {self._secret}"

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._http.aclose()


def _chat(client: openai.AsyncOpenAI, url: str) -> BaseChatOpenAI:
    """LangChain's client over ours: without its retries, its timeouts, its second client, its environment.

    Each call names the model. `max_tokens` goes out under that name, which all servers know; ChatOpenAI
    would send OpenAI's newer one, which some ignore.
    """
    completions = client.chat.completions
    return BaseChatOpenAI(
        model="named-with-each-call",
        base_url=url,
        api_key=SecretStr("none"),
        client=completions,
        root_client=client,
        async_client=completions,
        root_async_client=client,
        max_retries=0,
        use_responses_api=False,
        stream_chunk_timeout=None,
    )


async def _check_type(response: Any) -> None:
    """Raises WrongType when what comes cannot be an answer: a page of HTML, most of the time."""
    if response.status_code != 200:
        return
    wanted = STREAM if response.url.path.endswith("/chat/completions") else JSON
    kind = response.headers.get("content-type", wanted).partition(";")[0].strip().lower()
    if kind != wanted:
        raise WrongType(kind)
