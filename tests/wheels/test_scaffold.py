"""What authors of plugins have: the kit, and what `earnorm plugins new` makes, built, installed, tested and type-checked."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.wheels.conftest import PROGRAMS, Environment, build, empty_environment

pytestmark = pytest.mark.wheels


@pytest.fixture(scope="module")
def workshop(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The environment of an author: EarnORM with its command line, and the tools that the template names."""
    environment = empty_environment(tmp_path_factory.mktemp("workshop") / "venv", wheelhouse)
    (wheel,) = wheelhouse.glob("earnorm-*.whl")
    environment.pip("install", f"{wheel}[cli]", "mypy>=1.18", "pytest>=8.4", "pytest-asyncio>=1.0")
    return environment


@pytest.fixture(scope="module")
def made(workshop: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A distribution that the command made, its wheel built and installed."""
    place = tmp_path_factory.mktemp("made")
    done = workshop.command("plugins", "new", "acme-ledger", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    path = place / "acme-ledger"
    build(path, place / "dist")
    (wheel,) = (place / "dist").glob("*.whl")
    workshop.pip("install", "--no-index", str(wheel))
    return path


def test_pytest_finds_the_kit_for_authors_of_plugins(workshop: Environment, tmp_path: Path) -> None:
    workshop.install("earnorm-timestamp")
    # Copied: here it would get the fixtures of this checkout.
    program = shutil.copy(PROGRAMS / "kit_in_use.py", tmp_path)

    done = workshop.python(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers", "--rootdir=."),
        *("-o", "asyncio_default_fixture_loop_scope=function", str(program)),
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_it_builds_and_its_plugin_is_found(made: Path, workshop: Environment) -> None:
    done = workshop.command("plugins", "show", "ledger", cwd=made.parent)

    assert done.returncode == 0, done.stdout
    assert "ledger  acme-ledger 0.1.0" in done.stdout
    assert "No broken requirements" in workshop.pip("check")


@pytest.mark.parametrize("tool", ["pytest", "mypy"])
def test_it_passes_its_own_tests_and_is_typed(tool: str, made: Path, workshop: Environment) -> None:
    done = _run(workshop, tool, cwd=made)

    assert done.returncode == 0, done.stdout + done.stderr
    assert {"pytest": "26 passed", "mypy": "no issues found in 3 source files"}[tool] in done.stdout


def test_nothing_is_found_that_it_should_do_better(made: Path, workshop: Environment) -> None:
    done = workshop.command("plugins", "check", "acme-ledger", "--json", cwd=made.parent)

    assert done.returncode == 0, done.stdout
    assert {finding["level"] for finding in json.loads(done.stdout)} == {"ok"}


def _run(environment: Environment, tool: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(environment.path / "bin" / "python"), "-I", "-m", tool]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=300, check=False
    )
