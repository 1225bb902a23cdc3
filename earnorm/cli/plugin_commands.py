"""`earnorm plugins`: what is installed, what it is, and why a model has it."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from earnorm.cli.ending import AsJson, finish, load, refusal
from earnorm.cli.manifest_facts import describe_manifest
from earnorm.cli.manifest_parts import manifest_parts
from earnorm.cli.plugin_facts import describe_plugins
from earnorm.cli.plugin_survey import known_plugins, survey
from earnorm.cli.printing import print_facts, print_parts
from earnorm.cli.tables import plugins_parts
from earnorm.errors import suggestion

__all__ = ["plugins"]

_TARGET = (
    "A module or a package (shop.models), imported with everything below it, or a registry in a "
    "module (shop.app:registry)."
)
Target = Annotated[str | None, typer.Argument(metavar="TARGET", help=_TARGET)]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What models write in Meta.plugins.")]


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
