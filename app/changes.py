"""What a stranger must not do; checked inside each handler, because anyone can call any endpoint."""

from app.errors import NotAllowed
from app.services import Services


def allow_changes(services: Services) -> None:
    """Nothing on one's own machine. Raises NotAllowed where anyone can reach the page."""
    if services.settings.public:
        raise NotAllowed
