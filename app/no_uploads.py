"""A public page takes no files: they would fill the disk of whoever serves it."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.locales import languages, say


class NoUploads:
    """ASGI middleware: 403 for every form with files, before a byte of its body is read.

    Gradio takes files on several paths, but only as multipart forms, which nothing else here is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on whatever carries no file."""
        if scope["type"] == "http" and _may_hold_files(scope):
            said = "\n".join(say("error.public", language) for language in languages())
            await PlainTextResponse(said, status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _may_hold_files(scope: Scope) -> bool:
    kinds = (value for name, value in scope["headers"] if name.lower() == b"content-type")
    return any(b"multipart" in value.lower() for value in kinds)
