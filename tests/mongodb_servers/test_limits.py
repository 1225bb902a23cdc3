"""The lists of what the stand-ins cannot do are true: nothing is missing there, nothing too many."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from tests.mongodb_servers.limits import FEATURES, LIMITS
from tests.mongodb_servers.probes import (
    aggregating,
    deployment,
    filters,
    indexes,
    reading,
    updates,
    writing,
)
from tests.mongodb_servers.probes.probe import probes_of
from tests.mongodb_servers.server import MongoServer

pytestmark = pytest.mark.once

PROBES = probes_of([filters, updates, reading, writing, indexes, aggregating, deployment])
LACKS = (AssertionError, LookupError, PyMongoError, pytest.fail.Exception)


@pytest.fixture
def database(mongodb_url: str) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](mongodb_url) as client:
        yield client.get_default_database()


@pytest.mark.parametrize("feature", PROBES)
def test_a_feature_is_there_unless_the_list_says_that_it_is_not(
    feature: str, mongodb_server: MongoServer, database: Database[dict[str, Any]]
) -> None:
    if feature in mongodb_server.limits:
        with pytest.raises(LACKS):
            PROBES[feature](database)
    else:
        PROBES[feature](database)


def test_each_limit_is_a_probed_feature() -> None:
    assert PROBES.keys() >= FEATURES


@pytest.mark.parametrize("kind", LIMITS)
def test_each_limit_has_a_reason(kind: str) -> None:
    assert all(reason.strip() for reason in LIMITS[kind].values())


def test_each_stand_in_shows_what_the_other_cannot() -> None:
    (one, other) = (limits.keys() for limits in LIMITS.values())
    assert one - other
    assert other - one
