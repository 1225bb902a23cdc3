"""A server that notes what it was sent and answers from a script: for what no stand-in has.

It proves what PyMongo and the store send and how they take an answer, never what MongoDB would answer.
"""

import asyncio
import struct
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import bson

Document = dict[str, Any]
Reply = Document | Callable[[Document], Document] | None
"""None drops the connection instead of answering."""

REPLICA_SET: Mapping[str, Any] = {"setName": "rs0", "logicalSessionTimeoutMinutes": 30}
SHARDED: Mapping[str, Any] = {"msg": "isdbgrid", "logicalSessionTimeoutMinutes": 30}
STANDALONE: Mapping[str, Any] = {"logicalSessionTimeoutMinutes": 30}

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
HELLO = {"hello", "ismaster", "isMaster"}
UNNOTED = HELLO | {"endSessions", "killCursors"}


class ScriptedServer:
    """`replies[name]` are the answers to the commands of that name, in turn; then `{"ok": 1}`."""

    def __init__(self, hello: Mapping[str, Any] = REPLICA_SET) -> None:
        self.commands: list[Document] = []
        self.closed_cursors: list[int] = []
        self.replies: dict[str, deque[Reply]] = defaultdict(deque)
        self.held = asyncio.Event()
        self.release = asyncio.Event()
        self.hold = ""
        self._hello = hello
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    @property
    def address(self) -> str:
        assert self._server is not None
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def url(self, options: str = "") -> str:
        return f"mongodb://{self.address}/shop{'?' if options else ''}{options}"

    def names(self) -> list[str]:
        """The commands that were sent, by their names."""
        return [next(iter(command)) for command in self.commands]

    def last(self, name: str) -> Document:
        """The last command of that name."""
        return next(command for command in reversed(self.commands) if name in command)

    def found(self, *documents: Document, cursor: int = 0) -> Document:
        """The answer to `find`, and to `aggregate`."""
        return {"ok": 1, "cursor": {"id": cursor, "ns": "shop.users", "firstBatch": [*documents]}}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                length, request, _, code = struct.unpack("<iiii", await reader.readexactly(16))
                body = await reader.readexactly(length - 16)
                command = read_message(body) if code == OP_MSG else read_query(body)
                reply = await self._reply(command)
                if reply is None:
                    break
                encode = encode_message if code == OP_MSG else encode_reply
                writer.write(encode(bson.encode(reply), request))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _reply(self, command: Document) -> Document | None:
        name = next(iter(command))
        if name in HELLO:
            return self._greeting()
        if name == "killCursors":
            self.closed_cursors += command["cursors"]
        if name not in UNNOTED:
            self.commands.append(command)
        if name == self.hold:
            self.held.set()
            await self.release.wait()
        script = self.replies[name]
        reply: Reply = script.popleft() if script else {"ok": 1}
        return reply(command) if callable(reply) else reply

    def _greeting(self) -> Document:
        member = {"hosts": [self.address], "me": self.address} if "setName" in self._hello else {}
        return {
            "helloOk": True,
            "ismaster": True,
            "isWritablePrimary": True,
            "maxBsonObjectSize": 16 * 1024 * 1024,
            "maxMessageSizeBytes": 48_000_000,
            "maxWriteBatchSize": 100_000,
            "minWireVersion": 0,
            "maxWireVersion": 21,
            "ok": 1,
            **member,
            **self._hello,
        }


def read_message(body: bytes) -> Document:
    """The command of an OP_MSG, with the documents of its sequences as lists."""
    command: Document = {}
    at = 4
    while at < len(body):
        kind, at = body[at], at + 1
        size = struct.unpack_from("<i", body, at)[0]
        section = body[at : at + size]
        if kind == 0:
            command.update(bson.decode(section))
        else:
            name, _, documents = section[4:].partition(b"\0")
            command[name.decode()] = bson.decode_all(documents)
        at += size
    return command


def read_query(body: bytes) -> Document:
    """The command of an OP_QUERY, which drivers send before they know better."""
    return bson.decode(body[body.index(b"\0", 4) + 9 :])


def encode_message(document: bytes, request: int) -> bytes:
    return struct.pack("<iiiiIB", 21 + len(document), 0, request, OP_MSG, 0, 0) + document


def encode_reply(document: bytes, request: int) -> bytes:
    header = struct.pack("<iiii", 36 + len(document), 0, request, OP_REPLY)
    return header + struct.pack("<iqii", 8, 0, 0, 1) + document
