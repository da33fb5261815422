"""Known noise of libraries is kept from the terminal, and nothing else they say."""

import logging
import warnings

import pytest

from adapters.quiet import LINES, quieten


@pytest.mark.parametrize("name, words", LINES.items())
def test_only_the_known_line_is_dropped(name, words, caplog):
    logger = logging.getLogger(name)
    # transformers' own loggers do not hand on what they say
    logger.addHandler(caplog.handler)
    try:
        logger.warning("%s, as it always does", words)
        logger.warning("the weights are broken")
    finally:
        logger.removeHandler(caplog.handler)
    assert {record.getMessage() for record in caplog.records} == {"the weights are broken"}


def test_other_warnings_are_still_given():
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        quieten.__wrapped__()
        warnings.warn("`is_gradient_checkpointing` is deprecated", FutureWarning, stacklevel=1)
        warnings.warn("something else", FutureWarning, stacklevel=1)
    assert [str(one.message) for one in heard] == ["something else"]
