"""Starts `mongod` as a replica set of one: `python mongod.py PROGRAM`, in an empty directory.

Prints the URI once the set has a primary, and stops the server when it is asked to stop.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

NAME = "earnorm"
START_SECONDS = 60.0


def main(program: str) -> int:
    """Serves until SIGTERM."""
    signal.signal(signal.SIGTERM, _leave)
    data = Path("data")
    data.mkdir()
    port = free_port()
    address = ["--bind_ip", "127.0.0.1", "--port", str(port)]
    command = [program, "--dbpath", str(data), "--replSet", NAME, *address]
    with Path("mongod.log").open("w") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        initiate(port, server)
        print(f"mongodb://127.0.0.1:{port}/?replicaSet={NAME}", flush=True)
        return server.wait()
    except (PyMongoError, TimeoutError):
        print(Path("mongod.log").read_text("utf-8")[-4000:], file=sys.stderr)
        raise
    finally:
        server.terminate()
        server.wait()


def initiate(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Makes the server a replica set and returns once it is the primary."""
    members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
    client = MongoClient[dict[str, Any]](
        f"mongodb://127.0.0.1:{port}", directConnection=True, serverSelectionTimeoutMS=500
    )
    with client:
        until(lambda: listens(client, server), "mongod does not listen")
        client.admin.command("replSetInitiate", {"_id": NAME, "members": members})
        until(lambda: client.admin.command("hello").get("isWritablePrimary"), "no primary")


def listens(client: "MongoClient[dict[str, Any]]", server: "subprocess.Popen[bytes]") -> bool:
    """Whether the server answers. One that has ended raises."""
    try:
        client.admin.command("ping")
    except ServerSelectionTimeoutError:
        if server.poll() is not None:
            raise
        return False
    return True


def until(holds: Callable[[], Any], otherwise: str) -> None:
    """Returns once the condition holds; raises when it does not for a long time."""
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{otherwise} within {START_SECONDS:.0f} s")
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
