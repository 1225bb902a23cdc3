"""Stores that live as long as the module: opening one for each example would cost more than the example."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

SHORT = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(SHORT, max_examples=20_000, derandomize=False)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """The event loop that the stores belong to."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def short() -> settings:
    """The same examples at each run."""
    return SHORT


@pytest.fixture(scope="module")
def long() -> settings:
    """Other examples at each run."""
    return LONG
