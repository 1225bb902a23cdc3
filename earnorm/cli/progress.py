"""Bars that move while something takes long."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from earnorm.cli.printing import plain

__all__ = ["Bars", "bars"]


class Bars:
    """One bar for each name; nothing is drawn where the standard error stream is no terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def show(self, name: str, done: int | None, total: int | None) -> None:
        """Moves the bar of the name; without numbers it only says that something goes on."""
        task = self._tasks.get(name)
        if task is None:
            task = self._tasks[name] = self._progress.add_task(plain(name).plain, total=None)
        self._progress.update(task, completed=done, total=total)


@contextmanager
def bars() -> Iterator[Bars]:
    """Within the block bars are drawn on the standard error stream, and gone afterwards."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
    )
    console = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
    with Progress(
        *columns, console=console, transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        yield Bars(progress)
