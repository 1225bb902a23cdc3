"""A reader who does what a page says, block by block, in one terminal.

| A block | |
|---|---|
| `shell` | is typed, and succeeds; `shell fails` does not. `shell no-run: REASON` is left out |
| `text screen` | is what the block above it showed; `...` stands for anything, and blanks at the ends of lines do not count |
| below a line such as "`pyproject.toml`:" | becomes that file; a `diff` changes it, with `@@` between two places |
| below "`pyproject.toml`, in part:" | is in that file already |
| any other | is an error: it would be shown, and nobody would know whether it is right |
"""

import doctest
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.docs.test_examples import Block, blocks

NAMED = re.compile(r"`(?P<file>[^`]+)`(?P<part>, in part)?:")
NOT_TYPED = re.compile(r"shell no-run: \S.+")
# What the tests' own interpreter was told is not for the reader's, nor is the width that pytest-xdist sets,
# and colours would be on the screen.
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith("PYTHON") and name != "COLUMNS"
}
PLAIN = {
    "NO_COLOR": "1",
    "PY_COLORS": "0",
    "PATH": f"{Path(sys.executable).parent}:{CLEAN['PATH']}",
}
REMEMBERED = "\nexport -p > {state}/variables\npwd > {state}/directory\n"


@dataclass(slots=True, kw_only=True)
class Terminal:
    """What is typed later finds the directory and the variables that were set earlier."""

    directory: Path
    state: Path
    variables: dict[str, str] = field(default_factory=dict)

    def type(self, commands: str) -> tuple[bool, str]:
        """Whether all of the commands succeeded, and what was seen."""
        remembered = self.state / "variables"
        begin = f". {remembered}\n" if remembered.exists() else ""
        script = f"{begin}cd '{self.directory}'\nset -e\n{commands}"
        done = subprocess.run(
            ["bash", "-c", script + REMEMBERED.format(state=self.state)],
            env={**CLEAN, **PLAIN, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        if done.returncode == 0:
            self.directory = Path((self.state / "directory").read_text("utf-8").rstrip("\n"))
        return done.returncode == 0, done.stdout


def follow(text: str, terminal: Terminal) -> None:
    """Does what the page says; fails at the first line where something else happens."""
    lines, seen = text.splitlines(), None
    for block in blocks(text):
        try:
            if block.info in ("shell", "shell fails"):
                seen = _type(block, terminal)
            elif block.info == "text screen":
                _compare(block, seen)
            elif not NOT_TYPED.fullmatch(block.info):
                _write(block, _name(lines, block), terminal.directory)
        except AssertionError as error:
            pytest.fail(f"line {block.first} of the page: {error}", pytrace=False)


def _type(block: Block, terminal: Terminal) -> str:
    succeeded, seen = terminal.type("\n".join(block.lines))
    if succeeded != (block.info == "shell"):
        raise AssertionError(f"it {'succeeds' if succeeded else 'fails'}\n{seen}")
    return seen


def _compare(block: Block, seen: str | None) -> None:
    if seen is None:
        raise AssertionError("nothing was typed above it")
    want, got = _trimmed(block.lines), _trimmed(seen.splitlines())
    if not doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS):
        raise AssertionError(f"the page says\n{want}\nand this was seen\n{got}")


def _trimmed(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def _name(lines: list[str], block: Block) -> "re.Match[str]":
    """The line that names the file, with one empty line between it and the block's fence."""
    named = NAMED.fullmatch(lines[block.first - 4]) if block.first > 3 else None
    if named is None:
        raise AssertionError(f"{block.info!r} is neither typed nor seen, and no file is named")
    return named


def _write(block: Block, named: "re.Match[str]", directory: Path) -> None:
    path = directory / named["file"]
    text = "\n".join(block.lines) + "\n"
    if named["part"]:
        _once(text, path.read_text("utf-8"))
    elif block.info == "diff":
        path.write_text(_changed(path.read_text("utf-8"), block.lines), "utf-8")
    else:
        path.write_text(text, "utf-8")


def _changed(text: str, diff: list[str]) -> str:
    """The text after each place of the diff was replaced, of which there must be one."""
    for place in "\n".join(line or " " for line in diff).split("\n@@\n"):
        lines = place.split("\n")
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
        new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
        _once(old, text)
        text = text.replace(old, new)
    return text


def _once(part: str, text: str) -> None:
    if (count := text.count(part)) != 1:
        raise AssertionError(f"{count} times in the file, and not once:\n{part}\nin\n{text}")
