"""Both checkers read the typing bases that `earnorm stubs` writes, and see what a constructor is given."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earnorm.cli.application import app
from tests.typing.checkers import mypy, pyright

HERE = Path(__file__).parent
SHOP = HERE / "shop"

pytestmark = pytest.mark.once


def test_the_shop_has_the_typing_bases_that_the_command_writes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    said = CliRunner().invoke(app, ["stubs", "tests.typing.shop", "--check"])
    assert said.exit_code == 0, said.output


def test_mypy_agrees(tmp_path: Path) -> None:
    said = mypy(sorted(SHOP.glob("*.py")), tmp_path / "cache")
    assert said.endswith("exit code 0"), said


def test_pyright_agrees(tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path / "tests" / "typing" / "shop")
    said = pyright(tmp_path)
    assert said.endswith("exit code 0"), said
