"""Large files of a repository into the hub's cache, resumed after a kill, too.

The hub's library goes on after a lost connection, but it begins anew in a new process: gigabytes, for whoever
pressed stop. So large files are fetched here, into the place where the library looks for them, and renamed to
their name only when their sha256 is right.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.entry import EMBEDDED
from adapters.errors import HubUnreachable
from adapters.spec import Text

LARGE = 5_000_000
SHA256 = re.compile(r"[0-9a-f]{64}")
BLOCK = 8 << 20


def fetch(repository: str, name: str, revision: str, bar: Any, check: Callable[[], None]) -> None:
    """Brings one file of a repository, at a commit, into the cache. `bar` is a class of tqdm's kind that
    hears of every piece; `check` may raise between two blocks.

    A file whose sha256 the hub does not tell is left to the library. Raises HubUnreachable when the file
    arrived damaged, and what the library raises.
    """
    from filelock import FileLock
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import repo_folder_name

    told = get_hf_file_metadata(hf_hub_url(repository, name, revision=revision))
    if told.etag is None or not SHA256.fullmatch(told.etag):
        return
    folder = repo_folder_name(repo_id=repository, repo_type="model")
    blob = Path(constants.HF_HUB_CACHE) / folder / "blobs" / told.etag
    blob.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(blob.with_suffix(".lock")):
        if not blob.exists():
            part = blob.with_suffix(".incomplete")
            _append(part, told, bar)
            _verify(repository, name, part, told.etag, check)
            part.rename(blob)
    blob.with_suffix(".lock").unlink(missing_ok=True)


def _append(part: Path, told: Any, bar: Any) -> None:
    from urllib.parse import urlsplit

    from huggingface_hub import constants
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    headers = build_hf_headers()
    if urlsplit(told.location).netloc != urlsplit(constants.ENDPOINT).netloc:
        headers.pop("authorization", None)  # the token is the hub's, not that of whoever stores its files
    if part.exists() and part.stat().st_size > told.size:
        part.unlink()
    with part.open("ab") as file:
        http_get(
            told.location,
            file,
            resume_size=file.tell(),
            headers=headers,
            expected_size=told.size,
            tqdm_class=bar,
        )


def _verify(repository: str, name: str, part: Path, sha256: str, check: Callable[[], None]) -> None:
    """Deletes a file that is not what the hub promised: the next download brings it anew."""
    digest = hashlib.sha256()
    with part.open("rb") as stream:
        while block := stream.read(BLOCK):
            check()
            digest.update(block)
    if digest.hexdigest() == sha256:
        return
    part.unlink()
    cause: Text = {
        "en": f"{name} arrived damaged and was deleted: its sha256 is another",
        "ko": f"{name} 파일의 sha256이 달라서 지웠어요",
    }
    raise HubUnreachable(id=repository, cause=cause, embedded=EMBEDDED)
