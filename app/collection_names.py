"""The collections there are, for choices on the screen."""

from collections.abc import Sequence

from app.errors import message_of
from app.locales import say
from app.parts import warn
from app.services import Services


def collection_names(services: Services, language: str, otherwise: Sequence[str] = ()) -> list[str]:
    """Every collection's name. Where the store cannot be read, `otherwise`, and a notice that says why:
    everything else on the page works without it."""
    try:
        return [one.name for one in services.store.collections()]
    except Exception as error:
        message = message_of(error, language, services.settings.public)
        warn(message, title=say("error.title", language))
        return list(otherwise)
