"""Files that a person downloads: copies written for one download, outside the data home."""

import shutil
import tempfile
from pathlib import Path

from app.compare.run_folders import DOWNLOADS, RunFolders
from app.errors import NoResults


class HandedOut:
    """One file at a time: the one before goes when the next is written, for the page has its own copy."""

    def __init__(self) -> None:
        self._folder: Path | None = None

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
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = Path(tempfile.mkdtemp(prefix="maru-file-"))
        return self._folder
