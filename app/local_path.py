"""A path that the owner of this machine typed. A public page never gets this far: see app/changes.py."""

from pathlib import Path

from app.errors import BadPath


def local_path(text: object) -> Path:
    """The folder or file, its home spelled out. Raises BadPath where there is none of that name."""
    try:
        path = Path(str(text).strip()).expanduser()
        if path.is_absolute() and path.exists():
            return path
    except (OSError, ValueError, RuntimeError):  # too long, a NUL, an unknown home
        pass
    raise BadPath
