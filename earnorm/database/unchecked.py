"""Refuses changes of which only the whole document can tell whether it still fits its model."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from earnorm.database.operands import written_path
from earnorm.errors import UpdateError, is_typo, suggestion
from earnorm.fields import (
    DISCRIMINATOR,
    DictField,
    EmbeddedField,
    EmbeddedUnionField,
    Field,
    SetField,
    TupleField,
    resolve_path,
    steps,
)
from earnorm.fields.arrays import ArrayField
from earnorm.metadata import Metadata

__all__ = ["EACH", "refuse_lost", "refuse_unchecked"]

EACH = "Pass each=True, which changes and checks each instance."


def refuse_lost(metadata: Metadata, operator: str, path: str) -> None:
    """Raises `UpdateError` for a path that no store could follow in a document of the model."""
    if path.partition(".")[0] == "_id":
        raise UpdateError(
            f"{metadata.key}: the id of a document never changes, and {operator} names it"
        )
    above: Field[Any] | None = None
    for part, field in steps(metadata.fields, path):
        if above is not None and field is None and not _has_parts(above):
            raise UpdateError(
                f"{metadata.key}: {operator} names {path!r}, and {above.expects} has no parts"
            )
        if above is not None and _is_array(above) and not (part.isdecimal() or part[:1] == "$"):
            raise UpdateError(
                f"{metadata.key}: {operator} names {written_path(metadata, path)!r}, which leads into every "
                "item of a list, and an update changes one place. Give the position, as in .at(0)."
            )
        if above is not None and field is None and is_typo(part, above.part_names()):
            raise UpdateError(
                f"{metadata.key}: {operator} names {path!r}, and no value has the part {part!r}."
                f"{suggestion(part, above.part_names())}"
            )
        above = field


def refuse_unchecked(metadata: Metadata, operator: str, path: str, value: Any) -> None:
    """Raises `UpdateError` for a change that needs the document to tell whether it still fits."""
    *above, (last, field) = steps(metadata.fields, path)
    fault = (
        _rename_fault(metadata, operator, field, value)
        or _parent_fault([parent for _, parent in above])
        or _position_fault(operator, [*above, (last, field)])
        or _union_fault(operator, [*above, (last, field)])
        or _missing_fault(operator, [*above, (last, field)])
    )
    if fault is None and field is not None:
        fault = _limit_fault(operator, field) or _list_fault(operator, field, value)
    written = repr(written_path(metadata, path))
    if fault is not None:
        raise UpdateError(f"{metadata.key}: {fault.format(written, operator)}. {EACH}")
    holder = above[-1][1] if above else None
    if operator == "$unset" and field is not None and field.required and not _is_free(holder):
        raise UpdateError(
            f"{metadata.key}: {written} is required, so $unset cannot remove it. Set another value."
        )


# The faults below take the path and the operator.


def _rename_fault(
    metadata: Metadata, operator: str, field: Field[Any] | None, target: Any
) -> str | None:
    if operator != "$rename":
        return None
    declared = field or (isinstance(target, str) and resolve_path(metadata.fields, target)[1])
    return "{1} moves values that no field has checked, from or to a field" if declared else None


def _parent_fault(parents: Sequence[Field[Any] | None]) -> str | None:
    for parent in parents:
        if parent is not None and (parent.validators or parent.choices is not None):
            return "{0} is part of a value that is checked as a whole, unseen by {1}"
    return None


def _position_fault(operator: str, way: Sequence[tuple[str, Field[Any] | None]]) -> str | None:
    if operator in _NEVER_CREATES:
        return None
    for depth in range(1, len(way)):
        (part, items), holder = way[depth], way[depth - 1][1]
        if holder is None or not _is_array(holder) or items is None or not part.isdecimal():
            continue
        if items.required and part != "0":
            return "{1} at {0} might leave a gap"
    return None


def _missing_fault(operator: str, way: Sequence[tuple[str, Field[Any] | None]]) -> str | None:
    """What a store would make of a value on the way that is missing: a mapping of the next part alone."""
    if operator in _NEVER_CREATES:
        return None
    is_missing = False
    above: Field[Any] | None = None
    for (_, field), (part, _) in pairwise(way):
        if field is None:
            return None
        is_missing = is_missing or not field.required or _is_free(above) or _is_list(above)
        if is_missing and _is_array(field):
            return "{1} at {0} might make a mapping where a list is missing"
        if is_missing and _needs_more(field, part):
            return "{1} at {0} might make a value that lacks its other values"
        above = field
    return None


def _needs_more(field: Field[Any], part: str) -> bool:
    """Whether an embedded model's value that has only this part would not fit."""
    return isinstance(field, EmbeddedField) and any(
        not one.has_default for one in field.codec.fields.values() if one.stored_name != part
    )


def _union_fault(operator: str, way: Sequence[tuple[str, Field[Any] | None]]) -> str | None:
    """What fits one model of a union, and perhaps not the one that is stored."""
    for (_, holder), (part, field) in pairwise(way):
        if not isinstance(holder, EmbeddedUnionField):
            continue
        if part == DISCRIMINATOR:
            return "{0} says which model the other values are of, unseen by {1}"
        if field is None or not all(
            any(one.stored_name == part for one in model.__codec__.fields.values())
            for _, model in holder.variants()
        ):
            return "{0} is no part of every model that it may be of, unseen by {1}"
    return None


def _limit_fault(operator: str, field: Field[Any]) -> str | None:
    if operator not in _COMPUTES or not _has(field, *_VALUE_LIMITS):
        return None
    return "{0} has limits, which {1} could break unseen"


def _list_fault(operator: str, field: Field[Any], value: Any) -> str | None:
    if field.item_field() is None:
        return None  # a tuple of a fixed length has no operators of lists
    if operator in _GROWS and isinstance(field, SetField):
        return "{0} is kept in an order of its own, which {1} would not keep"
    if operator in _GROWS | _SHRINKS and (field.validators or field.choices is not None):
        return "{0} is checked as a whole, unseen by {1}"
    size = value.get("$slice") if operator == "$push" and isinstance(value, Mapping) else None
    longest = getattr(field, "max_length", None)
    is_cut = isinstance(size, int) and longest is not None and abs(size) <= longest
    if operator in _GROWS and longest is not None and not is_cut:
        return "{0} has a longest length, which {1} could break unseen"
    if (operator in _SHRINKS or size is not None) and _has(field, "min_length"):
        return "{0} has a shortest length, which {1} could break unseen"
    return None


_NEVER_CREATES = frozenset({"$unset", "$pop", "$pull", "$pullAll", "$rename"})
_COMPUTES = frozenset({"$inc", "$mul", "$currentDate"})
_GROWS = frozenset({"$push", "$addToSet"})
_SHRINKS = frozenset({"$pop", "$pull", "$pullAll"})
_VALUE_LIMITS = ("minimum", "maximum", "choices", "max_digits", "decimal_places")


def _has(field: Field[Any], *limits: str) -> bool:
    return bool(field.validators) or any(getattr(field, one, None) is not None for one in limits)


def _has_parts(field: Field[Any]) -> bool:
    return field.has_keys or _is_array(field) or bool(field.part_names())


def _is_array(field: Field[Any]) -> bool:
    return isinstance(field, (ArrayField, TupleField))


def _is_list(field: Field[Any] | None) -> bool:
    return isinstance(field, ArrayField)


def _is_free(holder: Field[Any] | None) -> bool:
    return isinstance(holder, DictField)
