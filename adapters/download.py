"""A registered repository into the hub's cache, with its real progress."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.errors import HubUnreachable
from adapters.models import EMBEDDED, REPOSITORY, is_cached
from adapters.progress import Bytes, Report

FILES = ["*.json", "*.txt", "model*.safetensors"]


def download(repository: str, report: Report) -> Path:
    """The folder of a repository in the hub's cache. Brings what is missing of it; `report` then hears
    "downloading" with `Bytes`.

    Raises HubUnreachable when the hub or the way to it fails; OSError when this machine does (a full disk).
    """
    from httpx2 import HTTPError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import DryRunError, FileMetadataError, LocalEntryNotFoundError

    if not REPOSITORY.fullmatch(repository):
        raise ValueError(f"{repository!r} is not a repository")
    if is_cached(repository):
        return Path(snapshot_download(repository, local_files_only=True))
    report("downloading", 0.0)
    try:
        files: Any = snapshot_download(repository, allow_patterns=FILES, dry_run=True)
        size = sum(file.file_size or 0 for file in files if file.will_download)
        bar = _counting(lambda count: report("downloading", Bytes(count, size)))
        found = snapshot_download(repository, allow_patterns=FILES, tqdm_class=bar)
    except (HTTPError, ConnectionError, DryRunError, FileMetadataError, LocalEntryNotFoundError) as error:
        cause = type(error.__cause__ or error).__name__
        raise HubUnreachable(id=repository, cause=cause, embedded=EMBEDDED) from error
    report("downloading", 1.0)
    return Path(found)


def _counting(heard: Callable[[int], None]) -> Any:
    """A class of bars that draw nothing and tell how many bytes are there.

    The hub's library has one bar for bytes received and one for bytes written (of which some servers feed
    only one), and one that counts files.
    """
    from tqdm import tqdm  # type: ignore[import-untyped]

    most = 0

    class Bar(tqdm):  # type: ignore[misc]
        monitor_interval = 0  # no thread that redraws

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **{**options, "file": io.StringIO(), "mininterval": 3600.0})

        def update(self, n: float | None = 1) -> bool | None:
            nonlocal most
            drawn: bool | None = super().update(n)
            if self.unit == "B" and self.n > most:
                most = int(self.n)
                heard(most)
            return drawn

    return Bar
