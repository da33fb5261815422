"""Files that a person downloads: copies written for one download, outside the data home."""

import shutil
import tempfile
import threading
from collections import deque
from pathlib import Path

from app.compare.run_folders import DOWNLOADS, RunFolders
from app.errors import NoResults

AT_ONCE = 16
"""So many files are kept: the page copies each within a moment, also when several people download."""


class HandedOut:
    """The newest files, each in a folder of its own; older ones go, for the page has its own copies."""

    def __init__(self) -> None:
        self._folders: deque[Path] = deque()
        self._lock = threading.Lock()

    def copy(self, runs: RunFolders, id: str, name: str) -> str:
        """A file of a run. Raises NoRun, NoResults: also for a name that is none of DOWNLOADS."""
        source = runs.of(id) / name if name in DOWNLOADS else None
        if source is None or not source.is_file():
            raise NoResults
        return str(shutil.copyfile(source, self._fresh() / name))

    def text(self, content: str, name: str) -> str:
        """A text as a file of that name, which is ours."""
        path = self._fresh() / name
        path.write_text(content, encoding="utf-8")
        return str(path)

    def _fresh(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="maru-file-"))
        with self._lock:
            self._folders.append(folder)
            old = self._folders.popleft() if len(self._folders) > AT_ONCE else None
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
        return folder
