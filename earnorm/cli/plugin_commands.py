"""`earnorm plugins`: what is installed, what it is, and why a model has it."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from earnorm.cli.authoring_commands import check_distribution, make_plugin
from earnorm.cli.ending import AsJson, finish, load, refusal
from earnorm.cli.manifest_facts import describe_manifest
from earnorm.cli.manifest_parts import manifest_parts
from earnorm.cli.model_target import load_model
from earnorm.cli.plugin_facts import describe_plugins
from earnorm.cli.plugin_survey import known_plugins, survey
from earnorm.cli.printing import plain, print_facts, print_faults, print_parts
from earnorm.cli.stats_command import count_hooks
from earnorm.cli.tables import plugins_parts
from earnorm.cli.why_facts import WhyFacts, explain_plugins
from earnorm.cli.why_parts import why_parts
from earnorm.errors import EarnORMError, suggestion
from earnorm.metadata import Metadata
from earnorm.plugins.switches import IGNORED

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
        _refuse_absent(plugin, loaded.model.__metadata__, facts)
    if as_json:
        print_facts([fact for fact in facts if plugin in (None, fact.name)])
    elif facts:
        print_parts(why_parts(facts, plugin=plugin))
    else:
        print_parts([plain(f"{loaded.model.__metadata__.key} has no plugins.", "dim")])
    finish(loaded.faults)


def _refuse_absent(plugin: str, metadata: Metadata, facts: list[WhyFacts]) -> None:
    """Exits with 2 for a plugin that the model does not have."""
    names = [fact.name for fact in facts]
    if plugin in names:
        return
    known = f"It has: {', '.join(names)}." if names else "It has none."
    hint = suggestion(plugin, names)
    if plugin in metadata.options.get("plugins", ()):
        hint = f" It names it, and {IGNORED} takes it out."
    raise refusal(f"{metadata.key} does not have the plugin {plugin!r}.{hint} {known}")


plugins.command("new")(make_plugin)
plugins.command("check")(check_distribution)
plugins.command("stats", context_settings={"allow_interspersed_args": False})(count_hooks)
