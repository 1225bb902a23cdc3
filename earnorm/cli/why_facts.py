"""Why a model has a plugin, and why it runs where it runs: plain values, the same for people and for JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from earnorm.metadata import Metadata
from earnorm.model_registry import Model
from earnorm.model_registry.explanation import explain_option
from earnorm.plugins import HOOKS, Constraint, Placement, Plan, explain_order

__all__ = [
    "HookPlace",
    "NamedBy",
    "OptionsGiven",
    "OrderReason",
    "RequiredBy",
    "WhyFacts",
    "explain_plugins",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedBy:
    """The class whose `Meta` says it, with file and line; `inherited` when that is not the model itself."""

    model: str
    where: str | None
    inherited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredBy:
    """A plugin of the model that requires this one, in these versions."""

    plugin: str
    versions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReason:
    """The plugin runs behind `plugin`: because `declared_by` says so in its `reason`, or as `given`.

    `given` is the order of `Meta.plugins`, in which an implied plugin stands directly before the first that requires
    it; `declared_by` is None then.
    """

    plugin: str
    reason: str
    declared_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HookPlace:
    """A hook that it implements: its place among the implementations, and the mark that moved it there, if any."""

    name: str
    position: int
    of: int
    mark: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsGiven:
    """The options that it runs with on this model, as Python writes them, and the classes that gave some."""

    value: str
    given_by: tuple[NamedBy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyFacts:
    """One plugin of one model.

    `by_registry` says that the home registry gives it to every model. `required_by` is who implies it, and empty where
    the model names it. `as_given` says that it is first, or behind the one directly before it, as `Meta.plugins` has it. `order` holds why
    it runs behind others: behind the one directly before it, and behind each that a declaration puts there.
    """

    model: str
    name: str
    distribution: str | None
    version: str | None
    position: int
    by_registry: bool
    named_by: tuple[NamedBy, ...]
    required_by: tuple[RequiredBy, ...]
    as_given: bool
    order: tuple[OrderReason, ...]
    hooks: tuple[HookPlace, ...]
    options: OptionsGiven | None


def explain_plugins(model: type[Model]) -> list[WhyFacts]:
    """The plugins of the model in the order in which they run, each with its reasons."""
    metadata, plans = model.__metadata__, model.__plans__
    names = [*metadata.registry_plugins, *metadata.options.get("plugins", ())]
    placements = explain_order(names, plans.plugins, model=metadata.key)
    chains = {hook: getattr(plans, hook) for hook in HOOKS}
    return [
        WhyFacts(
            model=metadata.key,
            name=placement.plugin.name,
            distribution=placement.plugin.info.distribution,
            version=placement.plugin.info.version,
            position=position,
            by_registry=placement.plugin.name in metadata.registry_plugins,
            named_by=tuple(_named_by(metadata, placement.plugin.name)),
            required_by=tuple(_required_by(metadata, placements, placement.plugin.name)),
            as_given=placement.is_as_given,
            order=tuple(_order(placement)),
            hooks=tuple(
                place
                for hook, plan in chains.items()
                for place in _places(hook, plan, placement.plugin.name)
            ),
            options=_options(metadata, placement.plugin.name),
        )
        for position, placement in enumerate(placements, 1)
    ]


def _named_by(metadata: Metadata, name: str) -> Iterator[NamedBy]:
    for origin in explain_option(metadata, "plugins").origins:
        if origin.value == name:
            yield _said(metadata, origin.given_by, origin.where)


def _said(metadata: Metadata, model: str, where: str | None) -> NamedBy:
    return NamedBy(model=model, where=where, inherited=model != metadata.key)


def _required_by(
    metadata: Metadata, placements: Sequence[Placement], name: str
) -> Iterator[RequiredBy]:
    plugins = {placement.plugin.name: placement.plugin for placement in placements}
    for other in metadata.implied_plugins.get(name, ()):
        yield RequiredBy(plugin=other, versions=str(plugins[other].manifest.requires[name]))


def _order(placement: Placement) -> Iterator[OrderReason]:
    if placement.previous is not None and placement.is_as_given:
        yield OrderReason(plugin=placement.previous, reason="given", declared_by=None)
    yield from map(_declared, placement.constraints)


def _declared(constraint: Constraint) -> OrderReason:
    return OrderReason(
        plugin=constraint.earlier, reason=constraint.attribute, declared_by=constraint.declared_by
    )


def _places(hook: str, plan: Plan, name: str) -> Iterator[HookPlace]:
    for position, implementation in enumerate(plan.implementations, 1):
        if implementation.plugin == name:
            number = len(plan.implementations)
            yield HookPlace(name=hook, position=position, of=number, mark=implementation.mark)


def _options(metadata: Metadata, name: str) -> OptionsGiven | None:
    if name not in metadata.plugin_options:
        return None
    origins = explain_option(metadata, "plugin_options").origins
    given = (
        _said(metadata, origin.given_by, origin.where) for origin in origins if name in origin.value
    )
    return OptionsGiven(value=repr(metadata.plugin_options[name]), given_by=tuple(given))
