"""Updates by the stages of an aggregation, as alterations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bson import ObjectId

from earnorm.stores.documents import (
    normalized_filter,
    split_path,
    upsert_document,
    write_error,
)
from earnorm.stores.documents.equalities import equalities
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.places import change_at
from earnorm.stores.documents.shaping.update_pipeline import compile_update_pipeline
from earnorm.typing import Document, MutableDocument

__all__ = ["compile_stages", "upserted_by_stages"]

Apply = Callable[[Document], MutableDocument]


def compile_stages(stages: Sequence[Document], array_filters: Sequence[Document]) -> Apply:
    """What gives the updated document; raises PyMongo's `WriteError` for what is no such update."""
    if array_filters:
        raise write_error("arrayFilters are for updates by operators, not by stages.", 9)
    return compile_update_pipeline(stages)


def upserted_by_stages(filter: Document, apply: Apply, key_of: KeyOf) -> MutableDocument:
    """The document that the stages make of the values that the filter asks for by equality."""
    upsert_document(filter, _NOTHING, (), key_of)  # refuses what no upsert can have
    seed: MutableDocument = {}
    for path, value in equalities(normalized_filter(filter)):
        change_at(seed, split_path(path), _to(value))
    document = apply(seed)
    return {"_id": document["_id"] if "_id" in document else ObjectId(), **document}


_NOTHING: Mapping[str, Any] = {"$setOnInsert": {}}


def _to(value: object) -> Callable[[object], object]:
    return lambda old: value
