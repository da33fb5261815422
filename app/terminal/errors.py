"""What can be wrong with a command's input, written for the person who typed it.

CommandError
├── FileUnreadable   a file that was named cannot be read
├── BadBatch         lines of a batch file that are not questions, by number
├── NothingToExport  all of one's own templates are wanted, and there is none
├── PortTaken        another program serves there, with a free port to use instead
├── HostUnusable     this machine has no such address
└── BadSetting       an environment variable holds something it cannot

Each error carries its text in English and Korean: `str(error)` is English, `error.text("ko")` Korean.
"""

from collections.abc import Mapping
from typing import ClassVar


class CommandError(Exception):
    """The base of all errors of the command line; `values` fill the gaps of the text, each the same in every
    language or {"en": …, "ko": …}."""

    en: ClassVar[str]
    ko: ClassVar[str]

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """The message for the user in "en" or "ko"."""
        values = {
            name: value.get(language, value["en"]) if isinstance(value, Mapping) else value
            for name, value in self.values.items()
        }
        return (self.ko if language == "ko" else self.en).format(**values)


class FileUnreadable(CommandError):
    """A named file is missing, a folder, not permitted or not UTF-8."""

    en = "{path} cannot be read: {cause}. Check the path, and that it is a UTF-8 text file."
    ko = "{path} 파일을 읽을 수 없어요: {cause}. 경로와 UTF-8 텍스트 파일인지 확인해 주세요."


class BadBatch(CommandError):
    """Some lines of a batch file cannot be used, so none was run."""

    en = (
        "{path} has lines that cannot be used, so nothing was run:\n{problems}\n"
        'Each line is one JSON object with its own id: {{"id": "1", "question": "…"}}'
    )
    ko = (
        "{path} 파일에 쓸 수 없는 줄이 있어서 아무것도 실행하지 않았어요:\n{problems}\n"
        '한 줄에 서로 다른 id를 가진 JSON 객체를 하나씩 적어 주세요: {{"id": "1", "question": "…"}}'
    )


class NothingToExport(CommandError):
    """All templates are wanted, and none is the person's own."""

    en = "There is no template of your own yet. Name one that comes with Maru: python -m app templates"
    ko = "아직 내 템플릿이 없어요. 기본 템플릿의 이름을 적어 주세요: python -m app templates"


class PortTaken(CommandError):
    """Something else listens on the port."""

    en = (
        "Port {port} on {host} is in use by another program. "
        "Use a free one: python -m app serve --port {free}"
    )
    ko = (
        "{host}의 {port}번 포트를 다른 프로그램이 쓰고 있어요. "
        "비어 있는 포트를 써 주세요: python -m app serve --port {free}"
    )


class HostUnusable(CommandError):
    """This machine has no such address."""

    en = "{host} cannot be served on: {cause}. Use 127.0.0.1 (this machine only) or 0.0.0.0 (the network)."
    ko = (
        "{host} 주소로는 열 수 없어요: {cause}. "
        "127.0.0.1(이 컴퓨터에서만)이나 0.0.0.0(네트워크 전체)을 써 주세요."
    )


class BadSetting(CommandError):
    """An environment variable holds something it cannot."""

    en = "MARU_PORT and GRADIO_SERVER_PORT must be port numbers such as 7860, or unset: {cause}."
    ko = "MARU_PORT와 GRADIO_SERVER_PORT에는 7860 같은 포트 번호를 넣거나, 설정을 지워 주세요: {cause}."
