"""How the command line writes: JSON for programs, tables and text for people."""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from io import StringIO, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from bson import json_util
from bson.binary import UuidRepresentation
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from earnorm.cli.faults import Fault

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "facts_as_json",
    "fault_parts",
    "plain",
    "print_facts",
    "print_faults",
    "print_parts",
    "print_text",
    "text_of",
]

# No table and no line is wider: a pipe has no width, and what goes into it is never broken.
_UNLIMITED = 1_000_000

_EXTENDED = json_util.JSONOptions(
    json_mode=json_util.JSONMode.RELAXED, uuid_representation=UuidRepresentation.STANDARD
)


def plain(text: str, style: str = "") -> Text:
    """The text as it is: never read as markup, and what a terminal could obey is escaped."""
    return Text("".join(map(_visible, text)), style=style)


def print_facts(facts: Sequence["DataclassInstance"]) -> None:
    """Writes the facts as one JSON list; values that JSON lacks are in MongoDB's Extended JSON."""
    written = json_util.dumps([asdict(fact) for fact in facts], json_options=_EXTENDED, indent=2)
    print_text(f"{written}\n")


def facts_as_json(facts: "DataclassInstance") -> str:
    """The facts as one JSON object."""
    return f"{json_util.dumps(asdict(facts), json_options=_EXTENDED, indent=2)}\n"


def print_text(text: str) -> None:
    """Writes text that is meant for programs, as it is."""
    _survive_any_encoding(sys.stdout)
    sys.stdout.write(text)


def text_of(parts: Iterable[RenderableType]) -> str:
    """What `print_parts` would write where there is no terminal."""
    written = StringIO()
    console = Console(file=written, width=_UNLIMITED, highlight=False, markup=False, emoji=False)
    for part in parts:
        console.print(part)
    return written.getvalue()


def print_parts(parts: Iterable[RenderableType], *, is_error: bool = False) -> None:
    """Writes tables and paragraphs, as wide as the terminal, or as they are where there is none.

    To the standard output, or to the standard error stream where the output is somebody else's.
    """
    console = _console(sys.stderr if is_error else sys.stdout)
    for part in parts:
        console.print(part)


def print_error(message: str) -> None:
    """Tells on the standard error stream why there is no listing."""
    for part in fault_parts(Fault(subject=message)):
        _console(sys.stderr).print(part)


def print_faults(faults: Iterable[Fault]) -> None:
    """Tells each fault on the standard error stream, below a blank line."""
    console = _console(sys.stderr)
    for fault in faults:
        for part in ("", *fault_parts(fault)):
            console.print(part)


def fault_parts(fault: Fault) -> Iterable[RenderableType]:
    """The subject, and the lines below it."""
    yield Text.assemble(("Error: ", "bold red"), plain(fault.subject))
    for line in fault.lines:
        yield Padding(plain(line), (0, 0, 0, 2), expand=False)


def _console(stream: TextIO) -> Console:
    _survive_any_encoding(stream)
    has_width = stream.isatty() or "COLUMNS" in os.environ
    width = None if has_width else _UNLIMITED
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def _visible(character: str) -> str:
    if character.isprintable() or character == "\n":
        return character
    return character.encode("unicode_escape").decode("ascii")


def _survive_any_encoding(stream: TextIO) -> None:
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
