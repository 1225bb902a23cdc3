"""What an operation may be given beside filters and updates, refused before anything is done."""

from collections.abc import Sequence
from typing import Final

from earnorm.stores.documents import bad_value
from earnorm.stores.documents.faults import shown_value
from earnorm.stores.operations import Delete, Insert, Replace, Update

__all__ = ["check_documents", "check_operations", "check_returned", "check_window"]


def check_documents(documents: object) -> None:
    """Raises `TypeError` for what is no list of documents; what is in it is checked when it is encoded."""
    if not _is_list(documents):
        raise TypeError(f"insert takes a list of documents, not {shown_value(documents)}")


def check_operations(operations: object) -> None:
    """Raises `TypeError` for what is no list of operations."""
    names = "Insert, Replace, Update or Delete"
    if not isinstance(operations, Sequence) or not _is_list(operations):
        raise TypeError(f"bulk takes a list of {names}, not {shown_value(operations)}")
    for position, operation in enumerate(operations):
        if type(operation) not in _OPERATIONS:
            raise TypeError(
                f"operation {position} of a bulk write is an {names}, not {shown_value(operation)}"
            )


def check_window(skip: object, limit: object) -> None:
    """Raises PyMongo's `OperationFailure` for numbers of documents that are none."""
    if type(skip) is int and skip == 0 and limit is None:
        return  # as most searches
    for name, value in (("skip", skip), ("limit", 0 if limit is None else limit)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise bad_value(f"{name!r} is a whole number that is not negative, not {value!r}.")


def check_returned(returned: object) -> None:
    """Raises PyMongo's `OperationFailure` for another form of the document than that before and after."""
    if returned not in ("before", "after"):
        raise bad_value(f"'returned' is 'before' or 'after', not {returned!r}.")


_OPERATIONS: Final = frozenset({Insert, Replace, Update, Delete})


def _is_list(value: object) -> bool:
    # an iterator would be empty when a lock makes the store try again
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
