"""Updates that MongoDB refuses, with the codes of its errors; and what upserts store."""

from collections.abc import Sequence
from typing import Any, Final

from bson import Int64

from earnorm.stores.operations import UpdateDocument
from earnorm.testing.stores.update_case import RefusedUpdate, UpsertCase
from earnorm.typing import Document

__all__ = ["REFUSED_UPDATES", "UPSERTS"]

_BAD_VALUE: Final = 2
_FAILED_TO_PARSE: Final = 9
_TYPE_MISMATCH: Final = 14
_NOT_VIABLE: Final = 28
_CONFLICT: Final = 40
_IMMUTABLE: Final = 66


def _refused(
    name: str,
    before: Any,
    update: UpdateDocument,
    code: int,
    *,
    filter: Document | None = None,
    array_filters: Sequence[Document] = (),
) -> RefusedUpdate:
    return RefusedUpdate(
        name=f"updates/refused/{name}",
        before={"a": before},
        update=update,
        code=code,
        filter={"_id": 1, **(filter or {})},
        array_filters=array_filters,
    )


REFUSED_UPDATES: Final = [
    _refused("another _id", 1, {"$set": {"_id": 2}}, _IMMUTABLE),
    _refused("no _id", 1, {"$unset": {"_id": ""}}, _IMMUTABLE),
    _refused("a path through a value", 1, {"$set": {"a.b": 1}}, _NOT_VIABLE),
    _refused("a name in an array", [1], {"$set": {"a.b": 1}}, _NOT_VIABLE),
    _refused("one path twice", 1, {"$set": {"a": 2}, "$inc": {"a": 1}}, _CONFLICT),
    _refused("a path and what is in it", {}, {"$set": {"a": {}, "a.b": 1}}, _CONFLICT),
    _refused("$inc of a text", "x", {"$inc": {"a": 1}}, _TYPE_MISMATCH),
    _refused("$inc of null", None, {"$inc": {"a": 1}}, _TYPE_MISMATCH),
    _refused("$inc by a text", 1, {"$inc": {"a": "1"}}, _TYPE_MISMATCH),
    _refused("$inc beyond a long", Int64(2**63 - 1), {"$inc": {"a": 1}}, _BAD_VALUE),
    _refused("$mul of a text", "x", {"$mul": {"a": 1}}, _TYPE_MISMATCH),
    _refused("$mul beyond a long", Int64(2**62), {"$mul": {"a": 2}}, _BAD_VALUE),
    _refused("$bit of a double", 1.0, {"$bit": {"a": {"and": 1}}}, _BAD_VALUE),
    _refused("$rename to itself", 1, {"$rename": {"a": "a"}}, _BAD_VALUE),
    _refused("$rename through a value", 1, {"$rename": {"a.b": "c"}}, _NOT_VIABLE),
    _refused("$push to a value", 1, {"$push": {"a": 1}}, _BAD_VALUE),
    _refused("$push to null", None, {"$push": {"a": 1}}, _BAD_VALUE),
    _refused("$push $each of a value", [], {"$push": {"a": {"$each": 1}}}, _BAD_VALUE),
    _refused("$addToSet to a value", 1, {"$addToSet": {"a": 1}}, _BAD_VALUE),
    _refused("$pop from a value", 1, {"$pop": {"a": 1}}, _TYPE_MISMATCH),
    _refused("$pop by 2", [1], {"$pop": {"a": 2}}, _FAILED_TO_PARSE),
    _refused("$pull from a value", 1, {"$pull": {"a": 1}}, _BAD_VALUE),
    _refused("$pullAll of a value", [1], {"$pullAll": {"a": 1}}, _BAD_VALUE),
    _refused("$ without an array in the filter", [1], {"$set": {"a.$": 1}}, _BAD_VALUE),
    _refused("$[] of a value", 1, {"$set": {"a.$[]": 1}}, _BAD_VALUE),
    _refused("$[id] without its filter", [1], {"$set": {"a.$[x]": 1}}, _BAD_VALUE),
    _refused(
        "a filter without its $[id]",
        [1],
        {"$set": {"a": 1}},
        _FAILED_TO_PARSE,
        array_filters=[{"x": 1}],
    ),
]


def _upsert(name: str, filter: Document, update: UpdateDocument, stored: Document) -> UpsertCase:
    return UpsertCase(name=f"upserts/{name}", filter=filter, update=update, stored=stored)


UPSERTS: Final = [
    _upsert("equality of the filter", {"_id": 1, "a": 2}, {"$set": {"b": 3}}, {"a": 2, "b": 3}),
    _upsert("$eq", {"_id": 1, "a": {"$eq": 2}}, {"$set": {"b": 3}}, {"a": 2, "b": 3}),
    _upsert("$and", {"$and": [{"_id": 1}, {"a": 2}]}, {"$set": {"b": 3}}, {"a": 2, "b": 3}),
    _upsert("no other operators", {"_id": 1, "a": {"$gt": 2}}, {"$set": {"b": 3}}, {"b": 3}),
    _upsert("a path", {"_id": 1, "a.b": 2}, {"$set": {"a.c": 3}}, {"a": {"b": 2, "c": 3}}),
    _upsert("the update goes over the filter", {"_id": 1, "a": 2}, {"$inc": {"a": 3}}, {"a": 5}),
    _upsert("$setOnInsert", {"_id": 1}, {"$setOnInsert": {"a": 1}, "$set": {"b": 2}}, {"a": 1, "b": 2}),
    _upsert("$push", {"_id": 1}, {"$push": {"a": 1}}, {"a": [1]}),
    _upsert("an _id of the update", {"a": 1}, {"$set": {"_id": 1}}, {"a": 1}),
    _upsert("a pipeline", {"_id": 1, "a": 2}, [{"$set": {"b": {"$add": ["$a", 1]}}}], {"a": 2, "b": 3}),
]  # fmt: skip
