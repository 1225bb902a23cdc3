"""A server that goes away and comes back under a running client, and closing while work is under way.

A proxy stands before the server, whatever server it is: to close it is, to the client, a server that died.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from earnorm import (
    BaseModel,
    Database,
    ModelRegistry,
    StoreClosedError,
    StoreConnectionError,
    StringField,
    connect,
)


class Proxy:
    """Passes on what clients and the server say to each other, until it is cut."""

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self.is_holding = False
        self.held = asyncio.Event()
        self.release = asyncio.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listens, on the same port as before."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Ends every connection, and takes no more."""
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        for task in (serving := set(self._serving)):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            there, back = await asyncio.open_connection(*self._place)
            writers.append(back)
            passing = self._pass(reader, back), self._pass(there, writer, held=True)
            with suppress(OSError):
                await asyncio.gather(*passing)
        finally:
            for one in writers:
                one.transport.abort()
            await asyncio.gather(*(one.wait_closed() for one in writers), return_exceptions=True)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, held: bool = False
    ) -> None:
        while data := await reader.read(65536):
            if held and self.is_holding and b"ismaster" not in data and b"topology" not in data:
                self.held.set()
                await self.release.wait()
            writer.write(data)
            await writer.drain()
        writer.transport.abort()


@pytest.fixture
async def proxy(mongodb_url: str) -> AsyncIterator[Proxy]:
    parts = urlsplit(mongodb_url)
    proxy = Proxy(parts.hostname or "", parts.port or 27017)
    await proxy.start()
    yield proxy
    proxy.release.set()
    with suppress(AssertionError):
        await proxy.cut()


@pytest.fixture
def url(mongodb_url: str, proxy: Proxy) -> str:
    parts = urlsplit(mongodb_url)
    options = "directConnection=true&serverSelectionTimeoutMS=3000&heartbeatFrequencyMS=500"
    return urlunsplit(parts._replace(netloc=proxy.address, query=options))


@pytest.fixture
def user(home: ModelRegistry) -> Any:
    return type("User", (BaseModel,), {"name": StringField()}, registry=home)


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("a test")


async def test_a_server_that_is_gone_is_told_and_used_again_once_it_is_back(
    user: Any, home: ModelRegistry, proxy: Proxy, url: str
) -> None:
    async with connect(url, registry=home) as database:
        ada = await user.create(name="Ada")
        await proxy.cut()

        for use in (user.find().to_list, user.find().count, lambda: user.create(name="Grace")):
            with pytest.raises(StoreConnectionError, match="the server cannot be reached") as told:
                await use()
            assert isinstance(told.value, ConnectionError)
        with pytest.raises(StoreConnectionError):
            await database.indexes.apply()

        await proxy.start()
        assert [one.name for one in await user.find()] == ["Ada"]
        ada.name = "Ada Lovelace"
        await ada.save()
        await user.create(name="Joan")
        assert await user.find().count() == 2


async def test_a_connection_that_is_cut_between_two_operations_is_made_anew(
    user: Any, home: ModelRegistry, proxy: Proxy, url: str
) -> None:
    async with connect(url, registry=home):
        await user.create(name="Ada")
        for _ in range(3):
            await proxy.cut()
            await proxy.start()
            # a read is tried twice; a write might have happened, so it is told
            assert await user.find().count() == 1


async def test_an_instance_whose_save_failed_is_new_and_can_be_saved_again(
    user: Any, home: ModelRegistry, proxy: Proxy, url: str
) -> None:
    async with connect(url, registry=home):
        await user.find().count()
        await proxy.cut()
        ada = user(name="Ada")
        with pytest.raises(StoreConnectionError):
            await ada.save()
        assert ada.id is None
        await proxy.start()
        await ada.save()
        assert [one.id for one in await user.find()] == [ada.id]


async def close_while_it_works(database: Database, work: Any, proxy: Proxy) -> None:
    proxy.is_holding = True
    working = asyncio.ensure_future(work)
    await proxy.held.wait()
    closing = asyncio.ensure_future(database.aclose())
    done, _ = await asyncio.wait([closing, working], timeout=0.05)
    assert not done
    with pytest.raises(StoreClosedError):
        await database.store.count("user", {})
    proxy.release.set()
    await closing
    await working


async def test_closing_waits_for_the_work_in_flight(
    user: Any, home: ModelRegistry, proxy: Proxy, url: str
) -> None:
    database = await connect(url, registry=home)
    await user.find().count()
    await close_while_it_works(database, user.create(name="Ada"), proxy)
    async with connect(url, registry=home):
        assert [one.name for one in await user.find()] == ["Ada"]


class Gate:
    """Tells when a write is about to reach the store, and may keep it from that."""

    def __init__(self, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.open = asyncio.Event(), asyncio.Event()
        self._insert = store.insert
        monkeypatch.setattr(store, "insert", self._pass)

    async def _pass(self, *arguments: Any, **options: Any) -> None:
        self.reached.set()
        if not self.open.is_set():
            await self.open.wait()
        await self._insert(*arguments, **options)


async def test_closing_a_file_waits_for_the_work_in_flight(
    user: Any, home: ModelRegistry, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    database = await connect(url, registry=home)
    gate = Gate(database.store, monkeypatch)
    gate.open.set()
    writing = asyncio.ensure_future(user.insert_many([user(name=str(n)) for n in range(2000)]))
    await gate.reached.wait()

    await database.aclose()

    assert len(await writing) == 2000
    with pytest.raises(StoreClosedError):
        await database.store.count("user", {})
    async with connect(url, registry=home):
        assert await user.find().count() == 2000


async def test_what_has_not_reached_a_file_when_it_closes_is_refused_whole(
    user: Any, home: ModelRegistry, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    database = await connect(url, registry=home)
    gate = Gate(database.store, monkeypatch)
    writing = asyncio.ensure_future(user.insert_many([user(name=str(n)) for n in range(2000)]))
    await gate.reached.wait()

    await database.aclose()
    gate.open.set()

    with pytest.raises(StoreClosedError):
        await writing
    async with connect(url, registry=home):
        assert await user.find().count() == 0
