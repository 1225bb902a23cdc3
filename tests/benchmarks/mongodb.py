"""MongoDB under a model, against PyMongo by hand and against the mappers that people use."""

import asyncio
import importlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from pymongo import MongoClient

from tests.benchmarks.bars import Bar
from tests.benchmarks.document import arrange, leaves
from tests.benchmarks.mapper import COLLECTION, Mapper, Opener
from tests.benchmarks.store import Cost, keep_best
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort
from tests.mongodb_servers.choice import Source, choose, command
from tests.mongodb_servers.sharing import share

__all__ = ["MAPPERS", "run"]

MAPPERS = ("mongoengine", "beanie", "odmantic")
"""The peers, by their modules in `tests.benchmarks.mappers`."""

Costs = dict[str, dict[str, Cost]]
"""By system, then by operation."""


def run(peers: Sequence[str], effort: Effort) -> list[Bar]:
    """Prints what each operation takes of this process, and gives the bars; none without a server."""
    source = choose(os.environ, shutil.which)[0]
    if source.missing:
        print_title("MongoDB", source.missing)
        return []
    openers, missing = _openers(["by_hand", "earnorm", *peers])
    with _served(source) as uri:
        costs = asyncio.run(_measure(openers, missing, uri, effort))
    print_title(
        "MongoDB",
        f"Microseconds of this process, the client, beside {source.kind}, another process: find of "
        f"{_KEPT} documents",
        f"in one batch, insert_many of {_AT_ONCE}, get by id, and save of a stored instance with one "
        "change; the best of many rounds.",
        "By hand: PyMongo's asynchronous client with dictionaries. The garbage collector is off in all.",
        *(f"{name} is not measured: {reason}" for name, reason in missing.items()),
    )
    rows = [
        [name, *(f"{measured[what].cpu * 1e6:,.0f}" for what in _OPERATIONS)]
        for name, measured in costs.items()
    ]
    print_table(["", *_OPERATIONS], rows)
    return list(_bars(costs))


_OPERATIONS = ("find", "insert", "get", "save")
_AT_ONCE = 100
_KEPT = 500

_MOST = {
    "EarnORM": {"find": 1.5, "insert": 1.3},
    "EarnORM, 2 plugins": {"find": 1.7, "insert": 1.6},
}
_RIVALS = ("Beanie", "MongoEngine", "ODMantic")


def _bars(costs: Mapping[str, Mapping[str, Cost]]) -> Iterator[Bar]:
    for ours, demands in _MOST.items():
        for what, most in demands.items():
            factor = _factor(costs, ours, "by hand", what)
            yield Bar(what=f"{ours}: {what}, over PyMongo", factor=factor, most=most)
    for rival in _RIVALS:
        for what in _OPERATIONS:
            factor = _factor(costs, rival, "EarnORM", what)
            yield Bar(what=f"MongoDB {what}, {rival}", factor=factor, least=1.0)


def _factor(
    costs: Mapping[str, Mapping[str, Cost]], one: str, other: str, what: str
) -> float | None:
    if one not in costs or other not in costs:
        return None
    return costs[one][what].cpu / costs[other][what].cpu


def _openers(modules: Sequence[str]) -> tuple[dict[str, Opener], dict[str, str]]:
    """What could be imported, by the name of the system, and of the others why not."""
    found: dict[str, Opener] = {}
    missing: dict[str, str] = {}
    for name in modules:
        try:
            found |= importlib.import_module(f"tests.benchmarks.mappers.{name}").OPENERS
        except ImportError as error:
            missing[name] = str(error)
    return found, missing


@contextmanager
def _served(source: Source) -> Iterator[str]:
    """The URI of a server, which is stopped afterwards if it was started for this."""
    if source.uri:
        yield source.uri
        return
    with TemporaryDirectory() as directory:
        lease = share(Path(directory) / "server.json", lambda: command(source))
        try:
            yield lease.uri
        finally:
            lease.close()


async def _measure(
    openers: Mapping[str, Opener], missing: dict[str, str], uri: str, effort: Effort
) -> Costs:
    costs: Costs = {}
    with MongoClient[dict[str, Any]](uri) as client:
        databases = {name: f"earnorm_benchmark_{uuid4().hex}" for name in openers}
        try:
            async with AsyncExitStack() as stack:
                mappers = {}
                for name, opener in openers.items():
                    opened = opener(uri, databases[name])
                    mappers[name] = await stack.enter_async_context(opened)
                # They take turns, so that a busy neighbour costs some rounds and not one system's figure.
                for _ in range(max(2, effort.passes // 3)):
                    for name, mapper in mappers.items():
                        client[databases[name]][COLLECTION].delete_many({})
                        await _pass(mapper, costs.setdefault(name, {}), effort)
        finally:
            for database in databases.values():
                client.drop_database(database)
    return costs


async def _pass(mapper: Mapper, costs: dict[str, Cost], effort: Effort) -> None:
    rounds = _KEPT // _AT_ONCE
    batches = [
        [mapper.make(arrange(leaves(n, aware=False))) for n in range(start, start + _AT_ONCE)]
        for start in range(0, _KEPT, _AT_ONCE)
    ]
    kept = batches[0][0]
    waiting = iter(batches)
    for _ in range(rounds):
        await keep_best(costs, "insert", lambda: mapper.insert(next(waiting)), 1)
    found = await mapper.find()
    assert len(found) == _KEPT
    # Short rounds: a neighbour spoils each that it falls into.
    for _ in range(rounds):
        await keep_best(costs, "find", mapper.find, 1)
        await keep_best(costs, "get", lambda: mapper.get(kept), 4)
        await keep_best(costs, "save", lambda: mapper.save(kept), 4)
