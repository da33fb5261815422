"""`serve`: the chat in the browser."""

import argparse
import os
import signal
import socket
from contextlib import suppress

from adapters.spec import Text
from app.terminal.console import Console
from app.terminal.errors import HostUnusable, PortTaken
from app.terminal.settings import command_settings

HELP: Text = {"en": "serve the chat page", "ko": "채팅 화면을 열어요"}
OUTPUT = "{url, public}, before the first page is served"
HOST_HELP: Text = {
    "en": "the address to serve on (default: 127.0.0.1, this machine only)",
    "ko": "접속을 받을 주소 (기본값: 127.0.0.1, 이 컴퓨터에서만)",
}
PORT_HELP: Text = {"en": "the port (default: 7860)", "ko": "포트 (기본값: 7860)"}
SERVING: Text = {
    "en": "Maru is served at {url} (stop it with Ctrl-C)",
    "ko": "{url} 에서 Maru를 열었어요 (끝내려면 Ctrl-C)",
}

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (these two are served on, but not gone to)


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """--host and --port."""
    parser.add_argument("--host", metavar="H", help=HOST_HELP[language])
    parser.add_argument("--port", metavar="P", type=_port, help=PORT_HELP[language])


def run(args: argparse.Namespace, console: Console) -> int:
    """Serves until it is stopped, which is no failure. With --json, {"url", "public"} is written first."""
    settings = command_settings(args.host, args.port)
    check_port(settings.host, settings.port)
    reached_by = ANYWHERE.get(settings.host, settings.host_in_url)
    url = f"http://{reached_by}:{settings.port}"
    if args.json:
        console.document({"url": url, "public": settings.public})
    else:
        console.line(console.text(SERVING).format(url=url))
    from app.main import serve

    # `kill` lets go of the document store as Ctrl-C does, also where a shell's `&` made us deaf to Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        serve(settings)
    return 0


def check_port(host: str, port: int) -> None:
    """Raises PortTaken with a free port to use instead, or HostUnusable."""
    try:
        _bind(host, port)
    except socket.gaierror as error:
        raise HostUnusable(host=host, cause=error.strerror) from error
    except OSError as error:
        try:
            free = _bind(host, 0)
        except OSError:
            raise HostUnusable(host=host, cause=os.strerror(error.errno or 0)) from error
        raise PortTaken(host=host, port=port, free=free) from error


def _bind(host: str, port: int) -> int:
    """The port that could be bound; it is let go at once."""
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        return int(listener.getsockname()[1])


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 65535")
    return port


_port.__name__ = "int"  # argparse names it: "invalid int value"
