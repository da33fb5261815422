"""A model hub on this machine: what huggingface_hub asks of one, over real HTTP."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REVISION = "1" * 40


@contextmanager
def serving(repository: str, files: Mapping[str, bytes]) -> Iterator[str]:
    """The hub's address, for HF_ENDPOINT, until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(repository, files))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(repository: str, files: Mapping[str, bytes]) -> type[BaseHTTPRequestHandler]:
    tree = [
        {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
        for name, content in files.items()
    ]
    api, place = f"/api/models/{repository}", f"/{repository}/resolve/{REVISION}/"

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            with suppress(ConnectionError):  # the client may have had enough
                self.wfile.write(self._answer())

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> bytes:
            path = self.path.partition("?")[0]
            if path.startswith(f"{api}/tree/"):
                return self._send(200, json.dumps(tree).encode())
            if path.startswith(api):
                info = {"id": repository, "sha": REVISION, "siblings": []}
                return self._send(200, json.dumps(info).encode())
            content = files.get(path.removeprefix(place))
            return self._send(404, b"") if content is None else self._send(200, content)

        def _send(self, status: int, content: bytes) -> bytes:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", REVISION)
            self.end_headers()
            return content

    return Handler
