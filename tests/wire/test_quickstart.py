"""The quickstart runs on MongoDB as it does on a file: all that changes is its URL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

URL = """f"sqlite:///{Path(directory) / 'quickstart.db'}\""""


def told(program: str, folder: Path) -> list[str]:
    """What a program says it did, without what it says of it: ids and moments differ."""
    command = [sys.executable, "-c", program]
    # connecting to a server only warns of an index that is missing there
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line[:26].strip() for line in done.stdout.splitlines()]


def test_the_quickstart_runs_on_mongodb(mongodb_url: str, root: Path, tmp_path: Path) -> None:
    program = (root / "docs" / "examples" / "quickstart.py").read_text("utf-8")
    assert program.count(URL) == 1

    on_mongodb = told(program.replace(URL, repr(mongodb_url)), tmp_path)

    assert on_mongodb == told(program, tmp_path)
    assert on_mongodb[-1] == "opened the file again"
