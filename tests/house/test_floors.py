"""Shows that import-linter lets the tree pass, and catches what is planted in a copy of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once


def lint_imports(tree: Path) -> "subprocess.CompletedProcess[str]":
    """Checks the contracts of a tree that holds `pyproject.toml` and the packages."""
    packages = [tree, *tree.glob("earnorm_plugins/*/src")]
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, packages)), "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture
def tree(root: Path, tmp_path: Path) -> Path:
    """A copy of the packages and their contracts, to plant things in."""
    shutil.copy(root / "pyproject.toml", tmp_path)
    ignore = shutil.ignore_patterns("__pycache__")
    for packages in ("earnorm", "earnorm_plugins"):
        shutil.copytree(root / packages, tmp_path / packages, ignore=ignore)
    return tmp_path


def test_the_tree_keeps_every_contract(root: Path) -> None:
    done = lint_imports(root)

    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


VIOLATIONS = {
    "an upward import": (
        "earnorm/errors/planted.py",
        "from earnorm.models import BaseModel",
        "Imports point down only, and there is no room but these",
    ),
    "an upward import for type checkers only": (
        "earnorm/fields/planted.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import earnorm.database",
        "Imports point down only, and there is no room but these",
    ),
    "an import across the landing": (
        "earnorm/stores/planted.py",
        "import earnorm.fields",
        "Imports point down only, and there is no room but these",
    ),
    "a drawer": (
        "earnorm/utils/__init__.py",
        "",
        "Imports point down only, and there is no room but these",
    ),
    "a stray module": (
        "earnorm/common.py",
        "",
        "Imports point down only, and there is no room but these",
    ),
    "pluggy outside the plugins": (
        "earnorm/models/planted.py",
        "import pluggy",
        "Only earnorm.plugins imports pluggy",
    ),
    "mypy outside of its plugin": (
        "earnorm/codegen/planted.py",
        "import mypy.nodes",
        "Only earnorm.mypy imports mypy, and nothing imports it",
    ),
    "an import of the plugin for mypy": (
        "earnorm/cli/planted.py",
        "import earnorm.mypy",
        "Only earnorm.mypy imports mypy, and nothing imports it",
    ),
    "entry points outside the plugins": (
        "earnorm/metadata/planted.py",
        "from importlib_metadata import entry_points",
        "Only the way to plugins and the way to stores read entry points",
    ),
    "a pipeline inside of the rules for one document": (
        "earnorm/stores/documents/planted.py",
        "import earnorm.stores.pipeline",
        "MongoDB's rules for one document know no pipelines",
    ),
    "a core that knows a plugin": (
        "earnorm/database/planted.py",
        "import earnorm_timestamp",
        "The core knows no plugin",
    ),
    "a driver of a store outside its store": (
        "earnorm/database/planted.py",
        "import sqlite3",
        "Only the embedded store knows SQLite",
    ),
    "a store outside its entry point": (
        "earnorm/database/planted.py",
        "from earnorm.stores.sqlite import SqliteStore",
        "The stores do not know each other, nor does anything know them",
    ),
    "the front door from inside": (
        "earnorm/queries/planted.py",
        "from earnorm import connect",
        "Nothing inside imports the front door",
    ),
    "a plugin that reaches inside": (
        "earnorm_plugins/timestamp/src/earnorm_timestamp/planted.py",
        "from earnorm.clock import now",
        "Plugins come in by the front door",
    ),
}


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_planted_violation_is_caught(violation: str, tree: Path) -> None:
    path, source, contract = VIOLATIONS[violation]
    planted = tree / path
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(source + "\n", "utf-8")

    done = lint_imports(tree)

    assert done.returncode == 1, done.stdout
    assert f"{contract} BROKEN" in done.stdout
    assert planted.stem in done.stdout or planted.parent.name in done.stdout
