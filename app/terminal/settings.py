"""Settings for a command: as app.settings reads them, with errors for the person at the terminal."""

from app.settings import Settings, read_settings
from app.terminal.errors import BadSetting


def command_settings(host: str | None = None, port: int | None = None) -> Settings:
    """The settings. Raises BadSetting when an environment variable cannot be used."""
    try:
        return read_settings(host, port)
    except ValueError as error:
        raise BadSetting(cause=error) from error
