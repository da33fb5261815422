"""From an exception to what the person reads.

Our own errors (ChainError, AdapterError, VectorstoreError, AppError) were written for the person and are
shown as they are, but where anyone can come those that name a folder or an address of ours are only logged.
Anything else is logged with its traceback under a short id, and an apology names the id.

AppError
├── BadConversation   a conversation from a browser or a file that cannot be read, with the reason
├── BadOption         a setting outside its range
├── TooLong           a text longer than is read here
├── TooManyExamples   more examples than a prompt takes
├── TooShort          a text too short to say anything about a model
├── TooManyQuestions  more questions than a card asks
├── BadChoices        nothing to measure, or too many choices at once
├── BadColumns        too few or too many columns to compare, or a list of columns that cannot be read
├── NoCollection      nothing to draft questions from was chosen
├── BadRun            a form of a comparison from which something is missing
├── NoResults         a run has no results yet, or its files are damaged
├── NoColumn          a column that a run does not have
├── BadPath           a path of this machine at which nothing is
└── NotAllowed        an administrator's action on a public server
"""

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from html import escape
from weakref import WeakSet

from adapters.errors import AdapterError
from adapters.spec import Text
from app.locales import languages, pick, say
from chains.errors import ChainError
from vectorstore.errors import VectorstoreError

_log = logging.getLogger(__name__)
_logged: WeakSet[BaseException] = WeakSet()


class AppError(Exception):
    """The base of the screen's own errors: a text of the locale files, and the values of its gaps."""

    key: str

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """The message for the user in "en" or "ko"."""
        return say(self.key, language, **self.values)


class BadConversation(AppError):
    """A conversation that cannot be read; `why` names one of the error.conversation texts."""

    def __init__(self, why: str, **values: object) -> None:
        self.key = f"error.conversation.{why}"
        super().__init__(**values)


class BadOption(AppError):
    """A setting that is no number, or outside its range; `label` is its name in every language."""

    key = "error.option"

    def text(self, language: str) -> str:
        """The message, with the setting's name in that language."""
        name = self.values["label"]
        values = {**self.values, "label": pick(name, language) if isinstance(name, dict) else name}
        return say(self.key, language, **values)


class TooLong(AppError):
    """A text field holds more than Maru reads."""

    key = "error.too_long"


class TooManyExamples(AppError):
    """More examples, or longer ones, than are read."""

    key = "error.too_many_examples"


class TooShort(AppError):
    """A text from which nothing could be concluded."""

    key = "error.too_short"


class TooManyQuestions(AppError):
    """More questions than a card asks."""

    key = "error.too_many_questions"


class BadChoices(AppError):
    """Nothing was chosen to be measured, or so much that it would take the machine for hours."""

    key = "error.choices"


class BadColumns(AppError):
    """Columns that cannot be compared; `why` names one of the error.columns texts."""

    def __init__(self, why: str, **values: object) -> None:
        self.key = f"error.columns.{why}"
        super().__init__(**values)


class NoCollection(AppError):
    """No collection was chosen to draft questions from."""

    key = "error.collection"


class BadRun(AppError):
    """A form of a comparison from which something is missing; `why` names one of the error.run texts."""

    def __init__(self, why: str, **values: object) -> None:
        self.key = f"error.run.{why}"
        super().__init__(**values)


class NoResults(AppError):
    """A run has no results yet, or its files are damaged."""

    key = "error.no_results"


class NoColumn(AppError):
    """No column was chosen, or one that the run does not have."""

    key = "error.no_column"


class BadPath(AppError):
    """A path at which nothing is."""

    key = "error.path"


class NotAllowed(AppError):
    """Deleting, saving and the like are refused where anyone can reach the page."""

    key = "error.public"


OURS = (AppError, ChainError, AdapterError, VectorstoreError)


PLACE = re.compile(
    r"""[a-z][a-z0-9+.-]*://  # an address
    | \bhost=                 # as in "HTTPConnectionPool(host='10.0.0.2', port=8000)"
    | \b\d+(?:\.\d+){3}\b    # 10.0.0.2
    | (?<![\w/.])~?/[^\s/]    # /home/maru, ~/models; not "int8/int4"
    | \b[A-Z]:\\ | \\\\\w     # C:\models, \\server\models
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What tells where on a machine or in a network something lies."""


def message_of(error: BaseException, language: str, public: bool = False) -> str:
    """What the person reads about any exception; unknown ones are logged, and so is what tells a place of
    ours where the page is `public`."""
    if isinstance(error, OURS):
        words = error.text(language)
        if not public or not PLACE.search(words):
            return words
        if error not in _logged:  # the page asks again and again
            _logged.add(error)
            _log.warning("not shown on a public page: %s", words)
        return say("error.operator", language)
    number = getattr(error, "maru_number", None)
    if number is None:  # one error, one number, however often and in whatever language it is told
        number = error.maru_number = secrets.token_hex(4)  # type: ignore[attr-defined]
        _log.error("unexpected error %s", number, exc_info=error)
    return say("error.unexpected", language, number=number)


def texts_of(error: BaseException, public: bool = False) -> Text:
    """As `message_of`, in every language: what is kept with a conversation may be read in another one."""
    return {language: message_of(error, language, public) for language in languages()}


def in_words(words: str, language: str, public: bool = False) -> str:
    """What the person reads of a reason that is no exception, as why an adapter does not fit; where the page
    is `public`, what tells a place of ours is logged instead."""
    if not public or not PLACE.search(words):
        return words
    _log_hidden(words)
    return say("error.operator", language)


@lru_cache(maxsize=256)
def _log_hidden(words: str) -> None:
    """Once: the page asks again and again."""
    _log.warning("not shown on a public page: %s", words)


@contextmanager
def shown(language: str, public: bool = False) -> Iterator[None]:
    """Around a handler's work: whatever it raises reaches the person as gr.Error."""
    import gradio as gr  # here, so that the command line may use these errors without it

    try:
        yield
    except gr.Error:
        raise
    except Exception as error:
        # what is unexpected was logged with its traceback; a mistake of the person's is nobody's traceback
        message, title = message_of(error, language, public), say("error.title", language)
        raise gr.Error(escape(message, quote=False), title=title, print_exception=False) from error
