"""Pretends to be `mongod` as far as starting it goes: greetings, and becoming a replica set."""

import os
import socketserver
import struct
import sys
from pathlib import Path
from typing import Any

from bson import decode, encode

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
ARGUMENTS = sys.argv[1:]
initiated: list[dict[str, Any]] = []


def answer(command: dict[str, Any]) -> dict[str, Any]:
    """What a server says that was started with --replSet."""
    name = next(iter(command))
    if name == "replSetInitiate":
        initiated.append(command[name])
        return {"ok": 1.0}
    if name.lower() not in ("hello", "ismaster"):
        return {"ok": 1.0}
    hello = {"maxWireVersion": 21, "minWireVersion": 0, "helloOk": True, "ok": 1.0}
    if not initiated:
        return {**hello, "isWritablePrimary": False, "isreplicaset": True}
    host = initiated[0]["members"][0]["host"]
    told = {"setName": initiated[0]["_id"], "hosts": [host], "me": host, "primary": host}
    return {**hello, **told, "isWritablePrimary": True, "ismaster": True}


class Conversation(socketserver.StreamRequestHandler):
    """Answers OP_MSG, and OP_QUERY of the first greeting."""

    def handle(self) -> None:
        """Until the client goes."""
        while header := self.rfile.read(16):
            length, request, _, code = struct.unpack("<iiii", header)
            body = self.rfile.read(length - 16)
            if code == OP_QUERY:
                start = body.index(b"\0", 4) + 9
                head, reply = struct.pack("<iqii", 8, 0, 0, 1), OP_REPLY
            else:
                start = 5
                head, reply = struct.pack("<ib", 0, 0), OP_MSG
            size = int.from_bytes(body[start : start + 4], "little")
            payload = head + encode(answer(decode(body[start : start + size])))
            self.wfile.write(struct.pack("<iiii", 16 + len(payload), 1, request, reply) + payload)


class Server(socketserver.ThreadingTCPServer):
    """Ends without waiting for clients."""

    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    Path(os.environ["PRETENDED_LOG"]).write_text("\n".join([str(os.getpid()), *ARGUMENTS]))
    if "PRETENDED_FAULT" in os.environ:
        sys.exit(os.environ["PRETENDED_FAULT"])
    port = int(ARGUMENTS[ARGUMENTS.index("--port") + 1])
    Server(("127.0.0.1", port), Conversation).serve_forever()
