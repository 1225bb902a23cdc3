"""Importing EarnORM does no work: it opens nothing, starts nothing, and warns of nothing."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from earnorm.stores import documents

# Every socket, thread, process and file opened for writing passes the interpreter's audit hooks
# (PEP 578); threads are counted beside that, since 3.11 does not audit all of them.
WATCHER = """
import json, os, sys, threading

seen = []

def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen.append(f"open {path} {mode}")
    elif event.startswith(("socket.", "subprocess.", "os.system", "os.fork", "os.exec", "sqlite3.connect")):
        seen.append(event)

sys.addaudithook(watch)
import earnorm
print(json.dumps({
    "seen": seen,
    "threads": threading.active_count(),
    "modules": sorted(sys.modules),
}))
"""


def test_importing_earnorm_opens_and_starts_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", WATCHER],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)
    modules = set(found["modules"])

    assert found["seen"] == []
    assert found["threads"] == 1
    assert not {"typer", "rich", "click", "pytest", "mypy"} & modules
    assert not {"earnorm.cli", "earnorm.codegen", "earnorm.mypy", "earnorm.testing"} & modules
    assert not {"earnorm.stores.documents.matcher", "earnorm.stores.documents.updater"} & modules
    assert not {"earnorm_timestamp", "earnorm_softdelete", "earnorm_audit"} & modules
    assert list(tmp_path.iterdir()) == []


def test_what_is_imported_when_it_is_asked_for_is_all_that_a_package_offers() -> None:
    assert sorted(documents._HOMES) == sorted(documents.__all__)
    for name, home in documents._HOMES.items():
        module = importlib.import_module(f"{documents.__name__}.{home}")
        assert getattr(documents, name) is getattr(module, name)
    with pytest.raises(AttributeError, match="has no attribute 'compile_nothing'"):
        documents.compile_nothing  # noqa: B018
