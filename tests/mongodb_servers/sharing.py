"""One server for all workers of a run: the first starts it, the last to leave stops it."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock

KEEPER = Path(__file__).with_name("keeper.py")
GREETING_SECONDS = 5.0


class ServerFailedError(RuntimeError):
    """The server did not start; the message is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The use of a server until `close`."""

    uri: str
    connection: socket.socket = field(repr=False)

    def close(self) -> None:
        """Lets go of the server. The last to do so waits until it has stopped."""
        with self.connection:
            self.connection.shutdown(socket.SHUT_WR)
            while self.connection.recv(64):
                pass


def share(record: Path, command: Callable[[], Sequence[str]]) -> Lease:
    """The use of the server that `record` tells of, started by `command` if it does not run.

    Safe across processes: who comes second waits until the first has started it.
    """
    with FileLock(record.with_suffix(".lock")):
        if lease := _join(_read(record)):
            return lease
        told = _start(command())
        record.write_text(json.dumps(told), "utf-8")
        if lease := _join(told):
            return lease
        raise ServerFailedError(f"The keeper of {told['uri']} went away at once.")


def _read(record: Path) -> dict[str, Any] | None:
    if not record.exists():
        return None
    told: dict[str, Any] = json.loads(record.read_text("utf-8"))
    return told


def _join(told: dict[str, Any] | None) -> Lease | None:
    if told is None:
        return None
    try:
        connection = socket.create_connection(("127.0.0.1", told["port"]), GREETING_SECONDS)
    except OSError:
        return None
    try:
        # The port may be another program's by now; the token is only this keeper's.
        greeted = connection.recv(64) == told["token"].encode()
    except OSError:
        greeted = False
    if not greeted:
        connection.close()
        return None
    connection.settimeout(None)
    return Lease(uri=told["uri"], connection=connection)


def _start(command: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-I", str(KEEPER), *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise ServerFailedError(done.stderr.strip())
    told: dict[str, Any] = json.loads(done.stdout)
    return told
