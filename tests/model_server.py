"""A real HTTP server on loopback that speaks the OpenAI API, and does wrong what a test wants it to.

It runs in threads of this process, one a connection, and writes its own bytes, so that it can break off, fall
silent or talk nonsense at any point. `heard` holds what it was asked, `left` counts clients that went away
while it was writing or keeping silent.
"""

import json
import select
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WORDS = ("A maru", " is a", " wooden", " floor.")
LONGEST_S = 20.0


@dataclass
class ModelServer:
    """What the handlers share. `chat` is how the next chat requests are answered, by name; a list is used up
    from its front, and its last entry stays."""

    chat: list[str] = field(default_factory=lambda: ["good"])
    models: Any = field(default_factory=lambda: {"object": "list", "data": [{"id": "small"}]})
    models_answer: tuple[int, str, bytes] | None = None
    tokenizer: str | None = None
    heard: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    left: int = 0
    writing: int = 0
    most_writing: int = 0
    location: str = "http://127.0.0.1:9/v1/chat/completions"
    url: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_way(self) -> str:
        """How this request is answered."""
        with self.lock:
            return self.chat.pop(0) if len(self.chat) > 1 else self.chat[0]

    def chats(self) -> int:
        """How many chat requests came."""
        return len(self.heard)


@contextmanager
def model_server(certificate: Path | None = None, **settings: Any) -> Iterator[ModelServer]:
    """Serves on a free port of loopback until the end of the block; with TLS where it has a certificate."""
    shared = ModelServer(**settings)
    handler = type("Bound", (_Handler,), {"shared": shared})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    shared.url = f"http://127.0.0.1:{server.server_port}/v1"
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        shared.url = f"https://localhost:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield shared
    finally:
        shared.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def until(wanted: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not wanted() and time.monotonic() < deadline:
        time.sleep(0.01)
    return wanted()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shared: ModelServer

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._note()
        if self.path != "/v1/models":
            return self._json(404, {"detail": "Not Found"})
        if self.shared.models_answer is not None:
            return self._send(*self.shared.models_answer)
        return self._json(200, self.shared.models)

    def do_POST(self) -> None:
        self._note()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/tokenize" and self.shared.tokenizer in body:
            text = body[self.shared.tokenizer]
            return self._json(200, {"tokens": list(range(len(text.split()))), "max_model_len": 512})
        if self.path != "/v1/chat/completions":
            return self._json(404, {"detail": "Not Found"})
        self.shared.heard.append(body)
        way = getattr(self, f"_{self.shared.next_way()}")
        with self.shared.lock:
            self.shared.writing += 1
            self.shared.most_writing = max(self.shared.most_writing, self.shared.writing)
        try:
            way(body)
        except (BrokenPipeError, ConnectionResetError):
            self._went_away()
        finally:
            with self.shared.lock:
                self.shared.writing -= 1
        return None

    # how a chat request may be answered

    def _good(self, body: dict[str, Any]) -> None:
        self._begin()
        for word in WORDS:
            self._event(_chunk(word))
        self._finish(usage=body.get("stream_options") is not None)

    def _counted(self, body: dict[str, Any]) -> None:
        """Answers with the number in the question, slowly enough for others to come in between."""
        self._begin()
        time.sleep(0.05)
        self._event(_chunk(str(body["messages"][-1]["content"]).rpartition(" ")[2]))
        self._finish()

    def _slow(self, body: dict[str, Any]) -> None:
        """A word every 20 ms, for ever."""
        self._begin()
        while not self.shared.stopping.is_set():
            self._event(_chunk(" word"))
            time.sleep(0.02)

    def _no_usage(self, body: dict[str, Any]) -> None:
        if "stream_options" in body:
            self._json(422, {"detail": "Unexpected fields in the request: {'stream_options'}"})
        else:
            self._good(body)

    def _length(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event(_chunk("A maru is"))
        self._finish("length")

    def _long_hush(self, body: dict[str, Any]) -> None:
        """Says all and its reason, and never closes."""
        self._begin()
        self._event(_chunk("All of it."))
        self._event(_chunk("", "stop"))
        self._wait()

    def _hang(self, body: dict[str, Any]) -> None:
        self._wait()

    def _hang_after_role(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event(_chunk(None))
        self._wait()

    def _hang_midway(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event(_chunk("A maru"))
        self._wait()

    def _truncated(self, body: dict[str, Any]) -> None:
        """Ends in good order, but without a reason."""
        self._begin()
        self._event(_chunk("A maru"))
        self._piece(b"")

    def _reset(self, body: dict[str, Any]) -> None:
        """The connection breaks in the middle of a chunk of HTTP."""
        self._begin()
        self._event(_chunk("A maru"))
        self.wfile.write(b"ff\r\ndata: {")
        self._hang_up()

    def _dropped(self, body: dict[str, Any]) -> None:
        self._hang_up()

    def _nothing(self, body: dict[str, Any]) -> None:
        self._begin()
        self._piece(b"")

    def _empty(self, body: dict[str, Any]) -> None:
        self._begin()
        self._finish()

    def _thinking(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event({"choices": [{"index": 0, "delta": {"reasoning_content": "Hm."}}]})
        self._finish("length")

    def _nonsense(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event(_chunk("A maru"))
        self._piece(b'data: {"choices": [{"delta": {"content": "is\n\n')
        self._piece(b"")

    def _strange(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event(_chunk("A maru"))
        self._event({"choices": [{"index": 0}]})
        self._finish()

    def _error_event(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event(_chunk("A maru"))
        self._event(
            {"error": {"message": "EngineCore encountered an issue", "type": "Internal", "code": 500}}
        )
        self._piece(b"")

    def _error_text(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event({"error": "CUDA out of memory"})
        self._piece(b"")

    def _aborted(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event(_chunk("A maru"))
        self._finish("abort")

    def _html(self, body: dict[str, Any]) -> None:
        self._send(200, "text/html; charset=utf-8", b"<html>Welcome to nginx!</html>")

    def _whole(self, body: dict[str, Any]) -> None:
        self._json(200, {"choices": [{"message": {"content": "not a stream"}}]})

    def _echoes_key(self, body: dict[str, Any]) -> None:
        self._json(401, {"error": {"message": f"bad key {self.headers.get('Authorization')}"}})

    def _unauthorized(self, body: dict[str, Any]) -> None:
        self._json(401, {"error": "Unauthorized"})

    def _forbidden(self, body: dict[str, Any]) -> None:
        self._json(403, {"error": {"message": "no access"}})

    def _no_model(self, body: dict[str, Any]) -> None:
        message = f"The model `{body['model']}` does not exist."
        self._json(404, {"error": {"message": message, "type": "NotFoundError", "code": 404}})

    def _no_page(self, body: dict[str, Any]) -> None:
        self._json(404, {"detail": "Not Found"})

    def _busy(self, body: dict[str, Any]) -> None:
        self._json(429, {"error": {"message": "Too many requests"}}, {"Retry-After": "0.3"})

    def _busy_long(self, body: dict[str, Any]) -> None:
        self._json(429, {"error": {"message": "Too many requests"}}, {"Retry-After": "3600"})

    def _busy_until(self, body: dict[str, Any]) -> None:
        self._json(429, {"error": {"message": "Quota"}}, {"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"})

    def _error_500(self, body: dict[str, Any]) -> None:
        self._json(500, {"error": {"message": "boom {x}"}})

    def _error_502(self, body: dict[str, Any]) -> None:
        self._send(502, "text/html", b"<html>Bad Gateway</html>")

    def _error_503(self, body: dict[str, Any]) -> None:
        self._json(503, {"message": "Loading model"})

    def _bad_seed(self, body: dict[str, Any]) -> None:
        self._json(400, {"error": {"message": "seed is not supported by this backend"}})

    def _too_long(self, body: dict[str, Any]) -> None:
        message = "This model's maximum context length is 512 tokens. However, you requested 700 tokens."
        self._json(400, {"error": {"message": message, "type": "BadRequestError"}})

    def _bad_request(self, body: dict[str, Any]) -> None:
        self._json(400, {"error": {"message": "roles must alternate user/assistant"}})

    def _moved(self, body: dict[str, Any]) -> None:
        self._json(307, {}, {"Location": self.shared.location + "?token=secret"})

    # bytes

    def _note(self) -> None:
        self.shared.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.shared.paths.append(self.path)

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _finish(self, reason: str = "stop", usage: bool = True) -> None:
        self._event(_chunk("", reason))
        if usage:
            counts = {"prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15}
            self._event({"choices": [], "usage": counts})
        self._piece(b"data: [DONE]\n\n")
        self._piece(b"")

    def _event(self, data: dict[str, Any]) -> None:
        self._piece(f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode())

    def _piece(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(body).encode(), headers)

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()
        self.rfile.close()

    def _wait(self) -> None:
        """Keeps silent until the client goes away."""
        deadline = time.monotonic() + LONGEST_S
        while not self.shared.stopping.is_set() and time.monotonic() < deadline:
            readable, _, _ = select.select([self.connection], [], [], 0.02)
            if readable:
                return self._went_away()
        return None

    def _went_away(self) -> None:
        self.close_connection = True
        with self.shared.lock:
            self.shared.left += 1


def _chunk(text: str | None, reason: str | None = None) -> dict[str, Any]:
    delta = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "model": "small",
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }
