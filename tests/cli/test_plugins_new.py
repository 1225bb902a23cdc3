"""`earnorm plugins new`: a distribution that works as it is made."""

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from earnorm import CORE_API
from tests.cli.conftest import Directory

pytestmark = pytest.mark.once  # the command line is the same on every Python

FILES = [
    ".github/workflows/ci.yml",
    ".gitignore",
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "src/acme_ledger/__init__.py",
    "src/acme_ledger/plugin.py",
    "src/acme_ledger/py.typed",
    "tests/test_plugin.py",
]


def made(directory: Directory, *arguments: str) -> Path:
    """What the command made."""
    done = directory.run("plugins", "new", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return Path(done.stdout.partition(" was made")[0])


def project(path: Path) -> dict[str, Any]:
    """The table of a pyproject.toml."""
    return dict(tomllib.loads((path / "pyproject.toml").read_text("utf-8"))["project"])


def files(path: Path) -> list[str]:
    """The files below a directory, by their paths."""
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


def test_a_distribution_is_made_whole(directory: Directory) -> None:
    done = directory.run("plugins", "new", "acme-ledger")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("acme-ledger was made, with the plugin 'ledger':\n")
    path = directory.path / "acme-ledger"
    assert files(path) == FILES
    about = project(path)
    assert about["name"] == "acme-ledger"
    assert about["entry-points"]["earnorm.plugins"] == {"ledger": "acme_ledger:LedgerPlugin"}
    (requirement,) = map(Requirement, about["dependencies"])
    assert requirement.name == "earnorm"
    assert f'api = ">={CORE_API},<2"' in (path / "src/acme_ledger/plugin.py").read_text("utf-8")


def test_no_placeholder_is_left_but_the_workflow_s_own(directory: Directory) -> None:
    path = made(directory, "acme-ledger")

    for name in FILES:
        text = (directory.path / path / name).read_text("utf-8")
        assert not re.search(r"(?<!\$)\{\{|__package__", text), name
    assert "${{ matrix.python }}" in (directory.path / path / FILES[0]).read_text("utf-8")


@pytest.mark.parametrize("name", ["acme-ledger", "Zebra.Stripes_Two", "ledger2"])
def test_its_tests_pass(name: str, directory: Directory) -> None:
    path = directory.path / made(directory, name)
    ((plugin, point),) = project(path)["entry-points"]["earnorm.plugins"].items()
    directory.install(name, f"{plugin} = {point}")
    search = os.pathsep.join([str(directory.site), str(path / "src"), *sys.path])
    done = directory.run_python(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)), PYTHONPATH=search
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "26 passed" in done.stdout  # five of its own, and the suite


@pytest.mark.parametrize(
    ("name", "plugin", "prefix"),
    [
        ("earnorm-ledger-trail", "ledger-trail", "LedgerTrail"),
        ("ledger", "ledger", "Ledger"),
        ("acme-2fa", "acme-2fa", "Acme2fa"),
    ],
)
def test_the_plugin_is_named_by_what_follows_the_first_hyphen(
    name: str, plugin: str, prefix: str, directory: Directory
) -> None:
    path = directory.path / made(directory, name)
    package = name.replace("-", "_")

    points = project(path)["entry-points"]["earnorm.plugins"]
    assert points == {plugin: f"{package}:{prefix}Plugin"}


def test_place_and_plugin_can_be_chosen(directory: Directory) -> None:
    (directory.path / "work shop").mkdir()
    done = directory.run("plugins", "new", "acme-ledger", "-d", "work shop", "--plugin", "log_book")

    assert done.returncode == 0
    assert "cd 'work shop/acme-ledger'" in done.stdout
    points = project(directory.path / "work shop/acme-ledger")["entry-points"]
    assert points["earnorm.plugins"] == {"log_book": "acme_ledger:LogBookPlugin"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["acme ledger"], "'acme ledger' is no name of a distribution. Write letters, digits"),
        (["../acme"], "'../acme' is no name of a distribution."),
        (["2fa"], "would have the package '2fa', which no program can import"),
        (["class"], "would have the package 'class', which no program can import"),
        (["json"], "there is already. Choose another name, such as earnorm-json."),
        (["earnorm"], "would have the package 'earnorm', which there is already"),
        (["acme-timestamp"], "the plugin name 'timestamp' is advertised by earnorm-timestamp"),
        (["acme-ledger", "--plugin", "a b"], "'a b' is no name for a plugin."),
        (["acme-ledger", "-d", "nowhere"], "there is no directory nowhere."),
        (["taken"], "taken exists. Remove it, or choose another name or --directory."),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_is_written(
    arguments: list[str], message: str, directory: Directory
) -> None:
    (directory.path / "taken").mkdir()
    done = directory.run("plugins", "new", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert [path.name for path in directory.path.iterdir()] == ["taken"]
