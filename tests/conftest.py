"""What every test shares. The environment of the wheel tests has no EarnORM: import none of it here."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.mongodb_servers.plugin"]

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT
