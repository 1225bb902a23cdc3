"""The page about the commands shows what they print."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.conftest import Directory

pytestmark = pytest.mark.once  # the command line is the same on every Python

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
MODULE = re.compile(r"^```python no-run.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```console\n\$ earnorm (.+?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = dict(EXAMPLE.findall(PAGE.read_text("utf-8")))


def test_both_commands_have_an_example() -> None:
    assert EXAMPLES.keys() == {"models shop.models", "plugins shop.models"}


@pytest.mark.parametrize("command", EXAMPLES)
def test_an_example_is_what_the_command_prints(command: str, directory: Directory) -> None:
    (module,) = MODULE.findall(PAGE.read_text("utf-8"))
    directory.write({"shop/__init__.py": "", "shop/models.py": module})

    done = directory.run(*command.split())

    assert (done.returncode, done.stderr) == (0, "")
    printed = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
    assert printed == EXAMPLES[command]
    assert version("earnorm-timestamp") in printed
