"""MongoDB's rules for the names of collections and indexes."""

from typing import Final

from pymongo.errors import OperationFailure

from earnorm.stores.documents import bad_value
from earnorm.stores.sqlite.index_options import check_options, refused
from earnorm.typing import Index

__all__ = ["check_collection_name", "check_identity", "check_index"]


def check_collection_name(name: str) -> None:
    """Raises PyMongo's `OperationFailure` (73) for a name that MongoDB does not allow."""
    if not isinstance(name, str):
        raise bad_value(f"the name of a collection is text, not {name!r}.", _INVALID_NAMESPACE)
    if not name:
        raise _invalid(name, "is empty")
    if "\x00" in name or "$" in name:
        raise _invalid(name, "contains a NUL character or a '$'")
    if name.startswith((".", "system.")) or name.endswith("."):
        raise _invalid(name, "begins with 'system.', or begins or ends with a dot")
    if len(_encoded(name)) > _MOST_BYTES:
        raise _invalid(name[:40] + "...", f"has more than {_MOST_BYTES} bytes")


def check_index(index: Index) -> None:
    """Raises PyMongo's `OperationFailure` (67) for an index that MongoDB would not build.

    `UnsupportedError` names a collation that only MongoDB has.
    """
    _encoded(index.name)
    if not index.name or "\x00" in index.name or index.name in {"*", "_id_"}:
        raise refused(index, "choose another name")
    if not index.fields:
        raise refused(index, "it names no field")
    _check_fields(index)
    check_options(index)


def check_identity(index: Index) -> None:
    """Raises PyMongo's `OperationFailure` (67) for an index of `_id` that would be another than every collection has."""
    for option in ("partial", "sparse", "expire_after", "collation"):
        if getattr(index, option) not in (None, False):
            raise refused(index, f"the index of '_id' takes no option {option!r}")


def _check_fields(index: Index) -> None:
    if len(index.fields) > _MOST_FIELDS:
        raise refused(
            index, f"it names {len(index.fields)} fields, and an index has at most {_MOST_FIELDS}"
        )
    if len({path for path, _ in index.fields}) < len(index.fields):
        raise refused(index, "it names a field twice")
    for path, direction in index.fields:
        if not path or any(not part or part.startswith("$") for part in path.split(".")):
            raise refused(index, f"{path!r} is not the path of a field")
        if direction not in (1, -1) or isinstance(direction, bool):
            raise refused(index, f"the direction of {path!r} is 1 or -1, not {direction!r}")


# "MongoDB Limits and Thresholds" in its manual
_MOST_FIELDS: Final = 32

_INVALID_NAMESPACE: Final = 73
_MOST_BYTES: Final = 255


def _encoded(name: str) -> bytes:
    try:
        return name.encode()
    except UnicodeEncodeError as error:
        raise _invalid(name, "contains a lone surrogate") from error


def _invalid(name: str, fault: str) -> OperationFailure:
    return bad_value(f"the name {name!r} {fault}. Choose another one.", _INVALID_NAMESPACE)
