"""The fixtures and the marker that every pytest has where EarnORM is installed.

pytest imports this module in each of its runs, also in projects that never test a model. So it is installed
beside the package and not in it: importing it must not import EarnORM, which a fixture does when it is used.
"""

import importlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from earnorm import Database, ModelRegistry
    from earnorm.testing import HookRecorder, SettableClock

__all__ = ["earnorm_clock", "earnorm_hooks", "earnorm_registry", "pytest_configure"]

MARKER = "earnorm_plugins"


def pytest_configure(config: pytest.Config) -> None:
    """Says what the marker means, and adds the fixture that is a coroutine."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(*names): the installed plugins that earnorm_registry finds; '*' stands for all",
    )
    # Only now it is known whether pytest-asyncio is there, whose fixtures bear its own mark in its strict mode.
    asynchronous = sys.modules.get("pytest_asyncio") or pytest
    config.pluginmanager.register(_coroutines(asynchronous.fixture))


@pytest.fixture
def earnorm_hooks() -> "HookRecorder":
    """What the plugins of the models on `earnorm_registry` did, with assertions about the order."""
    recorder: HookRecorder = _testing().HookRecorder()
    return recorder


@pytest.fixture
def earnorm_registry(
    request: pytest.FixtureRequest, earnorm_hooks: "HookRecorder"
) -> "ModelRegistry":
    """A registry of the test's own, which finds no plugin but those that the test registers or asks for.

    `@pytest.mark.earnorm_plugins("timestamp")` asks for an installed one.
    """
    names = [name for marker in request.node.iter_markers(MARKER) for name in marker.args]
    registry: ModelRegistry = _testing().isolated_registry(*names, recorder=earnorm_hooks)
    return registry


@pytest.fixture
def earnorm_clock() -> "Iterator[SettableClock]":
    """A clock that stands at the beginning of 2026 until the test sets or moves it."""
    with _testing().SettableClock().governing() as clock:
        yield clock


def _coroutines(fixture: Callable[..., Any]) -> ModuleType:
    """The fixture that is a coroutine, as whichever plugin runs coroutines wants it."""

    async def earnorm_database(earnorm_registry: "ModelRegistry") -> "AsyncIterator[Database]":
        """A database in memory for the models of `earnorm_registry`."""
        connect = importlib.import_module("earnorm").connect
        async with connect("sqlite://", registry=earnorm_registry, history="off") as database:
            yield database

    # A module, since pytest finds fixtures in these and in classes only, and a new function for each run.
    module = ModuleType(f"{__name__}.coroutines")
    vars(module)["earnorm_database"] = fixture(earnorm_database)
    return module


def _testing() -> Any:
    # Imported when a fixture is used, as the head of this module says.
    return importlib.import_module("earnorm.testing")
