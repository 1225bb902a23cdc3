"""MongoDB's rules for the options of an index."""

from collections.abc import Mapping
from typing import Any, Final

from pymongo.errors import OperationFailure

from earnorm.stores.documents import (
    bad_value,
    compile_collation,
    is_operators,
    is_regex,
    normalized_filter,
)
from earnorm.typing import Index

__all__ = ["check_options", "refused"]


def check_options(index: Index) -> None:
    """Raises PyMongo's `OperationFailure` (67) for options that MongoDB does not take, or not together.

    `UnsupportedError` names a collation that only MongoDB has.
    """
    compile_collation(index.collation)
    if index.sparse and index.partial is not None:
        raise refused(index, "it is both sparse and partial, and a partial index says it all")
    if index.expire_after is not None:
        _check_expiry(index, index.expire_after)
    if index.partial is not None:
        _check_partial(index, normalized_filter(index.partial))


def refused(index: Index, fault: str) -> OperationFailure:
    """What MongoDB answers to an index that it does not build."""
    return bad_value(f"the index {index.name!r} cannot be built: {fault}.", _CANNOT_CREATE_INDEX)


_CANNOT_CREATE_INDEX: Final = 67
_LONGEST_EXPIRY: Final = 2**31 - 1


def _check_expiry(index: Index, seconds: float) -> None:
    if len(index.fields) > 1:
        raise refused(index, "an index that lets documents expire has one field")
    if index.fields[0][0] == "_id":
        raise refused(index, "documents cannot expire by their '_id'")
    if not 0 <= seconds <= _LONGEST_EXPIRY:
        raise refused(
            index, f"documents expire after 0 to {_LONGEST_EXPIRY} seconds, not {seconds!r}"
        )


# "Partial Indexes" in MongoDB's manual
_COMPARISONS: Final = frozenset({"$eq", "$gt", "$gte", "$lt", "$lte", "$in", "$type"})


def _check_partial(index: Index, filter: Mapping[str, Any]) -> None:
    for name, condition in filter.items():
        if name in {"$and", "$or"}:
            for clause in condition if isinstance(condition, list) else ():
                _check_partial(index, clause if isinstance(clause, Mapping) else {})
        elif name.startswith("$"):
            raise _unfit(index, name)
        else:
            _check_condition(index, name, condition)


def _check_condition(index: Index, path: str, condition: Any) -> None:
    if is_regex(condition):
        raise _unfit(index, "a regular expression", path)
    if not is_operators(condition):
        return
    for operator, operand in condition.items():
        if operator == "$exists":
            if not operand:
                raise _unfit(index, "{'$exists': False}", path)
        elif operator not in _COMPARISONS:
            raise _unfit(index, operator, path)
        elif operator == "$in" and any(map(is_regex, operand if isinstance(operand, list) else ())):
            raise _unfit(index, "a regular expression", path)


def _unfit(index: Index, what: str, path: str = "") -> OperationFailure:
    where = f" on {path!r}" if path else ""
    allowed = ", ".join(sorted(_COMPARISONS | {"$and", "$or", "{'$exists': True}"}))
    return refused(index, f"its partial condition has {what}{where}, and may have {allowed}")
