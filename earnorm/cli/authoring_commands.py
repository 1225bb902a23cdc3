"""`earnorm plugins new` and `check`: for those who write plugins."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from earnorm.cli.distribution_checks import packages_of
from earnorm.cli.ending import AsJson, finish, refusal
from earnorm.cli.findings import findings_parts
from earnorm.cli.plugin_checks import distributions_with_plugins, examine_plugins, plugins_of
from earnorm.cli.plugin_survey import SeenPlugin
from earnorm.cli.printing import plain, print_facts, print_parts
from earnorm.cli.scaffold import Scaffold, ScaffoldError, plan_scaffold, write_scaffold
from earnorm.cli.suite_run import examine_by_suite, missing_for_suite
from earnorm.errors import EarnORMError, suggestion
from earnorm.metadata import Finding

__all__ = ["check_distribution", "make_plugin"]

Distribution = Annotated[
    str, typer.Argument(metavar="NAME", help="The name of the distribution, such as acme-ledger.")
]
PluginName = Annotated[
    str | None,
    typer.Option(
        "--plugin", metavar="NAME", help="What models write, if not the rest of the name."
    ),
]
Parent = Annotated[
    Path, typer.Option("--directory", "-d", metavar="DIR", help="Where to make it, if not here.")
]
Checked = Annotated[
    str, typer.Argument(metavar="DIST", help="The name of the distribution, as pip has it.")
]
Against = Annotated[
    Path | None,
    typer.Option("--against", metavar="WHEEL", help="An older version, to find what broke since."),
]

Suite = Annotated[
    bool, typer.Option("--suite", help="Also run the suite for plugins on a model of its own.")
]


def make_plugin(
    distribution: Distribution, plugin: PluginName = None, directory: Parent = Path()
) -> None:
    """Makes a directory with a new distribution: a plugin that works, its tests, and all that publishing needs.

    Exits with 2 when the name cannot be one or is taken, when the directory exists, or cannot be written.
    """
    try:
        scaffold = plan_scaffold(distribution, plugin=plugin, parent=directory)
        write_scaffold(scaffold)
    except ScaffoldError as error:
        raise refusal(str(error)) from error
    except OSError as error:
        raise refusal(f"{error.filename} cannot be written: {error.strerror}.") from error
    print_parts(_made(scaffold))


def check_distribution(
    distribution: Checked,
    against: Against = None,
    suite: Suite = False,
    as_json: AsJson = False,
) -> None:
    """Checks the plugins of an installed distribution, and what its metadata tells pip and people.

    Exits with 1 when an error is found, and with 2 when no such distribution with plugins is installed, WHEEL cannot be
    compared with it, or the suite cannot run.
    """
    found = plugins_of(distribution)
    if not found:
        hint = suggestion(distribution, distributions_with_plugins())
        remedy = "Install it with pip, and see to its entry points under 'earnorm.plugins'."
        raise refusal(f"no distribution {distribution!r} with plugins is installed.{hint} {remedy}")
    if suite and (missing := missing_for_suite()):
        raise refusal(f"--suite needs more. Install it with: pip install {' '.join(missing)}")
    findings = examine_plugins(found)
    if against is not None:
        findings += _changes(against, found)
    if suite:
        findings += examine_by_suite(found)
    if as_json:
        print_facts(findings)
    else:
        print_parts(findings_parts(findings))
    finish((), is_faulty=any(finding.level == "error" for finding in findings))


def _made(scaffold: Scaffold) -> Iterator[RenderableType]:
    yield plain(f"{scaffold.directory} was made, with the plugin {scaffold.plugin!r}:")
    for name in scaffold.files:
        yield plain(f"  {name}", "dim")
    yield plain("To begin:")
    for command in (
        f"cd {shlex.quote(str(scaffold.directory))}",
        "python -m pip install --editable . --group dev",
        "python -m pytest",
    ):
        yield plain(f"  {command}")
    yield plain("--group needs pip 25.1 or later: python -m pip install --upgrade pip", "dim")


def _changes(wheel: Path, found: Sequence[SeenPlugin]) -> list[Finding]:
    """What broke since the wheel; exits with 2 when that cannot be told."""
    try:
        from earnorm.cli.api_changes import examine_changes  # noqa: PLC0415 # griffe is optional
    except ModuleNotFoundError as error:
        if error.name != "griffe":
            raise
        raise refusal(
            "--against needs the extra 'check'. Install it with: pip install 'earnorm[check]'"
        ) from error
    info, packages = found[0].info, packages_of(found).values()
    try:
        return examine_changes(
            wheel,
            distribution=info.distribution or "",
            version=info.version or "",
            packages=[place for places in packages for place in places],
        )
    except EarnORMError as error:
        raise refusal(str(error)) from error
