"""What MongoDB asks of a document beyond being BSON: an `_id`, and names without a leading `$`."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents.faults import find_fault
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import write_error
from earnorm.stores.documents.regexes import is_regex
from earnorm.typing import Document

__all__ = ["check_storable"]


def check_storable(document: Document, position: int = 0) -> None:
    """Raises for a document that MongoDB would not store; `position` is its place in its batch.

    `InvalidDocumentError` for one without `_id`, or with a name that is no text; PyMongo's `WriteError` for an `_id` that is an array
    or a regular expression (53), and for names at the top that begin with `$` (52).
    """
    if "_id" not in document:
        raise InvalidDocumentError(
            "the document has no '_id'. Give it one, such as bson.ObjectId()."
        )
    if "\x00$" in _joined_names(document):
        name = next(name for name in document if name.startswith("$"))
        raise write_error(
            f"the field name {name!r} at the top of a document begins with '$'. Rename it.",
            52,
            position,
        )
    _check_id(document["_id"], position)


def _joined_names(document: Document) -> str:
    # joined, because one search is faster than one for each name; a name contains no NUL
    try:
        return "\x00" + "\x00".join(document)
    except TypeError as error:
        raise InvalidDocumentError(find_fault(document)) from error


def _check_id(value: object, position: int) -> None:
    if type(value) is ObjectId:
        return
    if as_array(value) is not None or is_regex(value):
        kind = "a regular expression" if is_regex(value) else "an array"
        raise write_error(f"the '_id' cannot be {kind}: {value!r}.", 53, position)
    inner: Mapping[str, Any] | None = as_document(value)
    if inner is not None and type(value) is dict and any(name.startswith("$") for name in inner):
        raise write_error(f"the '_id' has a field that begins with '$': {value!r}.", 52, position)
