"""The command: `python -m tests.benchmarks [part ...] [--quick] [--only system ...]`."""

import argparse
import gc
import platform
import sys
from collections.abc import Callable, Sequence

from tests.benchmarks import engine, imports, mongodb, plan, plugins, registry, scans, store
from tests.benchmarks.bars import Bar
from tests.benchmarks.contender import PEERS
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures the parts that were asked for, all of them by default, and prints what came out."""
    asked = _parser().parse_args(arguments)
    effort = Effort.least() if asked.quick else Effort()
    modules = ["earnorm", *(name for name in PEERS if asked.only is None or name in asked.only)]
    print(f"CPython {platform.python_version()} on {platform.machine()}, {sys.platform}")
    parts: dict[str, Callable[[], list[Bar]]] = {
        "engine": lambda: engine.run(modules, effort),
        "plan": lambda: plan.run(effort),
        "plugins": lambda: plugins.run(effort),
        "imports": lambda: imports.run(effort),
        "store": lambda: store.run(effort),
        "scans": lambda: scans.run(effort),
        "mongodb": lambda: mongodb.run(
            [name for name in mongodb.MAPPERS if asked.only is None or name in asked.only], effort
        ),
        "registry": lambda: registry.run(effort),
    }
    bars: list[Bar] = []
    for part in asked.parts or PARTS:
        # Some parts collect garbage for each figure, and need not look through what earlier parts left.
        gc.collect()
        gc.freeze()
        bars += parts[part]()
    print_title(
        "The bars",
        "How many times what EarnORM takes, each other takes; '<=' is the other way round.",
    )
    print_table(["", "wanted", "measured", ""], [bar.row for bar in bars])


PARTS = ("engine", "plan", "plugins", "imports", "store", "scans", "mongodb", "registry")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    # The empty list is what argparse holds against the choices when no part is named.
    parser.add_argument(
        "parts", nargs="*", choices=[[], *PARTS], help="what to measure; all by default"
    )
    parser.add_argument(
        "--quick", action="store_true", help="shows that it runs; figures mean nothing"
    )
    parser.add_argument(
        "--only",
        nargs="*",
        choices=PEERS,
        help="these peers beside EarnORM; none where none is named",
    )
    return parser


if __name__ == "__main__":
    main()
