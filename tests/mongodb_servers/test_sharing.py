"""One server for all who share it; it is gone when they are. The servers here only listen."""

import socket
import sys
import threading
from pathlib import Path

import pytest

from tests.mongodb_servers.sharing import Lease, ServerFailedError, share

pytestmark = pytest.mark.once  # of the tests themselves, not of the package

LISTEN = """
import pathlib, socket, sys, time

listener = socket.create_server(("127.0.0.1", 0))
print(f"mongodb://127.0.0.1:{listener.getsockname()[1]}", flush=True)
with pathlib.Path(sys.argv[1]).open("a") as log:
    log.write("started\\n")
listener.accept()
time.sleep(600)
"""


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "server.json"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def started(record: Path, log: Path) -> Lease:
    return share(record, lambda: [sys.executable, "-c", LISTEN, str(log)])


def listens(lease: Lease) -> bool:
    port = int(lease.uri.rpartition(":")[2])
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_the_second_user_gets_the_server_of_the_first(record: Path, log: Path) -> None:
    first, second = started(record, log), started(record, log)
    assert first.uri == second.uri
    assert log.read_text() == "started\n"
    first.close()
    second.close()


def test_users_that_come_at_once_share_one_server(record: Path, log: Path) -> None:
    leases: list[Lease] = []
    threads = [
        threading.Thread(target=lambda: leases.append(started(record, log))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({lease.uri for lease in leases}) == 1
    assert log.read_text() == "started\n"
    for lease in leases:
        lease.close()


def test_the_server_runs_until_the_last_user_has_gone(record: Path, log: Path) -> None:
    first, second = started(record, log), started(record, log)
    first.close()
    assert listens(second)
    second.close()
    assert not listens(second)


def test_a_user_that_only_vanishes_is_gone_too(record: Path, log: Path) -> None:
    first, second = started(record, log), started(record, log)
    first.connection.close()  # as when a worker is killed
    second.close()
    assert not listens(second)


def test_after_the_end_the_next_user_starts_anew(record: Path, log: Path) -> None:
    started(record, log).close()
    again = started(record, log)
    assert listens(again)
    assert log.read_text() == "started\nstarted\n"
    again.close()


def test_a_server_that_does_not_start_fails_with_what_it_said(record: Path) -> None:
    program = "import sys; print('no room', file=sys.stderr); sys.exit(3)"
    with pytest.raises(ServerFailedError, match="no room"):
        share(record, lambda: [sys.executable, "-c", program])
    assert not record.exists()
