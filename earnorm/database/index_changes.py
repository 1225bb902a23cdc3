"""What models declare of indexes, held against what a store has."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from earnorm.errors import IndexConflictError
from earnorm.stores.index_forms import same_definition
from earnorm.typing import Index

__all__ = ["IndexChange", "collection_of", "compare_indexes", "declared_indexes", "describe_index"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChange:
    """A difference between what models declare and what the store has.

    `missing`: declared and not there. `changed`: there under the same name with another definition,
    `stored`. `extra`: there, and declared by no registered model.
    """

    kind: Literal["missing", "changed", "extra"]
    collection: str
    index: Index
    stored: Index | None = None


def declared_indexes(models: Iterable[Any]) -> dict[str, list[Index]]:
    """What the models declare, by collection; raises `IndexConflictError` when two contradict each other."""
    declared: dict[str, dict[str, tuple[Index, Any]]] = {}
    for model in models:
        wanted = declared.setdefault(collection_of(model), {})
        for index in model.__metadata__.indexes:
            earlier, other = wanted.setdefault(index.name, (index, model))
            if not same_definition(earlier, index):
                raise _contradiction(earlier, other, index, model)
    return {
        collection: [index for index, _ in wanted.values()]
        for collection, wanted in declared.items()
    }


def compare_indexes(
    collection: str, declared: Iterable[Index], stored: Iterable[Index]
) -> list[IndexChange]:
    """The differences: what is missing and changed in the order of declaration, then what is extra."""
    present = {index.name: index for index in stored}
    wanted = {index.name: index for index in declared}
    changes = []
    for name, index in wanted.items():
        if name not in present:
            changes.append(IndexChange(kind="missing", collection=collection, index=index))
        elif not _is_in_step(present[name], index):
            changes.append(
                IndexChange(
                    kind="changed", collection=collection, index=index, stored=present[name]
                )
            )
    changes += [
        IndexChange(kind="extra", collection=collection, index=index)
        for name, index in present.items()
        if name not in wanted
    ]
    return changes


def collection_of(model: Any) -> str:
    """Where the documents of a model are kept."""
    collection: str = model.__metadata__.collection
    return collection


def describe_index(index: Index | None) -> str:
    """The fields and the options of an index, in a few words."""
    if index is None:
        return "nothing"
    options = [name for name in ("unique", "sparse") if getattr(index, name)]
    if index.partial:
        options.append(f"partial {dict(index.partial)!r}")
    if index.expire_after is not None:
        options.append(f"expiring after {index.expire_after:g} seconds")
    if index.collation:
        options.append(f"collation {dict(index.collation)!r}")
    return ", ".join([repr(list(index.fields)), *options])


def _is_in_step(stored: Index, declared: Index) -> bool:
    if stored.inherits_collation and declared.collation is None:
        stored = replace(stored, collation=None)  # made of this declaration, it has that collation
    return same_definition(stored, declared)


def _contradiction(earlier: Index, other: Any, index: Index, model: Any) -> IndexConflictError:
    collection = collection_of(model)
    fault = (
        f"{other.__metadata__.key} and {model.__metadata__.key} share the collection {collection!r}, and "
        f"declare two different indexes called {index.name!r}: {describe_index(earlier)}, and "
        f"{describe_index(index)}. Give one of them a name of its own ('name': '...'), or declare the same."
    )
    return IndexConflictError(fault, collection=collection, index=index.name)
