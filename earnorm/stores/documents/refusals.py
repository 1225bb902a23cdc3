"""The errors that the document rules raise, in PyMongo's classes and with MongoDB's codes."""

from typing import Final

from pymongo.errors import OperationFailure, WriteError

from earnorm.errors import UnsupportedError

__all__ = ["WHERE", "bad_value", "unsupported", "write_error"]

WHERE: Final = "this release's embedded store"
"""Who it is that does not support something, for `UnsupportedError`."""


def bad_value(message: str, code: int = 2) -> OperationFailure:
    """What MongoDB answers to a filter or a command that it cannot read."""
    return OperationFailure(message, code, {"ok": 0, "code": code, "errmsg": message})


def write_error(message: str, code: int = 2, position: int = 0) -> WriteError:
    """What MongoDB answers to a write that it cannot apply; `position` is its place in a batch."""
    return WriteError(message, code, {"index": position, "code": code, "errmsg": message})


def unsupported(what: str, remedy: str = "") -> UnsupportedError:
    """What the embedded store answers to a part of MongoDB that it does not have."""
    return UnsupportedError(what, where=WHERE, remedy=remedy)
