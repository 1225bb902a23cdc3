"""Loads what the instances of a page refer to: one look-up for each reference and level."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from earnorm.fields import Reference, load_reference, target_of
from earnorm.queries import Dependents, load_dependents
from earnorm.typing import PrefetchPath, QueryRunner, Selection

__all__ = ["load_page"]

_AT_ONCE = 10_000  # ids in one look-up: MongoDB takes no query above 16 MiB

Tree = dict[tuple[str, ...], "Tree"]
"""The references to follow, and below each those to follow from there."""


async def load_page(
    instances: Sequence[object],
    paths: Collection[PrefetchPath],
    locate: Callable[[Any], QueryRunner],
) -> None:
    """Loads the references of `instances` along `paths`; `locate` gives the database of a model.

    What is loaded already is kept and followed. A document that is reached twice is one instance. An id
    that is not found leaves its reference unloaded.
    """
    await _Page(locate).load(instances, _tree(paths))


class _Page:
    """What was reached from the instances of one page, each document once."""

    def __init__(self, locate: Callable[[Any], QueryRunner]) -> None:
        self._locate = locate
        self._reached: dict[tuple[Any, Any], Any] = {}  # model and id -> instance; None: not found

    async def load(self, instances: Sequence[object], tree: Tree) -> None:
        for hop, below in tree.items():
            held = list(_held(instances, hop))
            references = [one for one in held if isinstance(one, Reference)]
            dependents = [one for one in held if isinstance(one, Dependents)]
            reached = [
                *await self._load_references(references),
                *await self._load_dependents(dependents),
            ]
            if below and reached:
                await self.load(list({id(one): one for one in reached}.values()), below)

    async def _load_references(self, references: Sequence[Reference[Any]]) -> list[Any]:
        by_model: dict[Any, list[Reference[Any]]] = {}
        for reference, model in _with_targets(references):
            by_model.setdefault(model, []).append(reference)
        for model, group in by_model.items():
            for one in group:
                if one.is_loaded:
                    self._reached[model, one.id] = one.loaded
            await self._find(model, [one.id for one in group])
            for one in group:
                if not one.is_loaded:
                    load_reference(one, self._reached[model, one.id])
        return [one.loaded for one in references if one.is_loaded]

    async def _find(self, model: Any, ids: Iterable[Any]) -> None:
        wanted = [one for one in dict.fromkeys(ids) if (model, one) not in self._reached]
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            by_id: Selection[Any] = Selection(model=model, filters=({"_id": {"$in": some}},))
            found = {one.id: one async for one in self._locate(model).fetch(by_id)}
            self._reached.update({(model, one): found.get(one) for one in some})

    async def _load_dependents(self, dependents: Sequence[Dependents[Any]]) -> list[Any]:
        # Models that inherit the declaration share a look-up, unless its name means another model there.
        by_source: dict[Any, list[Dependents[Any]]] = {}
        for one in dependents:
            source = one.declaration.find_source(type(one.instance))
            by_source.setdefault((one.declaration, source), []).append(one)
        reached = []
        for (declaration, _), group in by_source.items():
            reached += await self._find_dependents(declaration, type(group[0].instance), group)
        return reached

    async def _find_dependents(
        self, declaration: Any, model: Any, group: Sequence[Dependents[Any]]
    ) -> list[Any]:
        owners: dict[Any, Any] = {}
        for one in group:
            owner: Any = one.instance
            owners.setdefault(owner.id, owner)
        # Places in a tuple are passed over: whatever it holds is looked at.
        hop = tuple(part for part in declaration.field.split(".") if not part.isdigit())
        found: dict[Any, list[Any]] = {one: [] for one in owners}
        ids = list(owners)
        for start in range(0, len(ids), _AT_ONCE):
            selection = declaration.select(model, ids[start : start + _AT_ONCE])
            async for fresh in self._locate(selection.model).fetch(selection):
                source = self._reached.setdefault((selection.model, fresh.id), fresh) or fresh
                for owner_id in _led_back(source, hop, owners):
                    found[owner_id].append(source)
        for one in group:
            instance: Any = one.instance
            load_dependents(one, found[instance.id])
        return [source for sources in found.values() for source in sources]


def _tree(paths: Collection[PrefetchPath]) -> Tree:
    tree: Tree = {}
    for path in paths:
        branch = tree
        for hop in path:
            branch = branch.setdefault(hop, {})
    return tree


def _held(instances: Iterable[object], hop: tuple[str, ...]) -> Iterator[Any]:
    """What lies under these attributes, items of lists and values of dictionaries one by one."""
    values: Iterable[Any] = instances
    for name in hop:
        values = [below for one in values for below in _flattened(getattr(one, name, None))]
    return iter(values)


def _flattened(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _flattened(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _flattened(item)
    elif value is not None:
        yield value


def _with_targets(references: Iterable[Reference[Any]]) -> Iterator[tuple[Reference[Any], Any]]:
    targets: dict[int, Any] = {}
    for reference in references:
        field = id(reference._field)
        if field not in targets:
            targets[field] = target_of(reference)
        yield reference, targets[field]


def _led_back(source: Any, hop: tuple[str, ...], owners: dict[Any, Any]) -> list[Any]:
    """The ids of the owners that `source` refers to, each once; its references get them as loaded."""
    ids: dict[Any, None] = {}
    for reference in _held([source], hop):
        if isinstance(reference, Reference) and reference.id in owners:
            ids[reference.id] = None
            load_reference(reference, owners[reference.id])
    return list(ids)
