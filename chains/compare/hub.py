"""Files of public sets from the Hub, at a fixed revision; what is on this disk already needs no network."""

import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from adapters.spec import Text
from chains.errors import PublicSetMissing

REACHABLE_TIMEOUT_S = 3.0

_FROM_FOLDER: Text = {
    "en": "it is read from a folder only. Name the folder with its files.",
    "ko": "폴더에서만 읽을 수 있어요. 파일이 있는 폴더를 지정해 주세요.",
}
_NO_PARQUET: Text = {
    "en": "its files there are Parquet, which needs the package pyarrow. Install it (pip install pyarrow), "
    "or name a folder with the files in another form.",
    "ko": "허브의 파일이 Parquet 형식이라 pyarrow 패키지가 필요해요. 설치하거나(pip install pyarrow) "
    "다른 형식의 파일이 있는 폴더를 지정해 주세요.",
}
_UNREACHABLE: Text = {
    "en": "the Hub cannot be reached. Check the connection, or name a folder with the set's files.",
    "ko": "허브에 연결할 수 없어요. 인터넷 연결을 확인하거나 파일이 있는 폴더를 지정해 주세요.",
}
_REFUSED: Text = {
    "en": "the Hub does not give {file} ({cause}). Name a folder with the set's files instead.",
    "ko": "허브에서 {file} 파일을 받지 못했어요({cause}). 파일이 있는 폴더를 지정해 주세요.",
}


@dataclass(frozen=True)
class Hub:
    """Where a set's files lie on the Hub. `{language}` in a file's name stands for the language."""

    repository: str
    revision: str
    files: tuple[str, ...]
    train_files: tuple[str, ...] = ()


def obstacle(hub: Hub | None, language: str, answers: Callable[[], bool]) -> Text | None:
    """Why the questions cannot be had from the Hub here and now; None where they can, or are on this disk.
    `answers` is asked whether the Hub does (`reachable`), only where that matters."""
    if hub is None or not hub.files:
        return _FROM_FOLDER
    wanted = [name.format(language=language) for name in hub.files]
    if not parquet_readable() and any(name.endswith(".parquet") for name in wanted):
        return _NO_PARQUET
    return None if all(_on_disk(hub, name) for name in wanted) or answers() else _UNREACHABLE


def fetched(key: str, hub: Hub | None, train: bool, language: str) -> list[Path]:
    """The files on this disk, downloaded unless they are there. Raises PublicSetMissing."""
    names = (hub.train_files if train else hub.files) if hub else ()
    if hub is None or not names:
        raise PublicSetMissing(name=key, reason=_FROM_FOLDER)
    wanted = [name.format(language=language) for name in names]
    if not parquet_readable() and any(name.endswith(".parquet") for name in wanted):
        raise PublicSetMissing(name=key, reason=_NO_PARQUET)
    return [_file(key, hub, name) for name in wanted]


def parquet_readable() -> bool:
    """Whether the package that reads Parquet is installed."""
    return find_spec("pyarrow") is not None


def _on_disk(hub: Hub, name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(hub.repository, name, repo_type="dataset", revision=hub.revision)
    return isinstance(found, str)


def _file(key: str, hub: Hub, name: str) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    def download(local: bool) -> Path:
        found = hf_hub_download(
            hub.repository, name, repo_type="dataset", revision=hub.revision, local_files_only=local
        )
        return Path(found)

    try:
        return download(local=True)
    except LocalEntryNotFoundError:
        pass
    if not reachable():
        raise PublicSetMissing(name=key, reason=_UNREACHABLE)
    try:
        return download(local=False)
    except LocalEntryNotFoundError as error:
        raise PublicSetMissing(name=key, reason=_UNREACHABLE) from error
    except (HfHubHTTPError, OSError) as error:
        cause = type(error).__name__
        told = {one: text.format(file=name, cause=cause) for one, text in _REFUSED.items()}
        raise PublicSetMissing(name=key, reason=told) from error


def reachable() -> bool:
    """Whether the Hub answers. Asked first: its own client tries for half a minute where nobody answers."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        request = urllib.request.Request(constants.ENDPOINT, method="HEAD")  # noqa: S310 (the user's own setting)
        urllib.request.urlopen(request, timeout=REACHABLE_TIMEOUT_S).close()  # noqa: S310
    except urllib.error.HTTPError:
        return True  # somebody answered
    except (OSError, ValueError):
        return False
    return True
