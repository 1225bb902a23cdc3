"""Runs mypy and pyright as users do, and tells what they say."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = [str(path) for path in ROOT.glob("earnorm_plugins/*/src")]


def run(module: str, *arguments: str, directory: Path, **environment: str) -> str:
    """What the checker prints and, at the end, its exit code."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    settings = {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "PYTHONWARNINGS": "default"}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=directory,
        env={**os.environ, **settings, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return f"{done.stdout}{done.stderr}\nexit code {done.returncode}"


def mypy(files: list[Path], known: Path) -> str:
    """What mypy says of these files under the settings of this repository; it keeps its cache there."""
    _begin(known, "the settings of this repository")
    arguments = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(known)]
    return run("mypy", *arguments, *map(str, files), directory=ROOT)


def mypy_with_plugin(directory: Path, *files: str, site: Path | None = None) -> str:
    """What mypy, strict and with EarnORM's plugin, says of files of a directory; it keeps its cache there.

    `site` is a directory with distributions that are installed beside the usual ones.
    """
    return _strict_mypy(directory, *files, site=site, options="plugins = earnorm.mypy\n")


def plain_mypy(directory: Path, *files: str) -> str:
    """What mypy, strict and without any plugin, says of files of a directory."""
    return _strict_mypy(directory, *files, site=None, options="")


def pyright(directory: Path) -> str:
    """What pyright says of a directory's files when the comments for mypy mean nothing to it."""
    if said := _pyright_starts():
        pytest.skip(f"pyright does not start here: {said}")
    config = {
        "include": ["."],
        "pythonVersion": "3.11",
        "typeCheckingMode": "strict",
        "enableTypeIgnoreComments": False,
        "reportUnnecessaryTypeIgnoreComment": "error",
        "extraPaths": [str(ROOT), *PLUGINS],
    }
    (directory / "pyrightconfig.json").write_text(json.dumps(config), "utf-8")
    return run("pyright", "--pythonpath", sys.executable, directory=directory)


def _strict_mypy(directory: Path, *files: str, site: Path | None, options: str) -> str:
    config = f"[mypy]\nstrict = True\npython_version = 3.11\n{options}"
    (directory / "mypy.ini").write_text(config, "utf-8")
    sites = [str(site)] if site is not None else []
    path = os.pathsep.join([*sites, str(ROOT), *PLUGINS])
    python_path = os.pathsep.join([*sites, *sys.path])
    arguments = ["--config-file", "mypy.ini", "--show-traceback", *files]
    _begin(directory / ".mypy_cache", options)
    return run("mypy", *arguments, directory=directory, MYPYPATH=path, PYTHONPATH=python_path)


def _begin(known: Path, options: str) -> None:
    """Starts a cache from that of the first run with these options: EarnORM itself need not be read again."""
    earlier = _caches.setdefault(options, known)
    if earlier.exists() and not known.exists():
        shutil.copytree(earlier, known)


_caches: dict[str, Path] = {}


@cache
def _pyright_starts() -> str:
    """Nothing, or what it says instead."""
    started = run("pyright", "--version", directory=ROOT)
    return "" if started.endswith("exit code 0") else started
