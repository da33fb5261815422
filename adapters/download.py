"""A repository of the hub into the hub's own cache: with its progress, resumed, verified, cancellable."""

import io
import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from adapters.checkpoint import CONFIG, read_config, weight_files
from adapters.entry import EMBEDDED, REPOSITORY
from adapters.errors import HubUnreachable, LoadCancelled, NotEnoughDisk, SourceRefused
from adapters.layers import check_config
from adapters.progress import Bytes, Report
from adapters.resume import LARGE, fetch
from adapters.spec import Text

FILES = ["*.json", "*.txt", "*.jinja", "tokenizer.model", "model*.safetensors"]
"""What a model is made of: never a pickle, never code."""

ELSEWHERE = ["*/*"]
"""Other formats of the same weights lie in folders of their own."""

DISK_RESERVE = 100_000_000


def download(
    repository: str,
    report: Report,
    revision: str | None = None,
    cancelled: threading.Event | None = None,
) -> Path:
    """The folder of a repository in the hub's cache. Brings what is missing of it; `report` then hears
    "downloading" with `Bytes`. What an interrupted download left is gone on with, and large files are
    compared with the sha256 that the hub tells.

    Raises HubUnreachable when the hub or the way to it fails, LoadCancelled, NotEnoughDisk, SourceRefused
    when there are no safetensors or no engine here runs the model; OSError when this machine fails.
    """
    from httpx2 import HTTPError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import DryRunError, FileMetadataError, LocalEntryNotFoundError

    if not REPOSITORY.fullmatch(repository):
        raise ValueError(f"{repository!r} is not a repository")
    if (cached := cached_folder(repository, revision)) is not None:
        return cached
    report("downloading", 0.0)
    what: dict[str, Any] = {"revision": revision, "allow_patterns": FILES, "ignore_patterns": ELSEWHERE}
    try:
        files: Any = snapshot_download(repository, dry_run=True, **what)
        missing = [file for file in files if file.will_download]
        _check_disk(repository, sum(file.file_size or 0 for file in missing))
        _check_layers(repository, files)
        bar = _counting(missing, report, lambda: _stop_if(cancelled, repository))
        for file in missing:
            if (file.file_size or 0) >= LARGE:
                fetch(
                    repository, file.filename, file.commit_hash, bar, lambda: _stop_if(cancelled, repository)
                )
        found = Path(snapshot_download(repository, tqdm_class=bar, **what))
    except (HTTPError, ConnectionError, DryRunError, FileMetadataError, LocalEntryNotFoundError) as error:
        raise HubUnreachable(id=repository, cause=_cause(error, repository), embedded=EMBEDDED) from error
    weight_files(found)
    report("downloading", 1.0)
    return found


def parameters_there(repository: str, revision: str | None = None) -> int:
    """How many numbers a repository's weights are, from the headers of its safetensors: little of each file
    is fetched. 0 where that cannot be had: what is wrong `download` says."""
    from httpx2 import HTTPError
    from huggingface_hub import get_safetensors_metadata
    from huggingface_hub.errors import NotASafetensorsRepoError, SafetensorsParsingError

    if not REPOSITORY.fullmatch(repository) or cached_folder(repository, revision) is not None:
        return 0
    try:
        found = get_safetensors_metadata(repository, revision=revision)
    except (HTTPError, OSError, ValueError, KeyError, NotASafetensorsRepoError, SafetensorsParsingError):
        return 0
    return sum(found.parameter_count.values())


def cached_folder(repository: str, revision: str | None = None) -> Path | None:
    """Where the hub's own cache on this machine holds the whole model: weights, configuration, tokenizer."""
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(repository, "config.json", revision=revision)
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    try:
        weight_files(folder)
    except SourceRefused:
        return None
    return folder if any((folder / name).exists() for name in ("tokenizer.json", "tokenizer.model")) else None


def offline() -> bool:
    """Whether the hub may not be asked."""
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def _check_layers(repository: str, files: Iterable[Any]) -> None:
    """Gigabytes of a model that no engine here runs are not fetched."""
    from huggingface_hub import hf_hub_download

    for file in files:
        if file.filename == CONFIG:
            config = Path(hf_hub_download(repository, CONFIG, revision=file.commit_hash))
            check_config(repository, read_config(config.parent))


def _check_disk(repository: str, size: int) -> None:
    from huggingface_hub import constants

    from adapters.memory import shown

    folder = Path(constants.HF_HUB_CACHE)
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if size + DISK_RESERVE > free:
        raise NotEnoughDisk(
            id=repository, needed=shown(size), folder=folder, free=shown(free), variable="HF_HUB_CACHE"
        )


def _stop_if(cancelled: threading.Event | None, repository: str) -> None:
    if cancelled is not None and cancelled.is_set():
        raise LoadCancelled(id=repository)


def _cause(error: Exception, repository: str) -> Text | str:
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    known: Any = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(known, GatedRepoError):
        return {
            "en": f"its owner wants the licence accepted on the page of {repository}; then set HF_TOKEN",
            "ko": f"{repository} 페이지에서 라이선스에 동의한 뒤 HF_TOKEN을 설정해 주세요",
        }
    if isinstance(known, RevisionNotFoundError):
        return {"en": "the repository has no such revision", "ko": "저장소에 그런 리비전이 없어요"}
    if isinstance(known, RepositoryNotFoundError):
        return {
            "en": "the hub has no such repository, or it is private",
            "ko": "Hub에 없거나 비공개인 저장소예요",
        }
    return type(error.__cause__ or error).__name__


def _counting(files: Iterable[Any], report: Report, check: Callable[[], None]) -> Any:
    """A class of bars that draw nothing, tell how many bytes of the files are there, and may be stopped.

    Each large file has a bar of its own. For the rest the hub's library has one bar for bytes received and
    one for bytes written (of which some servers feed only one), and one that counts files.
    """
    from tqdm import tqdm  # type: ignore[import-untyped]

    size, most = sum(file.file_size or 0 for file in files), 0

    class Bar(tqdm):  # type: ignore[misc]
        monitor_interval = 0  # no thread that redraws

        def __init__(self, *arguments: Any, **options: Any) -> None:
            self.before = most
            super().__init__(*arguments, **{**options, "file": io.StringIO(), "mininterval": 3600.0})

        def update(self, n: float | None = 1) -> bool | None:
            nonlocal most
            check()
            drawn: bool | None = super().update(n)
            if self.unit == "B" and self.before + self.n > most:
                most = min(size, self.before + int(self.n))
                report("downloading", Bytes(most, size))
            return drawn

    return Bar
