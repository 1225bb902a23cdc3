"""mypy and pyright read the files beside this one: right uses have the promised types, wrong ones are seen.

A wrong use carries an ignore comment for each checker, and both checkers report an ignore comment that
suppresses nothing. So every file must come out clean, and what a checker misses is an error.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLUGINS = [str(path) for path in ROOT.glob("earnorm_plugins/*/src")]
FILES = ["right_uses.py", "mixins.py", "registry_uses.py", "inheritance.py", "wrong_uses.py"]
MYPY_IGNORE = re.compile(r"# type: ignore\[[a-z-]+\]")
PYRIGHT_IGNORE = re.compile(r"# pyright: ignore\[[A-Za-z, ]+\]")

pytestmark = pytest.mark.once  # what a type checker says is the same on every Python


def run(module: str, *arguments: str, directory: Path) -> str:
    """What the checker prints and, at the end, its exit code."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=directory,
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return f"{done.stdout}{done.stderr}\nexit code {done.returncode}"


def mypy(files: list[Path], cache: Path) -> str:
    arguments = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(cache)]
    return run("mypy", *arguments, *map(str, files), directory=ROOT)


def pyright(directory: Path) -> str:
    """What pyright says of a directory's files when the comments for mypy mean nothing to it."""
    started = run("pyright", "--version", directory=directory)
    if not started.endswith("exit code 0"):
        pytest.skip(f"pyright does not start here: {started}")
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


def test_every_wrong_use_is_expected_of_both_checkers() -> None:
    lines = (HERE / "wrong_uses.py").read_text("utf-8").splitlines()
    faults = [line for line in lines if "# type: ignore" in line]
    assert len(faults) > 40
    assert [line for line in faults if not MYPY_IGNORE.search(line)] == []
    assert [line for line in faults if not PYRIGHT_IGNORE.search(line)] == []


def test_mypy_agrees(tmp_path: Path) -> None:
    said = mypy([HERE / name for name in FILES], tmp_path)
    assert said.endswith("exit code 0"), said


@pytest.mark.parametrize(
    "name",
    [
        "right_uses.py",
        "mixins.py",
        "registry_uses.py",
        "wrong_uses.py",
    ],
)
def test_pyright_agrees(name: str, tmp_path: Path) -> None:
    shutil.copy(HERE / name, tmp_path)
    said = pyright(tmp_path)
    assert said.endswith("exit code 0"), said


def test_both_checkers_would_tell_of_an_unseen_fault(tmp_path: Path) -> None:
    lines = [
        "from earnorm import BaseModel, StringField",
        "class User(BaseModel):",
        "    name = StringField()",
        "def change(user: User) -> None:",
        "    user.name = 'Ada'  # type: ignore[assignment]",
        "    user.name = 'Ada'  # pyright: ignore[reportAttributeAccessIssue]",
        "    user.name = 1",
    ]
    planted = tmp_path / "planted.py"
    planted.write_text("\n".join(lines) + "\n", "utf-8")
    said = {"mypy": mypy([planted], tmp_path / "cache"), "pyright": pyright(tmp_path)}
    assert re.findall(r"planted\.py:(\d+).* error: ", said["mypy"]) == ["5", "7"], said
    assert re.findall(r"planted\.py:(\d+).* error: ", said["pyright"]) == ["6", "7"], said
