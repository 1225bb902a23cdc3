import asyncio
import gc
import socket
import sys
import warnings
from collections.abc import Iterator

import pytest

from earnorm import NotAuthorizedError, StoreConnectionError, StoreURLError
from earnorm.stores import Capability, open_store
from earnorm.stores.mongodb import MongoStore, open_mongodb
from tests.stores.mongodb.scripted_server import REPLICA_SET, SHARDED, STANDALONE, ScriptedServer

ALWAYS = {Capability.ALL_STAGES, Capability.ALL_COLLATIONS, Capability.INDEX_BUILDS}


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens while the test runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


async def test_the_scheme_opens_the_database_that_the_path_names(server: ScriptedServer) -> None:
    store = await open_store(server.url("appName=tests"))

    assert isinstance(store, MongoStore)
    assert store.name == f"mongodb://{server.address}/shop"
    await store.insert("users", [{"_id": 1}])
    assert server.last("insert")["$db"] == "shop"
    await store.aclose()


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("mongodb://localhost", "does not name the database"),
        ("mongodb://localhost/", "does not name the database"),
        ("mongodb://localhost/?w=1", "does not name the database"),
        ("mongodb+srv://cluster.example.com", "does not name the database"),
        ("mongodb://localhost/a.b", "has '.', which MongoDB does not allow"),
        ("mongodb://localhost/a%24b", "has '\\$', which"),
        ("mongodb://localhost/a%00b", "has '.x00', which"),
        ("mongodb://localhost/" + "x" * 64, "more than 63 bytes"),
        ("mongodb:///shop", "hosts cannot be read"),
        ("mongodb://", "hosts cannot be read"),
        ("mongodb://local:host/shop", "hosts cannot be read"),
        ("mongodb://localhost:99999/shop", "[Pp]ort"),
        (
            "mongodb://localhost/shop?maxPoolSice=5",
            "Unknown option: maxpoolsice. Did you mean one of .maxpoolsize",
        ),
        ("mongodb://localhost/shop?maxPoolSize=many", "maxPoolSize|maxpoolsize"),
        ("mongodb://localhost/shop?appName=a&appName=b", "Duplicate URI option"),
        ("mongodb://localhost/shop?compressors=gzip", "gzip"),
        ("mongodb://localhost/shop?appName", "key=value"),
        ("mongodb://localhost/shop?readPreference=fastest", "fastest"),
        ("mongodb://localhost/shop?w=0", "no error of a write would be known"),
        ("mongodb://localhost/shop?tz_aware=false", "'tz_aware' is not for a URL"),
        ("mongodb://localhost/shop?uuidRepresentation=javaLegacy", "not for a URL"),
        ("mongodb://localhost/shop?tls=true&tlsCAFile=/nowhere/ca.pem", "/nowhere/ca.pem"),
        ("mongodb://a.example,b.example/shop?directConnection=true", "directConnection"),
    ],
)
async def test_a_url_that_cannot_be_understood_says_why(url: str, fault: str) -> None:
    with pytest.raises(StoreURLError, match=fault) as caught:
        await open_mongodb(url)

    assert "Use mongodb://host:27017/database" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://ada:hunter2@localhost",
        "mongodb://ada:hunter2@localhost/a.b",
        "mongodb://ada:hunt/hunter2@localhost/shop",
        "mongodb://ada:hunt@hunter2@localhost/shop",
        "mongodb://ada:hunter2?x@localhost/shop",
        "mongodb://ada:hunter2#@localhost:x/shop",
        "mongodb://ada:%hunter2@localhost/shop",
        "mongodb://ada:hunter2:more@localhost/shop",
        "mongodb://localhost/shop?tlsCertificateKeyFilePassword=hunter2&nonsense=1",
        "mongodb://localhost/shop?authMechanismProperties=AWS_SESSION_TOKEN=hunter2",
        "mongodb://localhost/shop?authMechanismProperties=hunter2:1",
        "mongodb://ada:hunter2@localhost/shop?authMechanism=hunt",
    ],
)
async def test_a_message_about_a_url_keeps_its_secrets(url: str) -> None:
    with pytest.raises(StoreURLError) as caught:
        await open_mongodb(url)

    error = caught.value
    shown = f"{error} {error.url} {error.__cause__} {error.__notes__ if hasattr(error, '__notes__') else ''}"
    assert "hunter2" not in shown


