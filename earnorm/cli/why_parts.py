"""The reasons for the plugins of a model as people read them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from earnorm.cli.listing import facts_grid
from earnorm.cli.printing import plain
from earnorm.cli.why_facts import HookPlace, NamedBy, OrderReason, WhyFacts

__all__ = ["why_parts"]


def why_parts(facts: Sequence[WhyFacts], *, plugin: str | None) -> Iterator[RenderableType]:
    """A block for each plugin, or for the one that is asked for; then who runs in each hook."""
    implied = {fact.name for fact in facts if fact.required_by}
    for fact in facts:
        if plugin in (None, fact.name):
            yield _title(fact, len(facts))
            yield Padding(facts_grid(_facts(fact, implied)), (0, 0, 0, 3), expand=False)
            yield ""
    if plugin is None:
        yield from _hooks(facts)


def _title(fact: WhyFacts, number: int) -> Text:
    source = f"{fact.distribution} {fact.version}" if fact.distribution else "this process"
    place = plain(f"{fact.position:>{len(str(number))}}  ", "dim")
    return Text.assemble(place, plain(fact.name, "bold"), plain(f"  {source}", "dim"))


def _facts(fact: WhyFacts, implied: Collection[str]) -> Iterator[tuple[str, Text]]:
    yield "Enabled", _lines(_enabled(fact))
    yield "Order", _lines(_order(fact, implied))
    yield "Hooks", plain(", ".join(map(_hook, fact.hooks)))
    if fact.options is not None:
        given = (f"given by {_said(one)}" for one in fact.options.given_by)
        yield "Options", _lines([fact.options.value, *given])


def _enabled(fact: WhyFacts) -> Iterator[str]:
    if fact.by_registry:
        yield "given by the registry of the model to all of its models"
    for named in fact.named_by:
        inherits = f", which {fact.model} inherits" if named.inherited else ""
        yield f"named in Meta.plugins of {_said(named)}{inherits}"
    for required in fact.required_by:
        yield f"implied: {required.plugin} requires {fact.name} {required.versions}".rstrip()


def _said(named: NamedBy) -> str:
    return f"{named.model} ({named.where})" if named.where else named.model


def _order(fact: WhyFacts, implied: Collection[str]) -> Iterator[str]:
    if fact.position == 1:
        yield _first(fact)
    # A constraint says more than the order in which the two were given.
    declared = {reason.plugin for reason in fact.order if reason.declared_by}
    for reason in fact.order:
        if reason.declared_by or reason.plugin not in declared:
            yield f"behind {reason.plugin}: {_because(fact, reason, implied)}"


def _first(fact: WhyFacts) -> str:
    if not fact.as_given:
        return "first: what Meta.plugins has before it runs after others"
    if fact.required_by:
        return f"first: it stands before {fact.required_by[0].plugin}, which requires it"
    return "first in Meta.plugins"


def _because(fact: WhyFacts, reason: OrderReason, implied: Collection[str]) -> str:
    if reason.reason == "requires":
        return f"{fact.name} requires it"
    if reason.declared_by is not None:
        return f"{reason.declared_by} declares it in its '{reason.reason}'"
    if fact.name in implied:
        return f"it stands before {fact.required_by[0].plugin}, which requires it"
    place = ", where it stands before whoever requires it" if reason.plugin in implied else ""
    return f"the order of Meta.plugins{place}"


def _hook(place: HookPlace) -> str:
    if place.of == 1:
        return place.name
    mark = f"{place.mark}, " if place.mark else ""
    return f"{place.name} ({mark}{place.position} of {place.of})"


def _hooks(facts: Iterable[WhyFacts]) -> Iterator[RenderableType]:
    """The hooks in which more than one plugin runs."""
    chains: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for fact in facts:
        for place in fact.hooks:
            if place.of > 1:
                mark = f" ({place.mark})" if place.mark else ""
                chains[place.name].append((place.position, f"{fact.name}{mark}"))
    for hook, places in chains.items():
        chain = " -> ".join(text for _, text in sorted(places))
        yield Text.assemble(plain(hook, "bold"), plain(f": {chain}"))


def _lines(lines: Iterable[str]) -> Text:
    return Text("\n").join(map(plain, lines))
