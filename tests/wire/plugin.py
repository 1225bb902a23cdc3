"""Tests that were written for the embedded store run on a server that speaks MongoDB's protocol.

`tests/conftest.py` loads this where `EARNORM_TEST_STORE=mongodb`. What `connect("sqlite://")` opens is
then a database of a server, which is dropped after the test; nothing else of a test changes.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from earnorm.database import indexes
from earnorm.stores import Store, opening
from earnorm.stores.mongodb import open_mongodb
from tests.mongodb_servers.server import MongoServer
from tests.wire.deviations import DEVIATIONS
from tests.wire.left_out import LEFT_OUT
from tests.wire.listing import reason_of

SLOWER = "ferretdb"
"""The stand-in that adds nothing here: mongo-java-server can do more, and does it sooner."""


class Databases:
    """The databases of one test, each under the URL of the embedded store that it stands for."""

    def __init__(self, server: MongoServer) -> None:
        self._server = server
        self._by_url: dict[str, str] = {}
        self.names: list[str] = []

    async def open(self, url: str) -> Store:
        """A store that goes by the URL: a new one for each in memory, the same for each file."""
        store = await open_mongodb(self._server.url(self._database(url)))
        store._link.name = url
        return store

    def _database(self, url: str) -> str:
        name = self._by_url.get(url) or f"earnorm_test_{uuid4().hex}"
        if name not in self.names:
            self.names.append(name)
        if url != "sqlite://":
            self._by_url[url] = name
        return name


@pytest.fixture(scope="session")
def dropping(mongodb_server: MongoServer) -> Iterator[MongoClient[dict[str, Any]]]:
    """The client that drops databases."""
    with MongoClient[dict[str, Any]](mongodb_server.uri) as client:
        yield client


@pytest.fixture(autouse=True)
def wire(
    mongodb_server: MongoServer,
    dropping: MongoClient[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """In every test, `sqlite://` means a database of the server."""
    databases = Databases(mongodb_server)
    installed = opening._opener
    monkeypatch.setattr(
        opening,
        "_opener",
        lambda scheme, url: databases.open if scheme == "sqlite" else installed(scheme, url),
    )
    # A file has its indexes applied and a server is only compared: here the server stands for a file.
    usual = indexes._usual_mode
    monkeypatch.setattr(
        indexes,
        "_usual_mode",
        lambda store: "apply" if store.name.startswith("sqlite") else usual(store),
    )
    yield
    for name in databases.names:
        dropping.drop_database(name)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is about the embedded store itself, and what a stand-in gets wrong."""
    kept: list[pytest.Item] = []
    gone: list[pytest.Item] = []
    for item in items:
        (gone if f"[{SLOWER}" in item.name or f"-{SLOWER}]" in item.name else kept).append(item)
    config.hook.pytest_deselected(items=gone)
    items[:] = kept
    for item in items:
        kind = item.callspec.params["mongodb_server"]  # type: ignore[attr-defined]
        reason = reason_of(item.nodeid, LEFT_OUT) or reason_of(
            item.nodeid, DEVIATIONS.get(kind, {})
        )
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))
