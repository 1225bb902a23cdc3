"""Makes the document that an upsert inserts when its filter matches nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bson import ObjectId

from earnorm.stores.documents.encoding import encode
from earnorm.stores.documents.equalities import Equality, equalities
from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.matcher import compile_normalized, normalized_filter
from earnorm.stores.documents.paths import split_path
from earnorm.stores.documents.places import change_at
from earnorm.stores.documents.refusals import write_error
from earnorm.stores.documents.storable import check_storable
from earnorm.stores.documents.updater import compile_update
from earnorm.typing import Document, MutableDocument

__all__ = ["upsert_document"]


def upsert_document(
    filter: Document,
    change: Document,
    array_filters: Sequence[Document] = (),
    key_of: KeyOf = key_bytes,
) -> MutableDocument:
    """The document that MongoDB inserts: an update of what the filter asks for, or a replacement.

    A change whose first name begins with `$` is an update. It starts from the values that the filter asks
    for by equality, and `$setOnInsert` takes part. A replacement takes only the `_id` from the filter.
    Without an `_id` one is made; it comes first. Raises PyMongo's `WriteError`: 54 and 111 for a filter that
    tells no single document, 66 for an `_id` that contradicts the filter's, 2 for a positional `$`, 224 for
    `$expr`, and what `compile_update` and `check_storable` raise.
    """
    wanted = normalized_filter(filter)
    _refuse_expressions(wanted)
    compile_normalized(wanted, key_of)
    if not isinstance(change, Mapping) or _is_update(change):
        update = compile_update(change, array_filters, key_of)
        document = update.inserted(_seed(equalities(wanted, key_of)))
    else:
        document = _replaced(_seed(equalities(wanted, key_of, root="_id")), change)
    whole = {"_id": document["_id"] if "_id" in document else ObjectId(), **document}
    check_storable(whole)
    return whole


def _is_update(change: Document) -> bool:
    first: object = next(iter(change), None)
    return isinstance(first, str) and first.startswith("$")


def _seed(wanted: Sequence[Equality]) -> MutableDocument:
    document: MutableDocument = {}
    for path, value in wanted:
        segments = split_path(path)
        if segments[0] == "_id" and len(segments) > 1:
            raise write_error(
                f"the field '_id' must be exactly specified, and the filter of the upsert has {path!r}. "
                "Give the whole '_id'.",
                111,
            )
        change_at(document, segments, _to(value))
    return document


def _to(value: object) -> Callable[[object], object]:
    return lambda old: value


def _replaced(seed: Document, replacement: Document) -> MutableDocument:
    encode(replacement)  # names what cannot be stored
    document = dict(replacement)
    if "_id" not in seed:
        return document
    if "_id" in document and key_bytes(document["_id"]) != key_bytes(seed["_id"]):
        raise write_error(
            f"the replacement has the '_id' {document['_id']!r} and the filter of the upsert asks for "
            f"{seed['_id']!r}. Leave one of them out.",
            66,
        )
    document["_id"] = seed["_id"]
    return document


def _refuse_expressions(filter: Mapping[str, Any]) -> None:
    if "$expr" in filter:
        raise write_error("$expr is not allowed in the filter of an upsert.", 224)
    for name in ("$and", "$or", "$nor"):
        for clause in as_array(filter.get(name)) or ():
            _refuse_expressions(as_document(clause) or {})
