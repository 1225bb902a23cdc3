"""The page about the commands shows what they print."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Directory

pytestmark = pytest.mark.once  # the command line is the same on every Python

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
MODULE = re.compile(r"^```python no-run.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SESSION = re.compile(r"^```console\n(\$ earnorm .*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ earnorm (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
SESSIONS = [COMMAND.findall(text) for text in SESSION.findall(PAGE.read_text("utf-8"))]


def test_every_command_has_an_example() -> None:
    shown = {command.split()[0] for session in SESSIONS for command, _ in session}
    # what `earnorm doctor` prints differs from machine to machine
    assert shown == {
        "backup",
        "check",
        "compact",
        "copy",
        "graph",
        "indexes",
        "models",
        "plugins",
        "registry",
        "stubs",
    }


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session[0][0])
def test_an_example_is_what_the_commands_print(
    session: list[tuple[str, str]], directory: Directory
) -> None:
    (module,) = MODULE.findall(PAGE.read_text("utf-8"))
    directory.write({"shop/__init__.py": "", "shop/models.py": module})

    if session[0][0].startswith(("backup", "compact", "copy")):
        directory.run("indexes", "apply", "shop.models", "sqlite:///shop.db")
    for command, expected in session:
        done = directory.run(*command.split())
        assert (done.returncode, done.stderr) == (0, "")
        assert "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines()) == expected
