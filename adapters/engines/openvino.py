"""OpenVINO, the engine for processors: see `adapters.openvino.engine`. Importing this imports none of it."""

from typing import TYPE_CHECKING

from adapters.spec import Text

if TYPE_CHECKING:
    from adapters.chat_model import LocalChatModel
    from adapters.loading import Loading

label = {"en": "OpenVINO", "ko": "OpenVINO"}


def available() -> Text | None:
    """None, or why OpenVINO cannot run here."""
    from adapters.openvino.here import reason

    return reason()


def prepare(loading: "Loading") -> None:
    """Converts the model on the first call. Raises LoadCancelled, and what conversion raises."""
    from adapters.openvino.starting import convert

    convert(loading)


def start(loading: "Loading") -> "LocalChatModel":
    """The model, ready to answer. Raises PrecisionUnavailable when it does not answer as the reference does,
    and what `prepare` raises."""
    from adapters.openvino.starting import start as begin

    return begin(loading)
