"""The embedded store against a server: the same answers, or a difference that is explained."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm.stores import Store
from earnorm.stores.mongodb import open_mongodb
from earnorm.stores.sqlite import SqliteStore
from tests.differential.comparison import COLLECTION, changes, differences, searches
from tests.differential.explained import unexplained
from tests.differential.strategies import DOCUMENTS, FILTERS, SORTS, UPDATES
from tests.mongodb_servers.server import MongoServer

Pair = tuple[Store, Store]


@pytest.fixture(scope="module")
def pair(runner: asyncio.Runner, mongodb_server: MongoServer) -> Iterator[Pair]:
    """The embedded store, and one on the server."""
    if mongodb_server.kind == "ferretdb":
        pytest.skip("it lacks too much of what is asked here; mongo-java-server answers")
    embedded = runner.run(SqliteStore.open(None, name="embedded"))
    url = mongodb_server.url(f"earnorm_test_{uuid4().hex}")
    server = runner.run(open_mongodb(url))
    yield embedded, server
    runner.run(server.drop_collection(COLLECTION))
    for store in (embedded, server):
        runner.run(store.aclose())


ASKED = st.lists(st.tuples(FILTERS, SORTS), min_size=1, max_size=6)


def compare_searches(examples: settings, runner: asyncio.Runner, pair: Pair, kind: str) -> None:
    @examples
    @given(documents=DOCUMENTS, asked=ASKED)
    def compare(documents: list[Any], asked: list[Any]) -> None:
        found = runner.run(differences(*pair, documents, searches(documents, asked)))
        left = unexplained(found, kind)
        assert not left, "\n\n".join(map(str, left))

    compare()


def compare_updates(examples: settings, runner: asyncio.Runner, pair: Pair, kind: str) -> None:
    @examples
    @given(documents=DOCUMENTS, updates=st.lists(UPDATES, min_size=1, max_size=3))
    def compare(documents: list[Any], updates: list[Any]) -> None:
        found = runner.run(differences(*pair, documents, list(changes(documents, updates))))
        left = unexplained(found, kind)
        assert not left, "\n\n".join(map(str, left))

    compare()


def test_searches(
    short: settings, runner: asyncio.Runner, pair: Pair, mongodb_server: MongoServer
) -> None:
    compare_searches(short, runner, pair, mongodb_server.kind)


def test_updates(
    short: settings, runner: asyncio.Runner, pair: Pair, mongodb_server: MongoServer
) -> None:
    compare_updates(short, runner, pair, mongodb_server.kind)


@pytest.mark.soak
def test_many_searches(
    long: settings, runner: asyncio.Runner, pair: Pair, mongodb_server: MongoServer
) -> None:
    compare_searches(long, runner, pair, mongodb_server.kind)


@pytest.mark.soak
def test_many_updates(
    long: settings, runner: asyncio.Runner, pair: Pair, mongodb_server: MongoServer
) -> None:
    compare_updates(long, runner, pair, mongodb_server.kind)