async def test_a_server_that_does_not_answer_is_told_of_with_its_host(closed_port: int) -> None:
    url = f"mongodb://ada:hunter2@127.0.0.1:{closed_port}/shop?serverSelectionTimeoutMS=200"

    with pytest.raises(StoreConnectionError) as caught:
        await open_mongodb(url)

    error = caught.value
    assert isinstance(error, ConnectionError)
    assert error.store == f"mongodb://***@127.0.0.1:{closed_port}/shop"
    assert f"127.0.0.1:{closed_port}: " in error.fault
    assert "waited for 0.2 seconds" in error.fault
    assert "Check that the server runs" in str(error)
    assert "hunter2" not in f"{error} {error.__cause__}"


# PyMongo forgets the socket of a monitor that it cancels in its handshake.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_a_server_that_says_nothing_is_waited_for_as_long_as_the_url_says() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        url = f"mongodb://127.0.0.1:{port}/shop?serverSelectionTimeoutMS=200"
        with pytest.raises(StoreConnectionError, match="waited for 0.2 seconds"):
            await open_mongodb(url)
    gc.collect()


async def test_the_name_of_another_replica_set_is_told_of(server: ScriptedServer) -> None:
    with pytest.raises(StoreConnectionError, match="replicaSet=NAME has to be the name"):
        await open_mongodb(server.url("replicaSet=other&serverSelectionTimeoutMS=200"))


# PyMongo 4.13 forgets the connection on which it could not log in; the latest does not.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <function _SelectorTransport:pytest.PytestUnraisableExceptionWarning"
)
async def test_a_password_that_the_server_does_not_take_is_an_error_of_its_own(
    server: ScriptedServer,
) -> None:
    refusal = {"ok": 0, "code": 18, "errmsg": "Authentication failed."}
    server.replies["saslStart"].extend([refusal] * 5)
    url = f"mongodb://ada:hunter2@{server.address}/shop"

    with pytest.raises(NotAuthorizedError, match="Authentication failed.* authSource") as caught:
        await open_mongodb(url)

    assert isinstance(caught.value, PermissionError)
    assert caught.value.code == 18
    assert "hunter2" not in str(caught.value)


async def test_a_server_that_is_too_old_for_pymongo_is_told_of() -> None:
    async with ScriptedServer({"maxWireVersion": 5}) as server:
        with pytest.raises(StoreConnectionError, match="wire version 5"):
            await open_mongodb(server.url())


async def test_srv_without_dnspython_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dns", None)

    with pytest.raises(StoreURLError, match="pip install dnspython"):
        await open_mongodb("mongodb+srv://cluster.example.com/shop")


@pytest.mark.parametrize(
    ("hello", "topology", "more"),
    [
        (STANDALONE, "standalone", set()),
        (REPLICA_SET, "replica set rs0", {Capability.WATCH, Capability.TRANSACTIONS}),
        (SHARDED, "sharded cluster", {Capability.WATCH, Capability.TRANSACTIONS}),
        ({"setName": "old"}, "replica set old", {Capability.WATCH}),
    ],
)
async def test_what_a_server_can_do_follows_from_what_it_is(
    hello: dict[str, object], topology: str, more: set[Capability]
) -> None:
    async with ScriptedServer(hello) as server:
        server.replies["buildInfo"].append({"ok": 1, "version": "8.0.4"})
        store = await open_mongodb(server.url())
        described = await store.describe()
        await store.aclose()

        assert store.capabilities == ALWAYS | more
        assert (described.product, described.version) == ("MongoDB", "8.0.4")
        assert described.topology == topology
        assert described.details["hosts"] == [server.address]


async def test_opening_leaves_no_warnings_filter_behind(server: ScriptedServer) -> None:
    before = list(warnings.filters)

    store = await open_mongodb(server.url())
    await store.aclose()

    assert warnings.filters == before
