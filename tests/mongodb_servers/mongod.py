"""Starts `mongod` as a replica set of one: `python mongod.py PROGRAM`, in an empty directory.

Prints the URI once the set has a primary, and stops the server when it is asked to stop.
"""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

NAME = "earnorm"
PRIMARY_SECONDS = 60.0


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
        initiate(port)
        print(f"mongodb://127.0.0.1:{port}/?replicaSet={NAME}", flush=True)
        return server.wait()
    except PyMongoError:
        print(Path("mongod.log").read_text("utf-8")[-4000:], file=sys.stderr)
        raise
    finally:
        server.terminate()
        server.wait()


def initiate(port: int) -> None:
    """Makes the server a replica set and returns once it is the primary."""
    members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
    with MongoClient[dict[str, Any]](
        f"mongodb://127.0.0.1:{port}/?directConnection=true"
    ) as client:
        client.admin.command("replSetInitiate", {"_id": NAME, "members": members})
        deadline = time.monotonic() + PRIMARY_SECONDS
        while not client.admin.command("hello").get("isWritablePrimary"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"No primary within {PRIMARY_SECONDS:.0f} s.")
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
