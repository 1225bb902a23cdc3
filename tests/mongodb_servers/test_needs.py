"""A test is skipped where the server lacks what it needs, and never on a real server."""

import pytest

from tests.mongodb_servers.limits import LIMITS
from tests.mongodb_servers.server import MongoServer

pytestmark = pytest.mark.once  # of the tests themselves, not of the package


def server(kind: str) -> MongoServer:
    return MongoServer(uri="mongodb://db.example", kind=kind, limits=LIMITS.get(kind, {}))


@pytest.mark.needs("transactions")
def test_a_test_that_needs_transactions_runs_on_no_stand_in(mongodb_server: MongoServer) -> None:
    assert mongodb_server.kind == "mongodb"


class Published:
    def test_what_strangers_wrote(self, mongodb_server: MongoServer) -> None:
        assert mongodb_server.kind != "ferretdb"


class TestOfAClass(Published):
    NEEDS = {"test_what_strangers_wrote": ("decimals",)}


@pytest.mark.parametrize("kind", LIMITS)
def test_a_stand_in_skips_with_the_reason(kind: str) -> None:
    reason = LIMITS[kind]["transactions"]
    with pytest.raises(pytest.skip.Exception, match=f"{kind} lacks 'transactions': {reason}"):
        server(kind).requires("transactions")


def test_a_real_server_never_skips() -> None:
    server("mongodb").requires("transactions", "change_streams")


def test_an_unknown_feature_is_an_error_everywhere() -> None:
    with pytest.raises(LookupError, match="'transaction'"):
        server("mongodb").requires("transaction")


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("mongodb://localhost", "mongodb://localhost/shop"),
        ("mongodb://localhost/", "mongodb://localhost/shop"),
        ("mongodb://a:1,b:2/admin?replicaSet=rs", "mongodb://a:1,b:2/shop?replicaSet=rs"),
        ("mongodb://u:p@a/admin", "mongodb://u:p@a/shop?authSource=admin"),
        (
            "mongodb+srv://user:p%40ss@host/?tls=true",
            "mongodb+srv://user:p%40ss@host/shop?tls=true",
        ),
    ],
)
def test_the_url_of_a_database_keeps_the_options(uri: str, url: str) -> None:
    assert MongoServer(uri=uri, kind="mongodb").url("shop") == url
