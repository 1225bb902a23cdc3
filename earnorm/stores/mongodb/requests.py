"""What PyMongo would refuse in its own words, or send as something else: refused as every store refuses it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents import bad_value, write_error
from earnorm.typing import Document, Index, MutableDocument

__all__ = [
    "check_array_filters",
    "check_filter",
    "check_find",
    "check_index",
    "check_path",
    "check_pipeline",
    "check_replacement",
    "check_update",
    "storable",
]


def check_filter(filter: object) -> None:
    """Raises PyMongo's `OperationFailure` for what is no filter."""
    if not isinstance(filter, Mapping):
        raise bad_value(f"a filter is a document, such as {{'name': 'Ada'}}, not {filter!r}.")


def check_find(
    filter: object,
    *,
    sort: Sequence[Any] = (),
    skip: int = 0,
    limit: int | None = None,
    projection: object = None,
) -> None:
    """Raises PyMongo's `OperationFailure` for what a search cannot be asked for."""
    check_filter(filter)
    if sort:
        _check_sort(sort)
    if skip < 0 or (limit is not None and limit < 0):
        raise bad_value(f"skip and limit are not negative: skip={skip}, limit={limit}.")
    if projection is not None and not isinstance(projection, Mapping):
        raise bad_value(f"a projection is a document, such as {{'name': 1}}, not {projection!r}.")


def check_path(path: object) -> None:
    """Raises PyMongo's `OperationFailure` for what is no path of a field."""
    if not isinstance(path, str) or not path:
        raise bad_value(f"distinct names a field by its path, not {path!r}.")


def check_pipeline(pipeline: object) -> None:
    """Raises PyMongo's `OperationFailure` for what is no list of stages."""
    if not isinstance(pipeline, (list, tuple)):
        raise bad_value(f"a pipeline is an array of stages, not {pipeline!r}.", _TYPE_MISMATCH)
    for stage in pipeline:
        if not isinstance(stage, Mapping):
            raise bad_value(
                f"each stage of a pipeline is a document, and {stage!r} is none.", _TYPE_MISMATCH
            )


def check_update(update: object) -> None:
    """Raises PyMongo's `WriteError` for what PyMongo would not send: no operators, and no stages."""
    if isinstance(update, Mapping):
        name = next(iter(update), "")
        if str(name).startswith("$"):
            return
        raise write_error(
            f"{name!r} is no update operator. To change a field write {{'$set': {{{name!r}: ...}}}}."
            if name
            else "an update needs operators, such as {'$set': {'name': 'Ada'}}.",
            _FAILED_TO_PARSE,
        )
    if not isinstance(update, list) or not update:
        raise write_error(
            f"an update is a document of operators or a list of stages, not {update!r}.",
            _FAILED_TO_PARSE,
        )


def check_replacement(document: object) -> None:
    """Raises PyMongo's `WriteError` for a replacement that PyMongo would not send."""
    if not isinstance(document, Mapping):
        raise write_error(f"a replacement is a document, not {document!r}.", _FAILED_TO_PARSE)
    name = next(iter(document), "")
    if str(name).startswith("$"):
        raise write_error(
            f"a replacement has fields and no operators such as {name!r}.", _FAILED_TO_PARSE
        )


def check_array_filters(filters: object) -> None:
    """Raises PyMongo's `WriteError` or `OperationFailure` for what is no list of filters."""
    if not isinstance(filters, (list, tuple)):
        raise write_error(f"arrayFilters is an array of filters, not {filters!r}.", _TYPE_MISMATCH)
    for one in filters:
        check_filter(one)


def check_index(index: Index) -> None:
    """Raises PyMongo's `OperationFailure` (67) for an index that PyMongo would not send."""
    if not index.fields:
        message = f"the index {index.name!r} cannot be built: it names no field."
        raise bad_value(message, _CANNOT_CREATE_INDEX)


def storable(documents: Sequence[Document]) -> list[MutableDocument]:
    """The documents in a form that PyMongo takes.

    Raises `InvalidDocumentError` for what is no document, or has no `_id`: PyMongo would give it one.
    """
    found: list[MutableDocument] = []
    for position, document in enumerate(documents):
        if type(document) is dict and "_id" in document:
            found.append(document)
        elif isinstance(document, Mapping) and "_id" in document:
            found.append(dict(document))
        else:
            where = f"document {position} of the batch: " if len(documents) > 1 else ""
            raise InvalidDocumentError(where + _no_document(document))
    return found


_FAILED_TO_PARSE: Final = 9
_TYPE_MISMATCH: Final = 14
_CANNOT_CREATE_INDEX: Final = 67


def _check_sort(sort: object) -> None:
    if not isinstance(sort, (list, tuple)):
        raise bad_value(f"a sort is a list of fields with their directions, not {sort!r}.")
    for key in sort:
        if not isinstance(key, (list, tuple)) or len(key) != _PAIR or not isinstance(key[0], str):
            raise bad_value(f"a sort names a field by its path, and {key!r} is no such pair.")
        if key[1] not in (1, -1) or isinstance(key[1], bool):
            raise bad_value(
                f"the direction of a sort is 1 or -1, and that of {key[0]!r} is {key[1]!r}."
            )


_PAIR: Final = 2


def _no_document(document: object) -> str:
    if isinstance(document, Mapping):
        return "the document has no '_id'. Give it one, such as bson.ObjectId()."
    return f"{document!r} is not a document. Pass a mapping of names to values."
