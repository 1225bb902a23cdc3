"""Query updates: their shape, and what the fields and validators of the model say to them."""

from collections.abc import Mapping
from typing import Any

from earnorm.database.operands import OPERATORS, check_operand
from earnorm.database.passing import passed_methods
from earnorm.database.translation import checked_name, shown
from earnorm.database.unchecked import EACH, refuse_lost, refuse_unchecked
from earnorm.database.validation import instance_validators
from earnorm.errors import (
    FieldFault,
    UnsupportedError,
    UpdateError,
    ValidationError,
    is_typo,
    suggestion,
)
from earnorm.fields import UniqueValidator, resolve_path
from earnorm.metadata import Metadata
from earnorm.models import REVISION
from earnorm.typing import MutableDocument

__all__ = ["check_passed_validators", "shape_update", "translate_update"]


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
        if operator not in OPERATORS:
            known = f"They take {', '.join(sorted(OPERATORS))}."
            raise UnsupportedError(f"the update operator {operator}", where=_WHERE, remedy=known)
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
            refuse_lost(metadata, operator, path)
            if operator == "$rename":
                refuse_lost(metadata, operator, str(value))
            if not is_checked_later:
                refuse_unchecked(metadata, operator, path, value)
            translated[operator][path] = check_operand(
                metadata, operator, path, value, field, faults
            )
    if faults:
        raise ValidationError(metadata.name, faults)
    return translated


def check_passed_validators(metadata: Metadata, update: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises `UpdateError` when a query update would pass by a validator of the model.

    A `UniqueValidator` is not passed by where a unique index over the same fields decides.
    """
    paths = [path for changes in update.values() for path in changes]
    paths += map(str, update.get("$rename", {}).values())
    for method in passed_methods(metadata, paths):
        raise UpdateError(
            f"{metadata.key}: the validator {method!r} looks at instances, and a query update has none. {EACH}"
        )
    for validator in instance_validators(metadata.validators):
        name = getattr(validator, "__name__", repr(validator))
        raise UpdateError(
            f"{metadata.key}: the validator {name!r} looks at instances, and a query update has none. {EACH}"
        )
    touched = {path.partition(".")[0] for path in paths}
    for validator in metadata.validators:
        if not isinstance(validator, UniqueValidator):
            continue
        stored = {metadata.fields[name].stored_name for name in validator.fields}
        if stored & touched and not metadata.has_index_behind(validator):
            raise UpdateError(
                f"{metadata.key}: {validator!r} has no unique index that would hold for a query update. {EACH} "
                "Or declare the index."
            )


_WHERE = "updates of a model, whose values the fields check"


def _shape_changes(
    metadata: Metadata, operator: str, changes: Mapping[Any, Any]
) -> MutableDocument:
    shaped: MutableDocument = {}
    for name, value in changes.items():
        path = _changed_path(metadata, operator, name)
        if path in shaped:
            raise UpdateError(f"{metadata.key}: {operator} names {path!r} twice")
        shaped[path] = _changed_path(metadata, operator, value) if operator == "$rename" else value
    return shaped


def _changed_path(metadata: Metadata, operator: str, name: object) -> str:
    """The path under stored names; raises `UpdateError` for one that no update may change."""
    path, _ = resolve_path(metadata.fields, checked_name(metadata, name, UpdateError))
    for segment in path.split("."):
        if segment.startswith("$") and segment[1:2] in ("", "["):
            raise UnsupportedError(
                f"the positional segment {segment} in the update path {path!r}", where=_WHERE
            )
    head = path.partition(".")[0]
    stored_names = {field.stored_name for field in metadata.fields.values()}
    # An undeclared name is an extra, which a query may set; one that is nearly a field's is a typo.
    if head not in stored_names and is_typo(head, metadata.fields):
        raise UpdateError(
            f"{metadata.key} has no field {head!r}.{suggestion(head, metadata.fields)} If it is "
            "another value that you keep, declare it as a field."
        )
    if head == REVISION and metadata.options.get("revision"):
        raise UpdateError(
            f"{metadata.key}: {REVISION!r} counts the writes of a document, and {operator} names it. "
            "Leave it out: every update counts itself."
        )
    return path
