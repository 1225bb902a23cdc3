"""What every test shares. The environment of the wheel tests has no EarnORM: import none of it here."""

import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings

# A busy machine is no defect, and examples are not kept between runs.
settings.register_profile("earnorm", deadline=None, database=None)
settings.load_profile("earnorm")

pytest_plugins = ["tests.mongodb_servers.plugin"]
if os.environ.get("EARNORM_TEST_STORE") == "mongodb":
    pytest_plugins.append("tests.wire.plugin")

ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the long forms of tests to those who ask for them by their mark (`tox -e soak`)."""
    if "soak" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if not item.get_closest_marker("soak")]


def pytest_collection_finish() -> None:
    """Thousands of tests stay to the end: the garbage collector need not look through them each time that it is called."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    """This machine stands in New York."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield ZoneInfo("America/New_York")
    monkeypatch.undo()
    time.tzset()
