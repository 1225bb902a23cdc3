"""`earnorm plugins`: what is installed, what it is, and why a model has it."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from typer.core import TyperGroup

from earnorm.cli.ending import AsJson, finish, load, refusal
from earnorm.cli.findings import findings_parts
from earnorm.cli.manifest_facts import describe_manifest
from earnorm.cli.manifest_parts import manifest_parts
from earnorm.cli.model_target import load_model
from earnorm.cli.plugin_checks import distributions_with_plugins, examine_distribution
from earnorm.cli.plugin_facts import describe_plugins
from earnorm.cli.plugin_survey import known_plugins, survey
from earnorm.cli.printing import plain, print_facts, print_faults, print_parts
from earnorm.cli.scaffold import Scaffold, ScaffoldError, plan_scaffold, write_scaffold
from earnorm.cli.tables import plugins_parts
from earnorm.cli.why_facts import WhyFacts, explain_plugins
from earnorm.cli.why_parts import why_parts
from earnorm.errors import EarnORMError, suggestion

__all__ = ["plugins"]

_TARGET = (
    "A module or a package (shop.models), imported with everything below it, or a registry in a "
    "module (shop.app:registry)."
)
Target = Annotated[str | None, typer.Argument(metavar="TARGET", help=_TARGET)]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What models write in Meta.plugins.")]
Key = Annotated[str, typer.Argument(metavar="MODEL", help="A model, as `earnorm models` lists it.")]
Plugin = Annotated[str | None, typer.Argument(metavar="PLUGIN", help="Only this one.")]
Models = Annotated[
    str | None,
    typer.Option("--models", metavar="TARGET", help="Where MODEL is; its bare name will do then."),
]
Distribution = Annotated[
    str, typer.Argument(metavar="NAME", help="The name of the distribution, such as acme-audit.")
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


class _ListsByItself(TyperGroup):
    """`earnorm plugins` without a command is `earnorm plugins list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Says which command is meant where none is named."""
        is_named = args and (args[0] in self.get_help_option_names(ctx) or args[0][:1] != "-")
        return super().parse_args(ctx, args if is_named else ["list", *args])


plugins = typer.Typer(
    cls=_ListsByItself,
    help="Lists the installed plugins, shows one of them, or says why a model has it.",
)


@plugins.command("list")
def list_plugins(target: Target = None, as_json: AsJson = False) -> None:
    """Lists the installed plugins, the hooks that they implement, and what is wrong with them.

    With TARGET also the plugins that it registers in its own process, and the models that use each.

    Exits with 1 when a plugin or a module is faulty, and with 2 when there is no such TARGET.
    """
    loaded = load(target) if target is not None else None
    found = describe_plugins(loaded)
    if as_json:
        print_facts(found)
    else:
        print_parts(plugins_parts(found))
    finish(loaded.faults if loaded else (), is_faulty=any(plugin.fault for plugin in found))


@plugins.command("show")
def show_plugin(name: Name, target: Target = None, as_json: AsJson = False) -> None:
    """Shows one plugin: what it declares, the hooks, fields and options that it has, and where its code is.

    With TARGET also a plugin that it registers in its own process. No other plugin is imported.

    Exits with 1 when the plugin or a module is faulty, and with 2 when there is no such plugin or TARGET.
    """
    loaded = load(target) if target is not None else None
    found = [describe_manifest(seen) for seen in survey(loaded, names=[name])]
    if not found:
        hint = suggestion(name, known_plugins(loaded))
        remedy = "`earnorm plugins` lists all that are installed."
        raise refusal(f"no plugin is called {name!r}.{hint} {remedy}")
    if as_json:
        print_facts(found)
    else:
        print_parts(manifest_parts(found))
    finish(loaded.faults if loaded else (), is_faulty=any(plugin.fault for plugin in found))


@plugins.command("why")
def explain_model(
    key: Key, plugin: Plugin = None, models: Models = None, as_json: AsJson = False
) -> None:
    """Says why MODEL has its plugins, or the one that is named, and why they run in their order.

    Exits with 1 when a module is faulty, and with 2 when there is no such MODEL, or it has no such plugin.
    """
    try:
        loaded = load_model(key, models)
    except EarnORMError as error:
        raise refusal(str(error)) from error
    if loaded.model is None:
        print_faults(loaded.faults)
        raise refusal(f"{key} is not found, as modules could not be imported.")
    facts = explain_plugins(loaded.model)
    if plugin is not None:
        _refuse_absent(plugin, loaded.model.__metadata__.key, facts)
    if as_json:
        print_facts([fact for fact in facts if plugin in (None, fact.name)])
    elif facts:
        print_parts(why_parts(facts, plugin=plugin))
    else:
        print_parts([plain(f"{loaded.model.__metadata__.key} has no plugins.", "dim")])
    finish(loaded.faults)


def _refuse_absent(plugin: str, model: str, facts: list[WhyFacts]) -> None:
    """Exits with 2 for a plugin that the model does not have."""
    names = [fact.name for fact in facts]
    if plugin not in names:
        known = f"It has: {', '.join(names)}." if names else "It has none."
        hint = suggestion(plugin, names)
        raise refusal(f"{model} does not have the plugin {plugin!r}.{hint} {known}")


@plugins.command("new")
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


@plugins.command("check")
def check_distribution(distribution: Checked, as_json: AsJson = False) -> None:
    """Checks the plugins of an installed distribution, and what its metadata tells pip and people.

    Exits with 1 when an error is found, and with 2 when no such distribution with plugins is installed.
    """
    findings = examine_distribution(distribution)
    if not findings:
        hint = suggestion(distribution, distributions_with_plugins())
        remedy = "Install it with pip, and see to its entry points under 'earnorm.plugins'."
        raise refusal(f"no distribution {distribution!r} with plugins is installed.{hint} {remedy}")
    if as_json:
        print_facts(findings)
    else:
        print_parts(findings_parts(findings))
    finish((), is_faulty=any(finding.level == "error" for finding in findings))
