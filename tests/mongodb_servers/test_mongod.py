"""`mongod` from PATH is started as a replica set of one, and stopped with the last user."""

import os
import stat
import sys
from pathlib import Path

import pytest

from tests.mongodb_servers.choice import Source, command
from tests.mongodb_servers.sharing import ServerFailedError, share

pytestmark = pytest.mark.once  # of the tests themselves, not of the package

PRETENDED = Path(__file__).with_name("pretended_mongod.py")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A `mongod` on PATH, which writes its arguments into `tmp_path / "log"`."""
    program = tmp_path / "mongod"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{PRETENDED}" "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PRETENDED_LOG", str(tmp_path / "log"))
    return Source(kind="mongodb", program=str(program))


def test_mongod_becomes_a_replica_set_of_one(source: Source, tmp_path: Path) -> None:
    lease = share(tmp_path / "server.json", lambda: command(source))
    try:
        pid, *arguments = (tmp_path / "log").read_text().splitlines()
        port = arguments[arguments.index("--port") + 1]
        assert lease.uri == f"mongodb://127.0.0.1:{port}/?replicaSet=earnorm"
        assert arguments[arguments.index("--replSet") + 1] == "earnorm"
        assert arguments[arguments.index("--bind_ip") + 1] == "127.0.0.1"
    finally:
        lease.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_a_mongod_that_ends_at_once_fails_with_what_it_said(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRETENDED_FAULT", "no room for the journal")
    with pytest.raises(ServerFailedError, match="no room for the journal"):
        share(tmp_path / "server.json", lambda: command(source))
