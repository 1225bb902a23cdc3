"""The commands, their arguments and their exit codes."""

from importlib.metadata import version
from typing import Annotated

import typer

from earnorm.cli.faults import Fault
from earnorm.cli.model_facts import describe_models
from earnorm.cli.plugin_facts import describe_plugins
from earnorm.cli.printing import print_error, print_facts, print_faults, print_page
from earnorm.cli.tables import models_page, plugins_page
from earnorm.cli.target import LoadedTarget, TargetError, load_target

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_TARGET = (
    "A module or a package (shop.models), imported with all that is below it, or a registry in a "
    "module (shop.app:registry)."
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.callback()
def earnorm(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and exit.",
            is_eager=True,
            callback=lambda asked: _print_version() if asked else None,
        ),
    ] = False,
) -> None:
    """Looks at models and plugins. Nothing is written, and no database is opened."""


@app.command("models")
def list_models(
    target: Annotated[str, typer.Argument(metavar="TARGET", help=_TARGET)],
    as_json: AsJson = False,
) -> None:
    """Lists the models of TARGET: fields, indexes, plugins, references.

    Exits with 1 when a module or a reference is faulty, with 2 when there is no such TARGET.
    """
    loaded = _load(target)
    models = describe_models(loaded.models, loaded.registry)
    if as_json:
        print_facts(models)
    else:
        print_page(models_page(models, target))
    references = [
        Fault(subject=f"{model.key}.{relationship.field}", lines=(relationship.fault,))
        for model in models
        for relationship in model.relationships
        if relationship.fault
    ]
    _finish([*loaded.faults, *references])


@app.command("plugins")
def list_plugins(
    target: Annotated[str, typer.Argument(metavar="[TARGET]", help=_TARGET)] = "",
    as_json: AsJson = False,
) -> None:
    """Lists the installed plugins and what is wrong with them.

    With TARGET also those that it registers in its own process, and which models use which plugin.
    Exits with 1 when a plugin or a module is faulty, with 2 when there is no such TARGET.
    """
    loaded = _load(target) if target else None
    plugins = describe_plugins(loaded)
    if as_json:
        print_facts(plugins)
    else:
        print_page(plugins_page(plugins, with_models=loaded is not None))
    _finish(loaded.faults if loaded else (), is_faulty=any(plugin.fault for plugin in plugins))
