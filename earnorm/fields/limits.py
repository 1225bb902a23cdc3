"""The limits that BSON sets, and those that an author sets."""

from typing import Any

from earnorm.errors import FieldDefinitionError, FieldFault

__all__ = [
    "LONGEST_INTEGER",
    "check_bounds",
    "check_key",
    "is_nameable",
    "is_storable_name",
    "is_unicode",
    "range_message",
]

LONGEST_INTEGER = 2**63 - 1
"""The largest integer that BSON keeps (int64); the smallest is one below its negative."""


def check_bounds(
    low_name: str, low: Any, high_name: str, high: Any, *, kind: type | tuple[type, ...]
) -> None:
    """Raises `FieldDefinitionError` for a limit of another kind, or when no value could lie between."""
    for name, limit in ((low_name, low), (high_name, high)):
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, kind)):
            raise FieldDefinitionError(
                f"{name}={limit!r} is a {type(limit).__name__}, and values are not compared with that"
            )
    if low is not None and high is not None and low > high:
        raise FieldDefinitionError(
            f"{low_name}={low!r} is above {high_name}={high!r}: no value would fit"
        )


def range_message(value: Any, low: Any, high: Any) -> str | None:
    """What is wrong with `value` when it lies outside `low`..`high`, both included; else None."""
    if low is not None and not value >= low:
        return f"must be at least {low!r}"
    if high is not None and not value <= high:
        return f"must be at most {high!r}"
    return None


def check_key(key: object, path: str, faults: list[FieldFault]) -> bool:
    """Whether BSON can keep this key of a dictionary; adds a fault when it cannot."""
    if not isinstance(key, str):
        message = f"has a key of type {type(key).__name__}, and keys must be strings"
    elif "\0" in key:
        message = "has a key with a NUL character, which BSON ends names with"
    elif not is_unicode(key):
        message = "has a key with a lone surrogate, which is not text"
    else:
        return True
    faults.append(FieldFault(path=path, code="key", message=message, input=key))
    return False


def is_storable_name(name: str) -> bool:
    """Whether a document can have `name` at its top (MongoDB's manual, "Naming Restrictions")."""
    return bool(name) and not name.startswith("$") and "\0" not in name and is_unicode(name)


def is_nameable(key: str) -> bool:
    """Whether filters and updates can name `key` in a path (MongoDB's manual, "Field Names")."""
    return bool(key) and "." not in key and not key.startswith("$")


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can encode `text`: a lone surrogate is the one thing that it cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
