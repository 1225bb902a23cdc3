"""What a delete reaches: those that refer to its documents, those that refer to them, and so on."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from earnorm.database.kinds import plugins_below
from earnorm.database.replacement import find_replacement, is_replaced
from earnorm.database.rules import Level, Place, Rule, by_kind, find_rules, kinds_of
from earnorm.errors import UpdateError
from earnorm.fields import OnDelete
from earnorm.typing import MutableDocument, Selection

__all__ = ["MOST_PASSES", "Closure", "too_many_writers"]

MOST_PASSES = 20
"""How often to look again for documents that other writers add meanwhile."""

_MOST_SEEN = 100_000  # ids that a check remembers, so that it reads no document twice

Identity = tuple[Place, str, Any]
"""A document anywhere: its database, its collection and its id."""


class Closure:
    """The documents of some selections, which are deleted together, and what cascades from them."""

    def __init__(self, selections: Sequence[Selection[Any]], place: Place) -> None:
        self._selections = selections
        self._place = place
        self._under_way: set[Identity] = set()
        self._seen: dict[Identity, None] = {}
        self._found_rules: dict[tuple[Any, Place, OnDelete], list[Rule]] = {}

    async def roots(self, selection: Selection[Any]) -> AsyncGenerator[Level, None]:
        """The documents of one of the selections, batch by batch."""
        batches = self._place.reads.fetch_documents(selection)
        async with aclosing(batches):
            async for documents in batches:
                yield Level(model=selection.model, ids=ids_of(documents), place=self._place)

    async def levels(self, root: Level, *, checking: bool) -> AsyncGenerator[Level, None]:
        """The root and what cascades from it, each after all that depend on it.

        `checking` leaves out what no "restrict" can be reached from, and what was seen already. The stack is
        its own, since documents may be chained deeper than functions can be nested.
        """
        stack: list[tuple[Level, AsyncGenerator[Level, None]]] = []
        below: Level | None = root
        try:
            while below is not None or stack:
                if below is not None:
                    self._under_way |= _identities(below)
                    stack.append((below, self._dependents(below, checking=checking)))
                level, dependents = stack[-1]
                below = await anext(dependents, None)
                if below is None:
                    yield level
                    self._under_way -= _identities(level)
                    stack.pop()
        finally:
            for _, dependents in reversed(stack):
                await dependents.aclose()

    async def referring(
        self, rule: Rule, level: Level
    ) -> AsyncGenerator[list[MutableDocument], None]:
        """Those that refer to the level by the rule, and are not being deleted themselves."""
        collection = rule.model.__metadata__.collection
        batches = rule.referring(level.ids, widened=_widened(rule))
        async with aclosing(batches):
            async for documents in batches:
                ids = ids_of(documents)
                inside = {one for one in ids if (rule.place, collection, one) in self._under_way}
                inside |= await self._selected(rule, ids)
                outside = [one for one in documents if one["_id"] not in inside]
                if outside:
                    yield outside

    def rules(self, level: Level, on_delete: OnDelete) -> list[Rule]:
        """The rules for references to the level; none for documents that stay where they are."""
        return [] if level.is_kept else self._rules_of(level.model, level.place, on_delete)

    def leads_to_restrict(self, model: Any, place: Place) -> bool:
        """Whether a "restrict" can forbid the delete of such documents, or of what cascades from them."""
        passed: set[Any] = set()
        ahead = [(model, place)]
        while ahead:
            one = ahead.pop()
            if one in passed:
                continue
            passed.add(one)
            if self._rules_of(*one, "restrict"):
                return True
            for rule in self._rules_of(*one, "cascade"):
                kinds = [kind for kind in kinds_of(rule.model) if not is_replaced(kind)]
                ahead += [(kind, rule.place) for kind in kinds]
        return False

    async def _dependents(self, level: Level, *, checking: bool) -> AsyncGenerator[Level, None]:
        """What a cascade takes with the level, batch by batch."""
        for rule in self.rules(level, "cascade"):
            for _ in range(MOST_PASSES):
                found = False
                batches = self.referring(rule, level)
                async with aclosing(batches):
                    async for documents in batches:
                        for below in self._levels_of(rule, documents, checking=checking):
                            # What is only marked would be found again and again.
                            found = found or not below.is_kept
                            yield below
                if checking or not found:
                    break
            else:
                raise too_many_writers(level)

    def _levels_of(
        self, rule: Rule, documents: Iterable[MutableDocument], *, checking: bool
    ) -> list[Level]:
        levels = []
        for kind, own in by_kind(rule.model, documents).items():
            is_kept = is_replaced(kind)
            ids = ids_of(own)
            if checking:
                is_idle = is_kept or not self.leads_to_restrict(kind, rule.place)
                ids = frozenset() if is_idle else self._unseen(rule, ids)
            if ids:
                levels.append(Level(model=kind, ids=ids, place=rule.place, is_kept=is_kept))
        return levels

    def _unseen(self, rule: Rule, ids: frozenset[Any]) -> frozenset[Any]:
        collection = rule.model.__metadata__.collection
        fresh = frozenset(one for one in ids if (rule.place, collection, one) not in self._seen)
        self._seen.update(dict.fromkeys((rule.place, collection, one) for one in fresh))
        while len(self._seen) > _MOST_SEEN:
            del self._seen[next(iter(self._seen))]
        return fresh

    async def _selected(self, rule: Rule, ids: frozenset[Any]) -> set[Any]:
        """Which of these are deleted anyway, because a selection has them."""
        found: set[Any] = set()
        for selection in self._selections:
            own = selection.model.__metadata__.collection
            if rule.place is not self._place or rule.model.__metadata__.collection != own:
                continue
            async for documents in self._place.reads.fetch_documents(narrowed(selection, ids)):
                found |= ids_of(documents)
        return found

    def _rules_of(self, model: Any, place: Place, on_delete: OnDelete) -> list[Rule]:
        key = (model, place, on_delete)
        if key not in self._found_rules:
            self._found_rules[key] = find_rules(model, place, on_delete)
        return self._found_rules[key]


def narrowed(selection: Selection[Any], ids: Iterable[Any]) -> Selection[Any]:
    """The selection's documents with these ids."""
    by_id = {"_id": {"$in": list(ids)}}
    return replace(selection, filters=(*selection.filters, by_id))


def ids_of(documents: Iterable[MutableDocument]) -> frozenset[Any]:
    """The ids of these documents."""
    return frozenset(document["_id"] for document in documents)


def too_many_writers(level: Level) -> UpdateError:
    """The error for a delete that others kept from coming to its end."""
    return UpdateError(
        f"{level.model.__metadata__.key}: other writers kept adding references to documents that are being "
        "deleted. Nothing refers to what is gone already; try again."
    )


def _widened(rule: Rule) -> frozenset[str]:
    """A rule sees what plugins hide; a cascade leaves alone what is marked as deleted already."""
    if rule.path.field.on_delete != "cascade":
        return frozenset(plugins_below(rule.model))
    replacements = [find_replacement(kind, kind.__plans__) for kind in kinds_of(rule.model)]
    marking = {one.plugin for one in replacements if one is not None}
    return frozenset(plugins_below(rule.model)) - marking


def _identities(level: Level) -> set[Identity]:
    collection = level.model.__metadata__.collection
    return {(level.place, collection, one) for one in level.ids}
