"""Facts as people read them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from earnorm.cli.faults import Fault
from earnorm.cli.listing import Listing
from earnorm.cli.model_facts import ModelFacts, RelationshipFacts
from earnorm.cli.plugin_facts import PluginFacts
from earnorm.cli.printing import fault_parts, plain
from earnorm.plugins import GROUP, PluginInfo
from earnorm.typing import Index

__all__ = ["models_parts", "plugins_parts"]

_MODEL = ("Model", "Collection", "Fields", "Indexes", "Plugins", "References")
_PLUGIN = ("Plugin", "Distribution", "Version", "Hooks", "Models")


def models_parts(
    models: Sequence[ModelFacts], target: str, others: Sequence[str]
) -> Iterator[RenderableType]:
    """One row for each model, how many there are, and which other registries could be listed."""
    if models:
        yield Listing(headers=_MODEL, rows=[tuple(_model_row(model)) for model in models])
        yield ""
    yield plain(f"{_count(len(models), 'model')} in {target}", "dim")
    if not models:
        yield plain(
            "Models are found where they are defined: name the package that holds them.", "dim"
        )
    if others:
        yield plain(f"Registries of their own, listed by name: {', '.join(others)}", "dim")


def plugins_parts(plugins: Sequence[PluginFacts]) -> Iterator[RenderableType]:
    """One row for each plugin, then every fault in full, and how many there are."""
    if plugins:
        rows = [tuple(_plugin_row(plugin)) for plugin in plugins]
        yield Listing(headers=_PLUGIN[: len(rows[0])], rows=rows)
        yield ""
    # Two distributions that advertise one name share a fault.
    for fault in dict.fromkeys(plugin.fault for plugin in plugins if plugin.fault):
        yield from fault_parts(Fault(subject=fault))
        yield ""
    faulty = sum(plugin.fault is not None for plugin in plugins)
    count = _count(len(plugins), "plugin")
    yield plain(f"{count}, {faulty} of them faulty" if faulty else count, "dim")
    if not plugins:
        yield plain(f"A plugin is installed with pip; it advertises itself under {GROUP!r}.", "dim")


def _model_row(model: ModelFacts) -> Iterator[Text]:
    names = {field.stored_name: field.name for field in model.fields}
    yield _key(model.key)
    yield plain(model.collection)
    yield plain(str(len(model.fields)))
    yield _lines(_index(index, names) for index in model.indexes)
    yield _lines(_plugin(plugin) for plugin in model.plugins)
    yield _lines(_reference(relationship) for relationship in model.relationships)


def _plugin_row(plugin: PluginFacts) -> Iterator[Text]:
    yield plain(plugin.name, "bold")
    yield plain(plugin.distribution) if plugin.distribution else _no_distribution(plugin)
    yield plain(plugin.version or "")
    yield plain("faulty, see below", "red") if plugin.fault else _lines(map(plain, plugin.hooks))
    if plugin.models is not None:
        yield _lines(map(_key, plugin.models))


def _no_distribution(plugin: PluginFacts) -> Text:
    # What is installed and has no metadata is faulty.
    return plain("unknown" if plugin.fault else "this process", "dim")


def _key(key: str) -> Text:
    module, dot, name = key.rpartition(".")
    return Text.assemble(plain(f"{module}{dot}", "dim"), plain(name, "bold"))


def _index(index: Index, names: Mapping[str, str]) -> Text:
    """The index under the names that the author wrote."""
    fields = (_named(path, names) + " desc" * (order < 0) for path, order in index.fields)
    limits = ["unique"] if index.unique else []
    for path, value in (index.partial or {}).items():
        limits.append(f"where {_named(path, names)} is {value!r}")
    return Text.assemble(plain(", ".join(fields)), _marks(limits, "green"))


def _named(path: str, names: Mapping[str, str]) -> str:
    head, dot, rest = path.partition(".")
    return f"{names.get(head, head)}{dot}{rest}"


def _plugin(info: PluginInfo) -> Text:
    return Text.assemble(plain(info.name), plain(f" {info.version or '(this process)'}", "dim"))


def _reference(relationship: RelationshipFacts) -> Text:
    marks = ["many"] if relationship.many else []
    marks += [relationship.on_delete] if relationship.on_delete != "none" else []
    marks += ["pending"] if relationship.pending else []
    marks += ["ambiguous"] if relationship.fault else []
    target = plain(relationship.target)
    return Text.assemble(
        plain(relationship.field), (" -> ", "dim"), target, _marks(marks, "yellow")
    )


def _marks(marks: Sequence[str], style: str) -> Text:
    return plain(f" ({', '.join(marks)})" if marks else "", style)


def _lines(lines: Iterable[Text]) -> Text:
    return Text("\n").join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
