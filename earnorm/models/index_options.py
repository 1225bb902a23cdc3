"""Reads when the documents of an index expire, and how it compares text."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from earnorm.errors import ModelDefinitionError, suggestion
from earnorm.fields import (
    BooleanField,
    BytesField,
    DecimalField,
    EmbeddedField,
    Field,
    FloatField,
    IntegerField,
    ObjectIdField,
    PointField,
    ReferenceField,
    StringField,
    TimeDeltaField,
    UUIDField,
    resolve_path,
)
from earnorm.models.index_paths import innermost
from earnorm.typing import SortKey

__all__ = ["read_collation", "read_expiry"]


def read_expiry(
    written: Any, keys: Sequence[SortKey], fields: Mapping[str, Field[Any]], *, key: str
) -> float | None:
    """How many seconds after the date in its field a document is deleted; None for never.

    Raises `ModelDefinitionError` where no document could expire so (MongoDB's manual, TTL Indexes).
    """
    if written is None:
        return None
    what = f"the index {'_'.join(f'{path}_{direction}' for path, direction in keys)!r}"
    is_number = isinstance(written, int | float) and not isinstance(written, bool)
    if not is_number or not 0 <= written <= _LONGEST_EXPIRY or written != int(written):
        fault = f"{what} has 'expire_after': {written!r}, which is whole seconds, 0 to {_LONGEST_EXPIRY}"
        raise ModelDefinitionError(fault, model=key)
    if len(keys) > 1:
        fault = f"{what} has 'expire_after' and {len(keys)} fields: documents expire by one date"
        raise ModelDefinitionError(fault, model=key)
    ((path, _),) = keys
    field = innermost(resolve_path(fields, path)[1])
    if path == "_id" or isinstance(field, _NEVER_DATES):
        expects = field.expects if field is not None else "an ObjectId"
        fault = f"{what} has 'expire_after', and {path!r} is {expects}: documents expire by a date"
        raise ModelDefinitionError(fault, model=key)
    return float(written)


def read_collation(written: Any, *, what: str, key: str) -> dict[str, Any] | None:
    """MongoDB's collation document, None for that of code points; raises `ModelDefinitionError`.

    What it says is MongoDB's (its manual, Collation Document); which locales there are, the store knows.
    """
    if written is None:
        return None
    if not isinstance(written, Mapping):
        fault = f"{what} has 'collation': {written!r}, which must be a mapping such as {{'locale': 'en', 'strength': 2}}"
        raise ModelDefinitionError(fault, model=key)
    for option, value in written.items():
        if option not in _COLLATION:
            hint = suggestion(str(option), _COLLATION) or f" They are: {', '.join(_COLLATION)}."
            fault = f"the collation of {what} has the unknown option {option!r}.{hint}"
            raise ModelDefinitionError(fault, model=key)
        if not _fits(value, _COLLATION[option]):
            known = " or ".join(map(repr, _COLLATION[option])) or "a string such as 'en'"
            fault = f"the collation of {what} has {option!r}: {value!r}, which must be {known}"
            raise ModelDefinitionError(fault, model=key)
    if "locale" not in written:
        fault = f"the collation of {what} needs a 'locale', such as 'en'"
        raise ModelDefinitionError(fault, model=key)
    return None if written["locale"] == "simple" else dict(written)


_LONGEST_EXPIRY: Final = 2**31 - 1

_NEVER_DATES: Final = (
    BooleanField,
    BytesField,
    DecimalField,
    EmbeddedField,
    FloatField,
    IntegerField,
    ObjectIdField,
    PointField,
    ReferenceField,
    StringField,
    TimeDeltaField,
    UUIDField,
)

_COLLATION: Final[Mapping[str, tuple[Any, ...]]] = {
    "locale": (),
    "strength": (1, 2, 3, 4, 5),
    "caseLevel": (True, False),
    "caseFirst": ("upper", "lower", "off"),
    "numericOrdering": (True, False),
    "alternate": ("non-ignorable", "shifted"),
    "maxVariable": ("punct", "space"),
    "backwards": (True, False),
    "normalization": (True, False),
}
"""The options of a collation and their values; a locale is any text."""


def _fits(value: Any, allowed: Sequence[Any]) -> bool:
    if not allowed:
        return isinstance(value, str) and bool(value)
    return any(type(value) is type(one) and value == one for one in allowed)
