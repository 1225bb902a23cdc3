"""`import earnorm` against importing its own dependencies, each in a process of its own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import earnorm
from tests.benchmarks.bars import Bar
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort

__all__ = ["run"]

# What EarnORM imports of the distributions that it requires; pymongo.errors brings the whole driver with it.
# No store is imported before it is opened, so sqlite3 is not among them.
_PROGRAMS = {
    "import bson": "import bson",
    "EarnORM's dependencies": "import asyncio, bson, pymongo.errors, pluggy, importlib_metadata, "
    "packaging.specifiers, packaging.version",
    "import earnorm": "import earnorm",
}
_TIMED = """
import sys, time
started = time.process_time()
{program}
print(time.process_time() - started, len(sys.modules))
"""


def run(effort: Effort) -> list[Bar]:
    """Prints the milliseconds of processor time of each import, and gives the bar."""
    costs: dict[str, float] = {}
    modules: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as cache:
        for turn in range(max(2, effort.passes // 3)):
            for what, program in _PROGRAMS.items():
                environment = _environment(cache if effort.compiles else None)
                seconds, modules[what] = _import(program, environment)
                # The first turn writes the bytecode, which is what every program but the first finds.
                if turn:
                    costs[what] = min(costs.get(what, seconds), seconds)
    print_title(
        "Imports", "Milliseconds of processor time in a fresh process, the bytecode being written."
    )
    rows = [[what, f"{cost * 1e3:.1f}", str(modules[what])] for what, cost in costs.items()]
    print_table(["", "ms", "modules then loaded"], rows)
    factor = costs["import earnorm"] / costs["EarnORM's dependencies"]
    return [Bar(what="import earnorm, over its dependencies", factor=factor, most=1.3)]


def _environment(cache: str | None) -> dict[str, str]:
    """That of this process, with this EarnORM on its path, and bytecode in `cache`."""
    environment = {**os.environ, "PYTHONPATH": str(Path(earnorm.__file__).parents[1])}
    if cache is not None:
        environment["PYTHONPYCACHEPREFIX"] = cache
        # It would have every process compile everything again.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def _import(program: str, environment: dict[str, str]) -> tuple[float, int]:
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(program=program)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, modules = done.stdout.split()
    return float(seconds), int(modules)
