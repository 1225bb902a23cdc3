"""Builds the wheels, and makes empty environments to install them into."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

PROGRAMS = Path(__file__).parent / "programs"
DISTRIBUTIONS = (
    ".",
    "earnorm_plugins/timestamp",
    "earnorm_plugins/softdelete",
    "earnorm_plugins/audit",
    "tests/strangers/acme_audit",
    "tests/strangers/loud_names",
)

# Of what pip installs, little is imported: that is compiled then. (0 is how a variable switches on a "no".)
UNCOMPILED = {"PIP_NO_COMPILE": "0"}
# What the tests' own interpreter was told is not for the one in the new environment.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment that started empty."""

    path: Path
    wheelhouse: Path

    def python(self, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        """Runs the environment's Python, apart from the checkout and with warnings as errors."""
        command = [str(self.path / "bin" / "python"), "-I", "-W", "error", *arguments]
        return _run(command, cwd=cwd)

    def save_ada(self, *plugins: str, cwd: Path) -> dict[str, Any]:
        """Ada's document as it was loaded, the audit's journal, and the modules imported."""
        done = self.python(str(PROGRAMS / "save_ada.py"), *plugins, cwd=cwd)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def command(self, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        """Runs the `earnorm` command that the wheel installed."""
        return _run([str(self.path / "bin" / "earnorm"), *arguments], cwd=cwd)

    def pip(self, *arguments: str) -> str:
        """What pip prints, once it has succeeded."""
        return succeed([str(self.path / "bin" / "python"), "-I", "-m", "pip", *arguments])

    def install(self, *names: str) -> None:
        """Installs distributions from the wheels that were built, and from nowhere else."""
        self.pip("install", "--no-index", "--find-links", str(self.wheelhouse), "--pre", *names)

    def installed(self) -> dict[str, str]:
        """Names and versions, pip and setuptools left out."""
        found = json.loads(self.pip("list", "--format=json"))
        return {d["name"]: d["version"] for d in found if d["name"] not in ("pip", "setuptools")}


def empty_environment(path: Path, wheelhouse: Path) -> Environment:
    """An environment with pip and nothing else."""
    succeed([sys.executable, "-m", "uv", "venv", "--seed", "--python", sys.executable, str(path)])
    return Environment(path=path, wheelhouse=wheelhouse)


def build(source: Path, directory: Path) -> None:
    """Builds the sdist, and from that the wheel, each in an environment of its own that uv fills."""
    command = [sys.executable, "-m", "build", "--installer", "uv", "--outdir", str(directory), "."]
    succeed(command, cwd=source)


def succeed(command: list[str], cwd: Path | None = None) -> str:
    """What the command prints; a failure fails the test with all that it said."""
    done = _run(command, cwd=cwd)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done.stdout


def _run(command: list[str], cwd: Path | None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=cwd,
        env=CLEAN | UNCOMPILED,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session")
def wheelhouse(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six wheels, each built from an sdist, by the first worker that wants them."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    directory = shared / "wheelhouse"
    with FileLock(shared / "wheelhouse.lock"):
        if not directory.exists():
            making = shared / "wheelhouse-in-the-making"
            with ThreadPoolExecutor(max_workers=2) as pool:
                list(pool.map(lambda each: build(root / each, making), DISTRIBUTIONS))
            making.rename(directory)
    return directory


@pytest.fixture(scope="session")
def core_alone(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The core's wheel and what it depends on; leave it as you found it."""
    environment = empty_environment(tmp_path_factory.mktemp("environment") / "venv", wheelhouse)
    (wheel,) = wheelhouse.glob("earnorm-*.whl")
    environment.pip("install", str(wheel))
    return environment


@pytest.fixture
def with_strangers(core_alone: Environment) -> Iterator[Environment]:
    """The core and two distributions that know nothing of this repository."""
    core_alone.install("acme-audit", "loud-names")
    yield core_alone
    core_alone.pip("uninstall", "--yes", "acme-audit", "loud-names")
