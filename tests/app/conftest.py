"""The page, served once for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Site, served


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Site]:
    """The page in its usual mode."""
    with served(tmp_path_factory.mktemp("home"), models_folder) as one:
        yield one


@pytest.fixture(scope="session")
def public_site(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Site]:
    """The page as strangers see it."""
    with served(tmp_path_factory.mktemp("public"), models_folder, public=True) as one:
        yield one
