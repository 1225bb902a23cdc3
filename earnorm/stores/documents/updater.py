"""Applies an update to a document, with MongoDB's rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.errors import DocumentTooLarge

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents.array_filters import check_identifiers, compile_array_filters
from earnorm.stores.documents.array_updates import ARRAY_UPDATES
from earnorm.stores.documents.bit_updates import compile_bit
from earnorm.stores.documents.change import Change, Compiler
from earnorm.stores.documents.conflicts import check_conflicts
from earnorm.stores.documents.encoding import decode, encode
from earnorm.stores.documents.field_updates import FIELD_UPDATES
from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.places import UpdatePath
from earnorm.stores.documents.refusals import unsupported, write_error
from earnorm.stores.documents.renaming import compile_rename
from earnorm.stores.documents.update_paths import (
    POSITION,
    expand,
    is_dynamic,
    place,
    split_update_path,
)
from earnorm.stores.documents.value_tests import ValueTest
from earnorm.typing import Document, MutableDocument

__all__ = ["UPDATES", "Apply", "apply_update", "compile_update"]


def apply_update(document: Document, update: Document) -> MutableDocument:
    """The updated document; the one that is passed stays as it was.

    Raises what `compile_update`, and what it returns, raise.
    """
    return compile_update(update)(document)


def compile_update(
    update: Document,
    array_filters: Sequence[Document] = (),
    key_of: KeyOf = key_bytes,
) -> "Apply":
    """What gives the updated document, by MongoDB's rules.

    `array_filters` say which elements `$[name]` stands for; `key_of` may be that of a collation. The update is checked here:
    `UnsupportedError` names an operator that this release does not have, `InvalidDocumentError` a value
    that BSON cannot hold, PyMongo's `WriteError` what is malformed.
    """
    filters = compile_array_filters(array_filters, key_of)
    changes = tuple(sorted(_changes(_normalized(update), key_of), key=lambda one: place(one.path)))
    paths = [path for change in changes for path in (change.path, *change.touches)]
    check_identifiers(paths, filters)
    check_conflicts(paths)
    return Apply(
        needs_position=any(POSITION in path for path in paths),
        _changes=changes,
        _array_filters=filters,
        _is_dynamic=any(map(is_dynamic, paths)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """Gives the updated document; the one that is passed stays as it was.

    With `needs_position` the index that the filter matched is wanted too (`compile_position`). Raises
    PyMongo's `WriteError` for a document that the update does not fit, and if it would change the
    document's `_id`.
    """

    needs_position: bool
    _changes: tuple[Change, ...]
    _array_filters: Mapping[str, ValueTest]
    _is_dynamic: bool

    def __call__(self, document: Document, position: int | None = None) -> MutableDocument:
        """The document as updated; `position` is the index that `$` stands for."""
        return self._applied(document, position, is_insert=False)

    def inserted(self, document: Document) -> MutableDocument:
        """What an upsert makes of the document that its filter describes; `$setOnInsert` takes part."""
        return self._applied(document, None, is_insert=True)

    def _applied(
        self, document: Document, position: int | None, *, is_insert: bool
    ) -> MutableDocument:
        updated = dict(document)
        for change, path in self._places(document, position):
            if is_insert or not change.is_for_insert:
                change.apply(updated, path)
        _check_id(document, updated)
        return updated

    def _places(
        self, document: Document, position: int | None
    ) -> Iterable[tuple[Change, UpdatePath]]:
        if not self._is_dynamic:
            return ((change, change.path) for change in self._changes)
        found = [
            (change, path)
            for change in self._changes
            for path in expand(document, change.path, position, self._array_filters)
        ]
        check_conflicts([path for _, path in found])
        found.sort(key=lambda one: place(one[1]))
        return found


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


def _changes(update: Mapping[str, Any], key_of: KeyOf) -> Iterator[Change]:
    if not update:
        raise write_error("an update needs operators, such as {'$set': {'name': 'Ada'}}.", 9)
    for operator, operands in update.items():
        if not operator.startswith("$"):
            raise write_error(
                f"{operator!r} is no update operator. To change a field write {{'$set': {{{operator!r}: ...}}}}.",
                9,
            )
        compiler = UPDATES.get(operator)
        if compiler is None:
            raise unsupported(f"the update operator {operator}", f"It has {', '.join(UPDATES)}.")
        if not isinstance(operands, Mapping):
            raise write_error(f"{operator} needs a document of fields, not {operands!r}.", 9)
        for path, operand in operands.items():
            yield compiler(split_update_path(path), operand, key_of)


UPDATES: Mapping[str, Compiler] = {
    **FIELD_UPDATES,
    "$bit": compile_bit,
    **ARRAY_UPDATES,
    "$rename": compile_rename,
}
"""What makes a change of a path and an operand, for each operator."""


def _check_id(before: Document, after: Document) -> None:
    if "_id" in before and (
        "_id" not in after or key_bytes(before["_id"]) != key_bytes(after["_id"])
    ):
        raise write_error(
            "the update would change the immutable field '_id'. Insert a new document and delete "
            "the old one.",
            66,
        )
