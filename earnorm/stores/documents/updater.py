"""Applies an update to a document, with MongoDB's rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pymongo.errors import DocumentTooLarge

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents.array_updates import ARRAY_UPDATES
from earnorm.stores.documents.change import Change, Compiler
from earnorm.stores.documents.encoding import decode, encode
from earnorm.stores.documents.field_updates import FIELD_UPDATES
from earnorm.stores.documents.keys import key_bytes
from earnorm.stores.documents.places import split_update_path
from earnorm.stores.documents.refusals import unsupported, write_error
from earnorm.stores.documents.renaming import compile_rename
from earnorm.typing import Document, MutableDocument

__all__ = ["Apply", "apply_update", "compile_update"]

Apply = Callable[[Document], MutableDocument]
"""Gives the updated document; the one that is passed stays as it was."""


def apply_update(document: Document, update: Document) -> MutableDocument:
    """The updated document; the one that is passed stays as it was.

    Raises what `compile_update`, and the function that it returns, raise.
    """
    return compile_update(update)(document)


def compile_update(update: Document) -> Apply:
    """A function that gives the updated document, by MongoDB's rules.

    The update is checked here: `UnsupportedError` names an operator that this release does not have,
    `InvalidDocumentError` a value that BSON cannot hold, PyMongo's `WriteError` what is malformed. The
    function raises `WriteError` for a document that the update does not fit, and if it would change
    the document's `_id`.
    """
    changes = sorted(_changes(_normalized(update)), key=lambda change: change.place)
    _check_conflicts([path for change in changes for path in (change.path, *change.touches)])

    def apply(document: Document) -> MutableDocument:
        updated = dict(document)
        for change in changes:
            change.apply(updated)
        _check_id(document, updated)
        return updated

    return apply


def _normalized(update: Document) -> dict[str, Any]:
    if not isinstance(update, Mapping):
        raise unsupported(
            f"an update of type {type(update).__name__}", "Pass a document of operators."
        )
    try:
        normalized: dict[str, Any] = decode(encode({"update": update}))["update"]
    except (InvalidDocumentError, DocumentTooLarge) as error:
        raise InvalidDocumentError(f"the update cannot be sent: {error}") from error
    return normalized


def _changes(update: Mapping[str, Any]) -> Iterator[Change]:
    if not update:
        raise write_error("an update needs operators, such as {'$set': {'name': 'Ada'}}.", 9)
    for operator, operands in update.items():
        if not operator.startswith("$"):
            raise write_error(
                f"{operator!r} is no update operator. To change a field write {{'$set': {{{operator!r}: ...}}}}.",
                9,
            )
        compiler = _COMPILERS.get(operator)
        if compiler is None:
            raise unsupported(f"the update operator {operator}", f"It has {', '.join(_COMPILERS)}.")
        if not isinstance(operands, Mapping):
            raise write_error(f"{operator} needs a document of fields, not {operands!r}.", 9)
        for path, operand in operands.items():
            yield compiler(split_update_path(path), operand)


_COMPILERS: Mapping[str, Compiler] = {**FIELD_UPDATES, **ARRAY_UPDATES, "$rename": compile_rename}


def _check_conflicts(paths: Sequence[tuple[str, ...]]) -> None:
    seen: set[tuple[str, ...]] = set()
    for path in sorted(paths, key=len):
        for length in range(1, len(path) + 1):
            if path[:length] in seen:
                raise write_error(
                    f"updating the path {'.'.join(path)!r} would create a conflict at "
                    f"{'.'.join(path[:length])!r}: name each field once.",
                    40,
                )
        seen.add(path)


def _check_id(before: Document, after: Document) -> None:
    if "_id" in before and (
        "_id" not in after or key_bytes(before["_id"]) != key_bytes(after["_id"])
    ):
        raise write_error(
            "the update would change the immutable field '_id'. Insert a new document and delete "
            "the old one.",
            66,
        )
