"""Values as a document has them: a naive datetime is UTC there, as BSON's dates all are."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Protocol

from bson import Code, DBRef, Int64, ObjectId, tz_util

from earnorm.errors import FieldFault

__all__ = ["decoder_of", "is_ours", "read_single", "read_stored"]


class Decodes(Protocol):
    """What reads the values of documents, as every field does."""

    reads_naive_dates: ClassVar[bool]

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        """A stored value in the field's own type."""
        ...


def read_stored(stored: Any) -> Any:
    """A stored value with aware dates, whose dictionaries and lists belong to nobody else."""
    kind = type(stored)
    if kind in _PLAIN:
        return stored
    read = _READERS.get(kind)
    if read is not None:
        return read(stored)
    for kinds, read in _KINDS:
        if isinstance(stored, kinds):
            return read(stored)
    return stored


def read_single(stored: Any) -> Any:
    """The same for a value that its field reads part by part: a dictionary or a list is left as it is."""
    return stored if isinstance(stored, (dict, list)) else read_stored(stored)


def decoder_of(field: Decodes) -> Callable[[Any, str, list[FieldFault]], Any]:
    """The field's `decode` for what a document has.

    Our own field types read naive dates themselves. A stranger's gets aware ones only: who writes
    `moment.astimezone(...)` would read a naive one as local time.
    """
    return field.decode if field.reads_naive_dates else partial(_decode_aware, field)


def is_ours(method: object) -> bool:
    """Whether a method of a field type is the one that the types in this package have."""
    return str(getattr(method, "__module__", "")).startswith("earnorm.fields.")


def _decode_aware(field: Decodes, stored: Any, path: str, faults: list[FieldFault]) -> Any:
    return field.decode(read_stored(stored), path, faults)


def _read_mapping(stored: Mapping[Any, Any]) -> dict[Any, Any]:
    return {
        key: item if type(item) in _PLAIN else read_stored(item) for key, item in stored.items()
    }


def _read_list(stored: list[Any]) -> list[Any]:
    return [item if type(item) in _PLAIN else read_stored(item) for item in stored]


def _read_moment(stored: datetime) -> datetime:
    if stored.tzinfo is None or stored.tzinfo is tz_util.utc:
        # `combine` takes a sixth of the time that `replace` does.
        return datetime.combine(stored, stored.time(), UTC)
    return stored


def _read_odd_moment(stored: datetime) -> datetime:
    return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored


def _read_code(stored: Code) -> Code:
    return stored if stored.scope is None else Code(str(stored), _read_mapping(stored.scope))


def _read_link(stored: DBRef) -> DBRef:
    parts = _read_mapping(stored.as_doc())
    return DBRef(parts.pop("$ref"), parts.pop("$id"), parts.pop("$db", None), parts)


# What most values are, and what needs no look inside.
_PLAIN = frozenset({str, int, float, bool, type(None), ObjectId, Int64, bytes})
_READERS: dict[type, Callable[[Any], Any]] = {
    dict: _read_mapping,
    list: _read_list,
    datetime: _read_moment,
    Code: _read_code,
    DBRef: _read_link,
}
# Subclasses, and what BSON never gives but a caller of `from_document` may.
_KINDS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (datetime, _read_odd_moment),
    (Mapping, _read_mapping),
    (list, _read_list),
    (tuple, lambda stored: tuple(map(read_stored, stored))),
    (set, lambda stored: set(map(read_stored, stored))),
    (frozenset, lambda stored: frozenset(map(read_stored, stored))),
)
