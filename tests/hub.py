"""A model hub on this machine: what huggingface_hub asks of one, over real HTTP."""

import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REVISION = "1" * 40
PIECE = 1 << 20


@dataclass
class Faults:
    """What goes wrong: after `drop_after` bytes the connection of a large file is lost, once; `spoiled` files
    arrive with other bytes; `slow_s` is waited between pieces; `refused` is the hub's own error code; every
    file is said to have `claimed` bytes. `ranges` hears what was asked to be resumed."""

    drop_after: int = 0
    spoiled: tuple[str, ...] = ()
    slow_s: float = 0.0
    refused: tuple[int, str] | None = None
    claimed: int = 0
    ranges: list[str] = field(default_factory=list)


@contextmanager
def serving(repository: str, files: Mapping[str, bytes], faults: "Faults | None" = None) -> Iterator[str]:
    """The hub's address, for HF_ENDPOINT, until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(repository, files, faults or Faults()))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _etag(name: str, content: bytes) -> str:
    """As the hub names blobs: by git's sha1, large files by their sha256."""
    if name.endswith(".safetensors"):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _handler(repository: str, files: Mapping[str, bytes], faults: Faults) -> type[BaseHTTPRequestHandler]:
    tree = [
        {"type": "file", "path": name, "size": faults.claimed or len(content), "oid": _etag(name, content)}
        for name, content in files.items()
    ]
    api, place = f"/api/models/{repository}", f"/{repository}/resolve/{REVISION}/"

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            with suppress(ConnectionError):  # the client may have had enough
                self._pour(self._answer())

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> bytes:
            path = self.path.partition("?")[0].replace("/resolve/main/", f"/resolve/{REVISION}/")
            if faults.refused:
                return self._send(faults.refused[0], b"", {"X-Error-Code": faults.refused[1]})
            if path.startswith(f"{api}/tree/"):
                return self._send(200, json.dumps(tree).encode())
            if path.startswith(api):
                info = {"id": repository, "sha": REVISION, "siblings": []}
                return self._send(200, json.dumps(info).encode())
            name = path.removeprefix(place)
            return self._send(404, b"") if name not in files else self._file(name)

        def _file(self, name: str) -> bytes:
            content = files[name]
            asked, etag = self.headers.get("Range"), _etag(name, content)
            if name in faults.spoiled:
                content = bytes(reversed(content))
            if not asked:
                return self._send(200, content, {"ETag": f'"{etag}"'})
            faults.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").partition("-")[0])
            told = {"ETag": f'"{etag}"', "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
            return self._send(206, content[start:], told)

        def _is_file(self) -> bool:
            return bool(faults.claimed) and "/resolve/" in self.path

        def _pour(self, content: bytes) -> None:
            for at in range(0, len(content), PIECE):
                if faults.drop_after and at >= faults.drop_after:
                    faults.drop_after = 0
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.wfile.write(content[at : at + PIECE])
                time.sleep(faults.slow_s)

        def _send(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> bytes:
            self.send_response(status)
            self.send_header("Content-Length", str(faults.claimed if self._is_file() else len(content)))
            self.send_header("X-Repo-Commit", REVISION)
            self.send_header("Accept-Ranges", "bytes")
            for name, value in (headers or {"ETag": f'"{hashlib.sha1(content).hexdigest()}"'}).items():
                self.send_header(name, value)
            self.end_headers()
            return content

    return Handler
