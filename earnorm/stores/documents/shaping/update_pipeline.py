"""Updates by the stages of an aggregation: `[{"$set": {"total": {"$add": ["$price", "$tax"]}}}]`."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from pymongo.errors import OperationFailure, WriteError

from earnorm.clock import now
from earnorm.errors.suggestions import suggestion
from earnorm.stores.documents.computing.foreign_names import FOREIGN_STAGES
from earnorm.stores.documents.keys import key_bytes
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import write_error
from earnorm.stores.documents.shaping.adding import (
    compile_added_fields,
    compile_replaced_root,
    compile_replacement,
    compile_unset,
)
from earnorm.stores.documents.shaping.projecting import Shape, compile_project
from earnorm.typing import Document, MutableDocument

__all__ = ["SHAPES", "compile_update_pipeline"]

SHAPES: Mapping[str, Callable[[Any, Collection[str]], Shape]] = {
    "$set": compile_added_fields,
    "$addFields": compile_added_fields,
    "$unset": compile_unset,
    "$project": compile_project,
    "$replaceRoot": compile_replaced_root,
    "$replaceWith": compile_replacement,
}
"""The stages that look at one document at a time and give one for each: those of updates."""


def compile_update_pipeline(
    stages: Sequence[Document], variables: Mapping[str, Any] | None = None
) -> Callable[[Document], MutableDocument]:
    """A function that gives the updated document; the one that is passed stays as it was.

    `variables` are the values of the update's `let`; `$$NOW` is the time of this call. The stages are
    checked here: `UnsupportedError` names an operator that this release does not have, PyMongo's
    `WriteError` what is malformed. The function raises `WriteError` for a document that the update does
    not fit, and if it would change the document's `_id`; an `_id` that it leaves out stays.
    """
    values = {**(variables or {}), "NOW": now()}
    try:
        shapes = list(_shapes(stages, frozenset(variables or ())))
    except OperationFailure as error:
        raise _as_write_error(error) from error

    def apply(document: Document) -> MutableDocument:
        updated: Document = document
        try:
            for shape in shapes:
                updated = shape(updated, values)
        except OperationFailure as error:
            raise _as_write_error(error) from error
        return _with_same_id(document, dict(updated))

    return apply


def _shapes(stages: Any, variables: Collection[str]) -> Iterator[Shape]:
    listed = as_array(stages)
    if not listed:
        raise write_error("an update pipeline is an array of at least one stage.", 9)
    for stage in listed:
        fields = as_document(stage)
        if fields is None or len(fields) != 1:
            raise write_error(
                f"a stage is a document of exactly one name, and {stage!r} is none.", 40323
            )
        ((name, operand),) = fields.items()
        if name not in SHAPES:
            raise _not_in_updates(name)
        yield SHAPES[name](operand, variables)


def _not_in_updates(name: Any) -> WriteError:
    shown = ", ".join(SHAPES)
    if name in FOREIGN_STAGES or name in _STAGES_OF_READS:
        return write_error(f"{name} is not allowed in an update, which takes {shown}.", 72)
    near = suggestion(name, SHAPES) if isinstance(name, str) else ""
    return write_error(f"{name!r} is no stage. An update takes {shown}.{near}", 40324)


_STAGES_OF_READS = frozenset(
    (
        "$count",
        "$facet",
        "$group",
        "$limit",
        "$lookup",
        "$match",
        "$sample",
        "$skip",
        "$sort",
        "$sortByCount",
        "$unionWith",
        "$unwind",
    )
)


def _as_write_error(error: OperationFailure) -> WriteError:
    if isinstance(error, WriteError):
        return error
    message = (error.details or {}).get("errmsg", str(error))
    return write_error(message, error.code or 2)


def _with_same_id(before: Document, after: MutableDocument) -> MutableDocument:
    for name in after:
        if name.startswith("$"):
            raise write_error(f"the update makes a field {name!r}, which begins with '$'.", 52)
    if "_id" not in before:
        return after
    if "_id" not in after:
        return {"_id": before["_id"], **after}
    if key_bytes(before["_id"]) != key_bytes(after["_id"]):
        raise write_error(
            "the update would change the immutable field '_id'. Insert a new document and delete "
            "the old one.",
            66,
        )
    return after
