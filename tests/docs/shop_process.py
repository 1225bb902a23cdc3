"""Runs a program beside the shop, in a process of its own: the models register themselves on the default registry."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def run_beside_shop(*arguments: str, site: Path | None = None, **environment: str) -> str:
    """What Python prints; `site` is one more directory to import from."""
    path = [os.environ.get("PYTHONPATH", ""), *([str(site)] if site else [])]
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=EXAMPLES,
        env={
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": os.pathsep.join(path),
            **environment,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
