"""The command as a whole: its version, its extra, its colours."""

import re
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from earnorm.cli.application import app
from tests.cli.conftest import Directory

pytestmark = pytest.mark.once  # the command line is the same on every Python

COLOUR = re.compile(r"\x1b\[[\d;]*3\dm")


def test_the_version_is_that_of_the_distribution() -> None:
    shown = CliRunner().invoke(app, ["--version"])

    assert shown.exit_code == 0
    assert shown.output == f"earnorm {version('earnorm')}\n"


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_it_says_what_to_install(missing: str, directory: Directory) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; from earnorm.cli import main; main()"
    done = directory.run_python("-c", program)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"Error: the earnorm command needs the extra 'cli', and '{missing}' is not installed. "
        "Install it with: pip install 'earnorm[cli]'\n"
    )


def test_a_fault_of_ours_is_not_taken_for_a_missing_extra(directory: Directory) -> None:
    program = (
        "import sys; sys.modules['earnorm.cli.tables'] = None; from earnorm.cli import main; main()"
    )
    done = directory.run_python("-c", program)

    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr
    assert "pip install" not in done.stderr


def test_the_package_itself_needs_no_extra(directory: Directory) -> None:
    program = "import sys, earnorm.cli; print({'typer', 'rich'} & set(sys.modules))"

    assert directory.run_python("-c", program).stdout == "set()\n"


def test_colours_are_for_terminals_and_can_be_refused(shop: Directory) -> None:
    forced = shop.run("models", "shop", FORCE_COLOR="1")
    refused = shop.run("models", "shop", FORCE_COLOR="1", NO_COLOR="1")

    assert COLOUR.search(forced.stdout)
    assert not COLOUR.search(refused.stdout)
    # a pipe stays as wide as it needs to be
    assert "email" in forced.stdout
    assert not any(line.startswith("  Collection") for line in forced.stdout.splitlines())


def test_what_the_encoding_lacks_is_escaped(directory: Directory) -> None:
    directory.write(
        {
            "cafe.py": """
                from earnorm import BaseModel

                class Menu(BaseModel):
                    class Meta:
                        collection = "menü"
            """
        }
    )
    done = directory.run("models", "cafe", PYTHONIOENCODING="ascii")

    assert (done.returncode, done.stderr) == (0, "")
    assert "men\\xfc" in done.stdout


def test_help_explains_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"])

    assert shown.exit_code == 0
    assert "Lists the models of TARGET" in shown.output
    assert "Lists the installed plugins, shows one" in shown.output
    assert "Writes the exact constructors" in shown.output
