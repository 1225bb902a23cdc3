"""The commands, their arguments and their exit codes."""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from earnorm.cli.check_command import check
from earnorm.cli.copy_command import copy
from earnorm.cli.ending import AsJson, finish, load, refusal
from earnorm.cli.faults import Fault
from earnorm.cli.graph_command import show_graph
from earnorm.cli.index_commands import indexes
from earnorm.cli.model_facts import describe_models, reference_faults
from earnorm.cli.plugin_commands import plugins
from earnorm.cli.printing import plain, print_error, print_facts, print_parts
from earnorm.cli.registry_commands import registry
from earnorm.cli.registry_files import export_command, import_command
from earnorm.cli.registry_upkeep import fold, prune, size, usage
from earnorm.cli.schema_command import show_schema
from earnorm.cli.store_commands import backup, compact, doctor
from earnorm.cli.stubs import plan_stubs, shield_from_stubs, write_stubs
from earnorm.cli.tables import models_parts
from earnorm.cli.target import TargetError
from earnorm.errors import EarnORMError

__all__ = ["app", "start"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(indexes, name="indexes")
app.add_typer(plugins, name="plugins")
app.add_typer(registry, name="registry")
app.command("graph")(show_graph)
registry.command("export")(export_command)
registry.command("import")(import_command)
for upkeep in (size, usage, prune, fold):
    registry.command()(upkeep)
app.command("schema")(show_schema)
for command in (check, doctor, copy, backup, compact):
    app.command()(command)


def start() -> None:
    """Runs the command of this process; an error of ours that no command expected ends it with a sentence, and with 2."""
    try:
        app(prog_name="earnorm")
    except EarnORMError as error:
        print_error("\n".join([str(error), *getattr(error, "__notes__", ())]))
        sys.exit(2)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"earnorm {version('earnorm')}")
        raise typer.Exit


_TARGET = (
    "A module or a package (shop.models), imported with everything below it, or a registry in a "
    "module (shop.app:registry)."
)
_MODULE = "A module or a package (shop.models), imported with everything below it."
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where to write, instead of _earnorm_types.py in TARGET.",
    ),
]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit with 1 when the file is out of date.")
]
Version = Annotated[
    bool,
    typer.Option(
        "--version", is_eager=True, callback=_print_version, help="Print the version and exit."
    ),
]


@app.callback()
def look(version: Version = False) -> None:
    """Looks at models and plugins, and looks after their indexes, and stores."""


@app.command("models")
def list_models(
    target: Annotated[str, typer.Argument(metavar="TARGET", help=_TARGET)],
    as_json: AsJson = False,
) -> None:
    """Lists the models of TARGET: their fields, indexes, plugins and references.

    Exits with 1 when a module or a reference is faulty, and with 2 when there is no such TARGET.
    """
    loaded = load(target)
    models = describe_models(loaded)
    if as_json:
        print_facts(models)
    else:
        print_parts(models_parts(models, target, loaded.others))
    finish([*loaded.faults, *reference_faults(models)])


@app.command("stubs")
def make_stubs(
    target: Annotated[str, typer.Argument(metavar="TARGET", help=_MODULE)],
    output: Output = None,
    check: Check = False,
) -> None:
    """Writes the exact constructors of the models of TARGET, for type checkers.

    Exits with 1 when a module is faulty, or with --check when the file is out of date; with 2 when
    there is no such TARGET, when it has no models, or when the file cannot be written.
    """
    _refuse_registry(target)
    shield_from_stubs(target)
    finish(load(target).faults)
    try:
        stubs = plan_stubs(target, output)
        is_old = not stubs.is_current
        if is_old and not check:
            write_stubs(stubs)
    except TargetError as error:
        raise refusal(str(error)) from error
    except OSError as error:
        raise refusal(f"{error.filename} cannot be used: {error.strerror}.") from error
    if is_old and check:
        finish([Fault(subject=f"{stubs.name} is out of date", lines=(f"Run: {stubs.command}",))])
    print_parts([plain(f"{stubs.name} {'was written' if is_old else 'is up to date'}.")])


def _refuse_registry(target: str) -> None:
    name, colon, _ = target.partition(":")
    if colon:
        raise refusal(
            f"{target} names a registry, and classes are made from modules. Name {name} alone."
        )
