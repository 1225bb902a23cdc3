"""mypy and pyright read the files beside this one: right uses have the promised types, wrong ones are seen.

A wrong use carries an ignore comment for each checker, and both checkers report an ignore comment that
suppresses nothing. So every file must come out clean, and what a checker misses is an error.
"""

import re
import shutil
from pathlib import Path

import pytest

from tests.typing.checkers import mypy, pyright

HERE = Path(__file__).parent
FILES = [
    "right_uses.py",
    "mixins.py",
    "registry_uses.py",
    "inheritance.py",
    "wrong_uses.py",
    "typed_models.py",
    "wrong_typed_models.py",
]
WRONG = [("wrong_uses.py", 40), ("wrong_typed_models.py", 12), ("shop/wrong_uses.py", 30)]
MYPY_IGNORE = re.compile(r"# type: ignore\[[a-z-]+\]")
PYRIGHT_IGNORE = re.compile(r"# pyright: ignore\[[A-Za-z, ]+\]")

pytestmark = pytest.mark.once  # what a type checker says is the same on every Python


@pytest.mark.parametrize(("name", "least"), WRONG)
def test_every_wrong_use_is_expected_of_both_checkers(name: str, least: int) -> None:
    lines = (HERE / name).read_text("utf-8").splitlines()
    faults = [line for line in lines if "# type: ignore" in line]
    assert len(faults) > least
    assert [line for line in faults if not MYPY_IGNORE.search(line)] == []
    assert [line for line in faults if not PYRIGHT_IGNORE.search(line)] == []


def test_mypy_agrees(tmp_path: Path) -> None:
    said = mypy([HERE / name for name in FILES], tmp_path / "cache")
    assert said.endswith("exit code 0"), said


def test_pyright_agrees(tmp_path: Path) -> None:
    for name in FILES:
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
