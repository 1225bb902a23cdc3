"""Query updates: their shape, and what the fields and validators of the model say to them."""

from collections.abc import Mapping
from typing import Any

from earnorm.database.passing import passed_methods
from earnorm.database.translation import checked_name, encode_free, shown
from earnorm.database.validation import instance_validators
from earnorm.errors import FieldFault, UpdateError, ValidationError, is_typo, suggestion
from earnorm.fields import (
    AnyField,
    DictField,
    EmbeddedField,
    Field,
    FloatField,
    IntegerField,
    JsonField,
    TupleField,
    UniqueValidator,
    resolve_path,
)
from earnorm.fields.arrays import ArrayField
from earnorm.metadata import Metadata
from earnorm.models import REVISION
from earnorm.typing import MutableDocument

__all__ = ["check_passed_validators", "shape_update", "translate_update"]

_EACH = "Pass each=True, which changes and checks each instance."


def shape_update(metadata: Metadata, update: object) -> dict[str, MutableDocument]:
    """A copy of the update that hooks may change: operators, each with its stored paths.

    Raises `UpdateError` for what is no update, and for a name that looks like a misspelt field.
    """
    if not isinstance(update, Mapping) or not update:
        raise UpdateError(
            f"{metadata.key}: an update is a mapping such as {{'$set': {{'name': 'Ada'}}}}, not {shown(metadata, update)!r}"
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
                f"{metadata.key}: {operator} takes a mapping of fields, not {shown(metadata, changes)!r}"
            )
        shaped[operator] = _shape_changes(metadata, operator, changes)
    return shaped


def translate_update(
    metadata: Metadata,
    update: Mapping[str, Mapping[str, Any]],
    *,
    is_checked_later: bool = False,
) -> MutableDocument:
    """The update under stored names, its values checked by their fields and encoded.

    Raises `ValidationError` for a value that does not fit, `UpdateError` for a change after which a
    document might not fit: `is_checked_later` allows those that the save of each instance will check.
    """
    faults: list[FieldFault] = []
    translated: MutableDocument = {}
    for operator, changes in update.items():
        translated[operator] = {}
        for name, value in changes.items():
            path, field = resolve_path(metadata.fields, checked_name(metadata, name, UpdateError))
            if path == "_id":
                raise UpdateError(
                    f"{metadata.key}: the id of a document never changes, and {operator} names it"
                )
            if field is None:
                _refuse_below_value(metadata, operator, path)
            elif not is_checked_later:
                _refuse_unchecked(metadata, operator, path, field)
            checked = _checked_operand(metadata, operator, path, field, value, faults)
            translated[operator][path] = checked
    if faults:
        raise ValidationError(metadata.name, faults)
    return translated


def check_passed_validators(metadata: Metadata, update: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises `UpdateError` when a query update would pass by a validator of the model.

    A `UniqueValidator` is not passed by where a unique index over the same fields decides.
    """
    touched = {path.partition(".")[0] for changes in update.values() for path in changes}
    paths = [path for changes in update.values() for path in changes]
    for method in passed_methods(metadata, paths):
        raise UpdateError(
            f"{metadata.key}: the validator {method!r} looks at instances, and a query update has none. {_EACH}"
        )
    for validator in instance_validators(metadata.validators):
        name = getattr(validator, "__name__", repr(validator))
        raise UpdateError(
            f"{metadata.key}: the validator {name!r} looks at instances, and a query update has none. {_EACH}"
        )
    for validator in metadata.validators:
        if not isinstance(validator, UniqueValidator):
            continue
        stored = {metadata.fields[name].stored_name for name in validator.fields}
        if stored & touched and not metadata.has_index_behind(validator):
            raise UpdateError(
                f"{metadata.key}: {validator!r} has no unique index that would hold for a query update. {_EACH} "
                "Or declare the index."
            )


def _shape_changes(
    metadata: Metadata, operator: str, changes: Mapping[Any, Any]
) -> MutableDocument:
    stored_names = {field.stored_name for field in metadata.fields.values()}
    shaped: MutableDocument = {}
    for name, value in changes.items():
        path, _ = resolve_path(metadata.fields, checked_name(metadata, name, UpdateError))
        head = path.partition(".")[0]
        # An undeclared name is an extra, which a query may set; one that is nearly a field's is a typo.
        if head not in stored_names and is_typo(head, metadata.fields):
            raise UpdateError(
                f"{metadata.key} has no field {head!r}.{suggestion(head, metadata.fields)} If it is "
                "another value that you keep, declare it as a field."
            )
        if path in shaped:
            raise UpdateError(f"{metadata.key}: {operator} names {path!r} twice")
        if head == REVISION and metadata.options.get("revision"):
            raise UpdateError(
                f"{metadata.key}: {REVISION!r} counts the writes of a document, and {operator} names it. "
                "Leave it out: every update counts itself."
            )
        shaped[path] = value
    return shaped


def _checked_operand(
    metadata: Metadata,
    operator: str,
    path: str,
    field: Field[Any] | None,
    value: Any,
    faults: list[FieldFault],
) -> Any:
    if field is None or operator not in ("$set", "$inc"):
        return encode_free(metadata, value, path, UpdateError)
    found = len(faults)
    written = _written_path(metadata, path)
    if operator == "$set":
        checked = field.check(value, written, faults)
    elif isinstance(field, (IntegerField, FloatField)):
        checked = field.convert(value, written, faults)
    else:
        raise UpdateError(
            f"{metadata.key}: $inc adds to numbers, and {written!r} is {field.expects}"
        )
    return None if checked is None or len(faults) > found else field.encode(checked)


def _refuse_unchecked(metadata: Metadata, operator: str, path: str, field: Field[Any]) -> None:
    """Raises for a change that needs the document to tell whether it still fits."""
    parent_path, _, last = path.rpartition(".")
    parent = resolve_path(metadata.fields, parent_path)[1] if parent_path else None
    written = _written_path(metadata, path)
    if operator == "$unset" and field.required and not isinstance(parent, DictField):
        raise UpdateError(
            f"{metadata.key}: {written!r} is required, so $unset cannot remove it. Set another value."
        )
    is_item = isinstance(parent, (ArrayField, TupleField)) and last.isdigit() and field.required
    if is_item and (operator, last) != ("$set", "0"):
        raise UpdateError(f"{metadata.key}: {operator} at {written!r} might leave a gap. {_EACH}")
    limits = [getattr(field, limit, None) for limit in ("minimum", "maximum", "choices")]
    if operator == "$inc" and (field.validators or any(limit is not None for limit in limits)):
        raise UpdateError(
            f"{metadata.key}: {written!r} has limits, which $inc could break unseen. {_EACH}"
        )


def _refuse_below_value(metadata: Metadata, operator: str, path: str) -> None:
    """Raises for a path that leads into a value which has no parts, such as a number."""
    parts = path.split(".")
    for end in range(1, len(parts)):
        above = resolve_path(metadata.fields, ".".join(parts[:end]))[1]
        if above is not None and not isinstance(above, _WITH_PARTS):
            raise UpdateError(
                f"{metadata.key}: {operator} names {path!r}, and {above.expects} has no parts"
            )


def _written_path(metadata: Metadata, path: str) -> str:
    """The stored path as the author knows it: under the field's name."""
    head, dot, rest = path.partition(".")
    names = {field.stored_name: name for name, field in metadata.fields.items()}
    return f"{names.get(head, head)}{dot}{rest}"


_WITH_PARTS = (AnyField, ArrayField, DictField, EmbeddedField, JsonField, TupleField)
