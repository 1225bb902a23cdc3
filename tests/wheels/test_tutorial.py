"""The tutorial for authors of plugins, followed literally where nothing is installed."""

import os
from pathlib import Path

import pytest

from tests.wheels.conftest import UNCOMPILED
from tests.wheels.walkthrough import Terminal, follow

pytestmark = pytest.mark.wheels


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal in an empty directory."""
    (tmp_path / "state").mkdir()
    (tmp_path / "empty").mkdir()
    return Terminal(directory=tmp_path / "empty", state=tmp_path / "state")


def test_the_tutorial_for_authors_works_as_it_is_written(
    root: Path, wheelhouse: Path, terminal: Terminal
) -> None:
    page = root / "docs" / "guide" / "plugin-tutorial.md"
    # What the page takes from the package index comes from there, but for EarnORM itself.
    places = f"{wheelhouse} {os.environ.get('PIP_FIND_LINKS', '')}"
    terminal.variables = {"PIP_FIND_LINKS": places, **UNCOMPILED}

    follow(page.read_text("utf-8"), terminal)


def test_a_page_changes_files_and_the_terminal_remembers(terminal: Terminal) -> None:
    follow(
        "```shell\nmkdir new\ncd new\nexport WHO=Ada\n```\n"
        "`hello.txt`:\n\n```text\nHello\n\nWHO\n```\n"
        "`hello.txt`:\n\n```diff\n Hello\n\n-WHO\n+Ada and Bob\n```\n"
        "`hello.txt`, in part:\n\n```text\nAda and Bob\n```\n"
        "```shell\ncat hello.txt\necho $WHO\npwd\n```\n"
        "```text screen\nHello\n\nAda and Bob\nAda\n.../new\n```\n"
        "```shell no-run: the reader has no account\nexit 1\n```",
        terminal,
    )

    assert (terminal.directory.name, terminal.directory.parent.name) == ("new", "empty")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```shell\nfalse\ntrue\n```", "line 2 of the page: it fails"),
        ("```shell fails\ntrue\n```", "it succeeds"),
        ("```shell\necho one\n```\n```text screen\ntwo\n```", "this was seen\none"),
        ("```text screen\ntwo\n```", "nothing was typed above it"),
        ("`a`:\n\n```text\n1\n```\n`a`:\n\n```diff\n-2\n+3\n```", "0 times in the file"),
        ("`a`:\n\n```text\n1\n1\n```\n`a`:\n\n```diff\n-1\n+3\n```", "2 times in the file"),
        ("`a`:\n\n```text\n1\n```\n`a`, in part:\n\n```text\n2\n```", "0 times in the file"),
        ("Look:\n\n```toml\na = 1\n```", "'toml' is neither typed nor seen"),
        ("```shell no-run:\ntrue\n```", "'shell no-run:' is neither typed nor seen"),
    ],
)
def test_a_page_that_says_something_wrong_is_found_out(
    text: str, fault: str, terminal: Terminal
) -> None:
    with pytest.raises(pytest.fail.Exception, match=fault):
        follow(text, terminal)
