"""From field names to stored names and back: filters, updates, and the errors of a store."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pymongo import errors as pymongo_errors

from earnorm.errors import (
    DocumentTooLargeError,
    DuplicateKeyError,
    FieldFault,
    FilterError,
    UpdateError,
    ValidationError,
    suggestion,
)
from earnorm.fields import FloatField, IntegerField, encode_dynamic, resolve_path
from earnorm.metadata import Metadata
from earnorm.typing import MutableDocument, SortKey

__all__ = [
    "duplicate_faults",
    "shape_update",
    "translate_errors",
    "translate_filter",
    "translate_sort",
    "translate_update",
]

_CLAUSES = ("$and", "$or", "$nor")


def translate_filter(metadata: Metadata, filter: object) -> MutableDocument:
    """The filter under stored names, its values as BSON keeps them; raises `FilterError`."""
    if not isinstance(filter, Mapping):
        raise FilterError(
            f"{metadata.key}: a filter is an expression such as {metadata.name}.id == value, or a mapping, "
            f"not {filter!r}. Combine expressions with & and |."
        )
    translated: MutableDocument = {}
    for name, condition in filter.items():
        if name in _CLAUSES and isinstance(condition, (list, tuple)):
            translated[name] = [translate_filter(metadata, clause) for clause in condition]
        else:
            path = _stored_path(metadata, name, FilterError)
            translated[path] = _encode(metadata, condition, path, FilterError)
    return translated


def translate_sort(metadata: Metadata, sort: Sequence[SortKey]) -> list[SortKey]:
    """The sort keys under stored names."""
    return [(_stored_path(metadata, name, FilterError), direction) for name, direction in sort]


def shape_update(metadata: Metadata, update: object) -> dict[str, MutableDocument]:
    """A copy of the update that hooks may change: operators, each with its stored paths.

    Raises `UpdateError` for what is no update, and for a name that looks like a misspelt field.
    """
    if not isinstance(update, Mapping) or not update:
        raise UpdateError(
            f"{metadata.key}: an update is a mapping such as {{'$set': {{'name': 'Ada'}}}}, not {update!r}"
        )
    shaped = {}
    for operator, changes in update.items():
        if not isinstance(operator, str) or not operator.startswith("$"):
            raise UpdateError(
                f"{metadata.key}: an update holds operators, and {operator!r} is none. "
                f"Write {{'$set': {{{operator!r}: ...}}}}."
            )
        if not isinstance(changes, Mapping):
            raise UpdateError(
                f"{metadata.key}: {operator} takes a mapping of fields, not {changes!r}"
            )
        shaped[operator] = _shape_changes(metadata, operator, changes)
    return shaped


def translate_update(
    metadata: Metadata, update: Mapping[str, Mapping[str, Any]]
) -> MutableDocument:
    """The update under stored names, its values checked by their fields.

    Raises `ValidationError` for a value that does not fit, `UpdateError` for an operator that does not
    suit its field.
    """
    faults: list[FieldFault] = []
    translated: MutableDocument = {}
    for operator, changes in update.items():
        translated[operator] = {}
        for name, value in changes.items():
            path, operand = _translate_change(metadata, operator, name, value, faults)
            translated[operator][path] = operand
    if faults:
        raise ValidationError(metadata.name, faults)
    return translated


@contextmanager
def translate_errors(
    metadata: Metadata, *, many: bool = False, hidden_by: Sequence[str] = ()
) -> Iterator[None]:
    """Turns PyMongo's errors, within the block, into ours with the model and the fields named.

    `many` puts the position of the faulty instance in front of each path; `hidden_by` names plugins that
    may hide the document which has a duplicate's value.
    """
    try:
        yield
    except pymongo_errors.DuplicateKeyError as error:
        duplicate = _duplicate_error(metadata, error.details or {}, many=many)
        if hidden_by and not _is_partial(metadata, duplicate.index):
            plugins = " or ".join(map(repr, hidden_by))
            duplicate.add_note(
                f"The other document may be one that {plugins} leaves out; a partial index frees its value."
            )
        raise duplicate from error
    except pymongo_errors.DocumentTooLarge as error:
        raise DocumentTooLargeError(f"{metadata.key}: {error}") from error
    except pymongo_errors.WriteError as error:
        raise UpdateError(f"{metadata.key}: {error}") from error
    except pymongo_errors.OperationFailure as error:
        raise FilterError(f"{metadata.key}: {error}") from error


def duplicate_faults(
    names: Sequence[str], values: Mapping[str, Any], *, prefix: str = ""
) -> list[FieldFault]:
    """A fault for each field of a combination of values that is taken."""
    faults = []
    for name in names:
        others = [other for other in names if other != name]
        together = f" together with this {' and '.join(others)}" if others else ""
        message = f"is taken: another document has this value{together}"
        faults.append(
            FieldFault(
                path=f"{prefix}{name}", code="duplicate", message=message, input=values.get(name)
            )
        )
    return faults


def _is_partial(metadata: Metadata, name: str | None) -> bool:
    return any(index.name == name and index.partial for index in metadata.indexes)


def _duplicate_error(
    metadata: Metadata, details: Mapping[str, Any], *, many: bool
) -> DuplicateKeyError:
    stored_names = list(details.get("keyPattern", ()))
    key = dict(details.get("keyValue", {}))
    index = next(
        (
            index.name
            for index in metadata.indexes
            if [name for name, _ in index.fields] == stored_names
        ),
        "_id_" if stored_names == ["_id"] else None,
    )
    by_stored_name = {field.stored_name: name for name, field in metadata.fields.items()}
    names = {by_stored_name.get(name, name): key.get(name) for name in stored_names}
    prefix = f"{details.get('index', 0)}." if many else ""
    faults = duplicate_faults(list(names), names, prefix=prefix)
    return DuplicateKeyError(metadata.name, faults, index=index, key=key)


def _shape_changes(
    metadata: Metadata, operator: str, changes: Mapping[Any, Any]
) -> MutableDocument:
    shaped: MutableDocument = {}
    for name, value in changes.items():
        path, field = resolve_path(metadata.fields, _checked_name(metadata, name, UpdateError))
        head = path.partition(".")[0]
        if field is None and head not in {known.stored_name for known in metadata.fields.values()}:
            _refuse_typo(metadata, head)
        if path in shaped:
            raise UpdateError(f"{metadata.key}: {operator} names {path!r} twice")
        shaped[path] = value
    return shaped


def _refuse_typo(metadata: Metadata, name: str) -> None:
    # An undeclared name is an extra, which a query may set; one that is nearly a field's is a typo.
    hint = suggestion(name, metadata.fields)
    if hint:
        raise UpdateError(f"{metadata.key} has no field {name!r}.{hint}")


def _translate_change(
    metadata: Metadata, operator: str, name: object, value: Any, faults: list[FieldFault]
) -> tuple[str, Any]:
    path = _stored_path(metadata, name, UpdateError)
    _, field = resolve_path(metadata.fields, path)
    if path == "_id":
        raise UpdateError(
            f"{metadata.key}: the id of a document never changes, and {operator} names it"
        )
    if field is None or operator not in ("$set", "$unset", "$inc"):
        return path, _encode(metadata, value, path, UpdateError)
    if operator == "$set":
        found = len(faults)
        checked = field.check(value, _written_path(metadata, path), faults)
        return path, None if checked is None or len(faults) > found else field.encode(checked)
    if operator == "$unset" and field.required and "." not in path:
        raise UpdateError(f"{metadata.key}: {name!r} is required, so $unset cannot remove it")
    if operator == "$inc" and not isinstance(field, (IntegerField, FloatField)):
        raise UpdateError(f"{metadata.key}: $inc adds to numbers, and {name!r} is {field.expects}")
    return path, _encode(metadata, value, path, UpdateError)


def _stored_path(metadata: Metadata, name: object, error: type[FilterError | UpdateError]) -> str:
    return resolve_path(metadata.fields, _checked_name(metadata, name, error))[0]


def _written_path(metadata: Metadata, path: str) -> str:
    """The stored path as the author knows it: under the field's name."""
    head, dot, rest = path.partition(".")
    names = {field.stored_name: name for name, field in metadata.fields.items()}
    return f"{names.get(head, head)}{dot}{rest}"


def _checked_name(metadata: Metadata, name: object, error: type[FilterError | UpdateError]) -> str:
    if not isinstance(name, str):
        raise error(f"{metadata.key}: names of fields are strings, not {name!r}")
    return name


def _encode(
    metadata: Metadata, value: Any, path: str, error: type[FilterError | UpdateError]
) -> Any:
    faults: list[FieldFault] = []
    encoded = encode_dynamic(value, path, faults)
    if faults:
        raise error(f"{metadata.key}: {'; '.join(map(str, faults))}")
    return encoded
