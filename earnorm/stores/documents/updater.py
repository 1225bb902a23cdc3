"""Applies an update to a document, with MongoDB's rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.errors import DocumentTooLarge

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents.arithmetic import add, is_number
from earnorm.stores.documents.encoding import decode, encode
from earnorm.stores.documents.keys import key_bytes
from earnorm.stores.documents.kinds import MISSING
from earnorm.stores.documents.paths import array_index
from earnorm.stores.documents.places import change_at, remove_at, split_update_path
from earnorm.stores.documents.refusals import unsupported, write_error
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
    changes = sorted(_changes(_normalized(update)), key=_place)
    _check_conflicts([change.path for change in changes])

    def apply(document: Document) -> MutableDocument:
        updated = dict(document)
        for change in changes:
            change.apply(updated)
        _check_id(document, updated)
        return updated

    return apply


@dataclass(frozen=True, slots=True)
class _Change:
    path: tuple[str, ...]
    apply: Callable[[MutableDocument], None]


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


def _changes(update: Mapping[str, Any]) -> Iterator[_Change]:
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


def _set(path: tuple[str, ...], operand: Any) -> _Change:
    return _Change(path, lambda document: change_at(document, path, lambda old: _fresh(operand)))


def _unset(path: tuple[str, ...], operand: Any) -> _Change:
    return _Change(path, lambda document: remove_at(document, path))


def _inc(path: tuple[str, ...], operand: Any) -> _Change:
    name = ".".join(path)
    if not is_number(operand):
        raise write_error(f"cannot increment {name!r} by {operand!r}, which is not a number.", 14)

    def increased(old: Any) -> Any:
        if old is MISSING:
            return operand
        if not is_number(old):
            raise write_error(
                f"cannot apply $inc to {name!r}: its value {old!r} is not a number.", 14
            )
        return add(old, operand)

    return _Change(path, lambda document: change_at(document, path, increased))


_COMPILERS: dict[str, Callable[[tuple[str, ...], Any], _Change]] = {
    "$inc": _inc,
    "$set": _set,
    "$unset": _unset,
}


def _fresh(value: Any) -> Any:
    """A copy, so that updated documents share no list and no dictionary."""
    if type(value) is dict:
        return {name: _fresh(inner) for name, inner in value.items()}
    if type(value) is list:
        return [_fresh(inner) for inner in value]
    return value


def _place(change: _Change) -> list[tuple[int, int, str]]:
    # MongoDB changes fields in the order of their names, numbers by value: it shows in new fields
    return [_segment_place(segment) for segment in change.path]


def _segment_place(segment: str) -> tuple[int, int, str]:
    index = array_index(segment)
    return (1, 0, segment) if index is None else (0, index, segment)


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
