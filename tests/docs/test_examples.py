"""Runs what the documentation shows.

A page is one program: its ```python blocks run in order, in one namespace, in a fresh interpreter and
an empty directory, with warnings as errors. It can import what lies in docs/examples. A ```text output block states what the block above it
prints (`...` stands for anything). ```python no-run: REASON is shown only.
"""

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PAGES = [
    page
    for pattern in ("README.md", "docs/**/*.md", "earnorm_plugins/*/README.md")
    for page in sorted(ROOT.glob(pattern))
    if "_build" not in page.parts
]
SHOWN = str(ROOT / "docs" / "examples")
EXAMPLES = sorted(ROOT.glob("docs/examples/*.py"))

FENCE = re.compile(r"(?P<indent> *)(?P<ticks>`{3,})(?P<info>.*)")
# PyMongo forgets a socket when the monitor of a server is cancelled in its first handshake.
FORGOTTEN_SOCKET = "ignore:unclosed <socket:ResourceWarning"
END_OF_BLOCK = "\x1eend of block\x1e"


class PageError(Exception):
    """A page is written in a way that this module does not understand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: `first` is the line, counted from 1, after its opening fence."""

    info: str
    first: int
    lines: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A page as Python: every statement on the line that it has in the page, blocks told apart."""

    source: str
    outputs: list[str | None]


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, without the indentation of their fences."""
    lines = enumerate(text.splitlines(), start=1)
    for number, line in lines:
        if not (fence := FENCE.fullmatch(line)):
            continue
        indent, ticks = len(fence["indent"]), fence["ticks"]
        body: list[str] = []
        for _, inner in lines:
            if inner.strip() == ticks:
                break
            body.append(inner[indent:])
        else:
            raise PageError(f"line {number}: the block is never closed")
        yield Block(info=fence["info"].strip(), first=number + 1, lines=body)


def program(text: str) -> Program:
    """What a page does, and what it says that each of its blocks prints."""
    source = [""] * (len(text.splitlines()) + 1)
    outputs: list[str | None] = []
    previous = ""
    for block in blocks(text):
        if block.info == "python":
            end = block.first - 1 + len(block.lines)
            source[block.first - 1 : end] = block.lines
            source[end] = f"print({END_OF_BLOCK!r}, flush=True)"
            outputs.append(None)
        elif block.info == "text output":
            if previous != "python":
                raise PageError(f"line {block.first}: output without a python block above it")
            outputs[-1] = "\n".join(block.lines) + "\n"
        elif block.info.startswith(("py", "{code-block} py")):
            reason = re.fullmatch(r"python no-run: \S.+", block.info)
            if not reason:
                raise PageError(f"line {block.first}: {block.info!r} would never be run")
        previous = block.info
    return Program(source="\n".join(source), outputs=outputs)


def run(script: Path, directory: Path) -> str:
    """What the script prints, if it ends well."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", FORGOTTEN_SOCKET, str(script)],
        cwd=directory,
        env={
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), SHOWN))),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}", pytrace=False)
    assert done.stderr == ""
    return done.stdout


def run_page(text: str, directory: Path) -> None:
    """Fails unless every block runs and prints what the page says."""
    page = program(text)
    scripts, cwd = directory / "program", directory / "empty"
    scripts.mkdir()
    cwd.mkdir()
    script = scripts / "page.py"
    script.write_text(page.source, "utf-8")
    printed = run(script, cwd).split(END_OF_BLOCK + "\n")
    checker = doctest.OutputChecker()
    for got, want in zip(printed, page.outputs, strict=False):
        if want is not None and not checker.check_output(want, got, doctest.ELLIPSIS):
            pytest.fail(f"the page says\n{want}\nand the program printed\n{got}", pytrace=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run_and_print_what_it_says(page: Path, tmp_path: Path) -> None:
    run_page(page.read_text("utf-8"), tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_program_runs(example: Path, tmp_path: Path) -> None:
    run(example, tmp_path)


def test_blocks_of_a_page_share_a_namespace(tmp_path: Path) -> None:
    run_page(
        "```python\nx = 1\n```\ntext\n- a\n  ```python\n  print(x + 1)\n  ```\n"
        "```text output\n2\n```\n",
        tmp_path,
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```python\nprint(1)\n```\n```text output\n2\n```", "the program printed\n1"),
        ("```python\n1 / 0\n```", "line 2, in <module>"),
        ("```python\nimport warnings\nwarnings.warn('old')\n```", "UserWarning: old"),
    ],
)
def test_a_page_that_says_something_wrong_fails(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match=fault):
        run_page(text, tmp_path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```python\nx = 1", "never closed"),
        ("```pycon\n>>> 1\n```", "would never be run"),
        ("```python no-run:\n1\n```", "would never be run"),
        ("```{code-block} python\n1\n```", "would never be run"),
        ("```text output\n1\n```", "without a python block"),
    ],
)
def test_a_page_cannot_hide_an_example(text: str, fault: str) -> None:
    with pytest.raises(PageError, match=fault):
        program(text)


def test_an_example_that_gives_its_reason_is_only_shown(tmp_path: Path) -> None:
    run_page("```python no-run: needs a MongoDB server\n1 / 0\n```", tmp_path)
