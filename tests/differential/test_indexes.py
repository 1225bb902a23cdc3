"""The embedded store against itself: an index changes what a search costs, and nothing else."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm.stores import Store
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index
from tests.differential.comparison import COLLECTION, changes, differences, searches
from tests.differential.strategies import DOCUMENTS, FILTERS, SORTS, UPDATES

pytestmark = pytest.mark.once  # of the rules, which are the same on every Python

INDEXES = [
    Index(fields=(("a", 1),)),
    Index(fields=(("b", -1), ("_id", 1))),
    Index(fields=(("a.b", 1),)),
    Index(fields=(("a.0", 1),)),
    Index(fields=(("c", 1),), partial={"b": None}, name="partial"),
]
Pair = tuple[Store, Store]


@pytest.fixture(scope="module")
def pair(runner: asyncio.Runner) -> Iterator[Pair]:
    """A store with indexes, and one without."""
    stores = [runner.run(SqliteStore.open(None, name=name)) for name in ("indexed", "plain")]
    for index in INDEXES:
        runner.run(stores[0].create_index(COLLECTION, index))
    yield stores[0], stores[1]
    for store in stores:
        runner.run(store.aclose())


ASKED = st.lists(st.tuples(FILTERS, SORTS), min_size=1, max_size=6)


def compare_searches(examples: settings, runner: asyncio.Runner, pair: Pair) -> None:
    @examples
    @given(documents=DOCUMENTS, asked=ASKED)
    def compare(documents: list[Any], asked: list[Any]) -> None:
        found = runner.run(differences(*pair, documents, searches(documents, asked)))
        assert not found, "\n\n".join(map(str, found))

    compare()


def compare_updates(examples: settings, runner: asyncio.Runner, pair: Pair) -> None:
    @examples
    @given(documents=DOCUMENTS, updates=st.lists(UPDATES, min_size=1, max_size=3))
    def compare(documents: list[Any], updates: list[Any]) -> None:
        found = runner.run(differences(*pair, documents, list(changes(documents, updates))))
        assert not found, "\n\n".join(map(str, found))

    compare()


def test_searches(short: settings, runner: asyncio.Runner, pair: Pair) -> None:
    compare_searches(settings(short, max_examples=300), runner, pair)


def test_updates(short: settings, runner: asyncio.Runner, pair: Pair) -> None:
    compare_updates(short, runner, pair)


@pytest.mark.soak
def test_many_searches(long: settings, runner: asyncio.Runner, pair: Pair) -> None:
    compare_searches(long, runner, pair)


@pytest.mark.soak
def test_many_updates(long: settings, runner: asyncio.Runner, pair: Pair) -> None:
    compare_updates(long, runner, pair)
