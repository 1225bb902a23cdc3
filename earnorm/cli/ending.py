"""How commands begin and end: the target that they load, the database that they open, their exit codes."""

import asyncio
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote

import typer

from earnorm.cli.faults import Fault
from earnorm.cli.printing import print_error, print_faults
from earnorm.cli.target import LoadedTarget, TargetError, load_target
from earnorm.errors import EarnORMError

__all__ = [
    "AsJson",
    "Url",
    "finish",
    "is_in_memory",
    "is_missing_file",
    "load",
    "refusal",
    "refuse_missing_directory",
    "refuse_missing_file",
    "run",
]

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Url = Annotated[
    str | None,
    typer.Argument(
        metavar="URL",
        help="The store. Without it EARNORM_DATABASE_URL is read, else sqlite:///earnorm.db used.",
    ),
]


def load(target: str) -> LoadedTarget:
    """What the target names; exits with 2 when there is no such target."""
    try:
        return load_target(target)
    except TargetError as error:
        raise refusal(str(error)) from error


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the work returns; exits with 2 for an error of ours or of the system that it raises."""
    try:
        return asyncio.run(work)
    except (EarnORMError, OSError) as error:
        raise refusal(str(error)) from error


def refuse_missing_file(url: str) -> None:
    """Exits with 2 for a file that is not there: only looking must not make it."""
    if is_missing_file(url):
        raise refusal(f"there is no file for {url.partition('?')[0]}. Check the path.")


def refuse_missing_directory(path: Path) -> None:
    """Exits with 2 for a file that is to be written where no directory is, before any work is done for it."""
    if not path.parent.is_dir():
        raise refusal(
            f"there is no directory {str(path.parent)!r} to write {path.name!r} in. Make it, or check the path."
        )


def is_missing_file(url: str) -> bool:
    """Whether the store would be a file, and there is none yet."""
    path = _file_of(url)
    return bool(path) and not Path(unquote(path or "")).exists()


def is_in_memory(url: str) -> bool:
    """Whether the store would be gone when the process ends."""
    return _file_of(url) == ""


def refusal(message: str) -> typer.Exit:
    """Tells why nothing was done, and is the exit to raise."""
    print_error(message)
    return typer.Exit(2)


def finish(faults: Iterable[Fault], *, is_faulty: bool = False) -> None:
    """Tells the faults, and exits with 1 when there are any."""
    told = tuple(faults)
    print_faults(told)
    if told or is_faulty:
        raise typer.Exit(1)


def _file_of(url: str) -> str | None:
    """The path in a URL of the embedded store, empty for one in memory; None for any other store."""
    scheme, _, location = url.partition("?")[0].partition("://")
    path = location.removeprefix("/") if scheme.lower() == "sqlite" else None
    return "" if path == ":memory:" else path
