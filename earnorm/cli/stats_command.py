"""`earnorm plugins stats`: what hooks cost while a program runs."""

import json
import runpy
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from earnorm.cli.ending import refusal
from earnorm.cli.listing import Listing
from earnorm.cli.printing import plain, print_parts
from earnorm.plugins import HookStats, HookTotals, observe_everywhere

__all__ = ["count_hooks"]

Program = Annotated[
    str, typer.Argument(metavar="PROGRAM", help="A file of Python, or with -m a module.")
]
Arguments = Annotated[
    list[str] | None, typer.Argument(metavar="[ARGUMENTS]...", help="What the program gets.")
]
AsModule = Annotated[bool, typer.Option("-m", help="PROGRAM is a module, as for python -m.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write JSON there, instead of a table."),
]


def count_hooks(
    program: Program,
    arguments: Arguments = None,
    as_module: AsModule = False,
    output: Output = None,
) -> None:
    """Runs a program of Python, and tells how often each hook of each plugin ran, how long, and what failed.

    Options come before PROGRAM. The table is printed when the program has ended, however it ended, to the standard
    error output, since the other one is the program's. Ends as the program does, and with 2 where there is no such PROGRAM.
    """
    sys.path.insert(0, "" if as_module else str(Path(program).resolve().parent))
    if as_module and not _is_module(program):
        raise refusal(f"there is no module {program}. Check the name.")
    if not as_module and not Path(program).is_file():
        raise refusal(f"there is no file {program}. Check the path, or write -m before a module.")
    stats = HookStats()
    observe_everywhere(stats)
    try:
        _run(program, arguments or [], as_module=as_module)
    finally:
        _tell(stats.totals(), output)


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):  # what is above it cannot be imported, or it is no name
        return False


def _run(program: str, arguments: Sequence[str], *, as_module: bool) -> None:
    sys.argv = [program, *arguments]
    if as_module:
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(program, run_name="__main__")


def _tell(totals: Sequence[HookTotals], output: Path | None) -> None:
    if output is not None:
        output.write_text(json.dumps([_facts(one) for one in totals], indent=2), "utf-8")
    elif totals:
        print_parts([Listing(headers=_HEADERS, rows=list(map(_row, totals)))], is_error=True)
    else:
        print_parts([plain("No hook of a plugin ran.", "dim")], is_error=True)


_HEADERS = ("Plugin", "Hook", "Model", "Calls", "Errors", "Too slow", "Seconds", "Longest")


def _row(total: HookTotals) -> Sequence[Text]:
    call = total.call
    slow = str(total.slow) if call.budget is not None else ""
    return (
        plain(call.plugin, "bold"),
        plain(call.hook),
        plain(call.model or ""),
        plain(str(total.calls)),
        plain(str(total.errors), "bold red" if total.errors else ""),
        plain(slow, "yellow" if total.slow else ""),
        plain(f"{total.seconds:.6f}"),
        plain(f"{total.longest:.6f}"),
    )


def _facts(total: HookTotals) -> dict[str, object]:
    call = total.call
    return {
        "plugin": call.plugin,
        "source": call.source,
        "hook": call.hook,
        "model": call.model,
        "budget": call.budget,
        "calls": total.calls,
        "errors": total.errors,
        "slow": total.slow,
        "seconds": total.seconds,
        "longest": total.longest,
    }
