"""Options of operations in PyMongo's terms."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import pymongo
from pymongo.errors import ConfigurationError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import (
    Nearest,
    Primary,
    PrimaryPreferred,
    Secondary,
    SecondaryPreferred,
)
from pymongo.write_concern import WriteConcern

from earnorm.errors import UnsupportedError
from earnorm.typing import Document, OperationOptions

__all__ = ["command_arguments", "concerns_of", "limited", "milliseconds", "selecting_arguments"]


def concerns_of(options: OperationOptions) -> dict[str, Any]:
    """What a collection, or a transaction, is given: concerns and the read preference.

    Raises `UnsupportedError` for writes that nobody acknowledges, `ValueError` for what is no concern.
    """
    concerns: dict[str, Any] = {}
    if options.read_concern is not None:
        concerns["read_concern"] = ReadConcern(options.read_concern)
    if options.write_concern is not None:
        concerns["write_concern"] = _write_concern(options.write_concern)
    if options.read_preference is not None:
        concerns["read_preference"] = _PREFERENCES[options.read_preference]
    return concerns


def command_arguments(options: OperationOptions | None) -> dict[str, Any]:
    """What every command takes: the comment."""
    if options is None or options.comment is None:
        return {}
    return {"comment": options.comment}


def selecting_arguments(options: OperationOptions | None) -> dict[str, Any]:
    """What a command with a filter takes besides: the collation and the hint."""
    if options is None:
        return {}
    arguments = command_arguments(options)
    if options.collation is not None:
        arguments["collation"] = dict(options.collation)
    if options.hint is not None:
        hint = options.hint
        arguments["hint"] = hint if isinstance(hint, str) else list(hint)
    return arguments


def milliseconds(options: OperationOptions | None) -> int | None:
    """MongoDB's `maxTimeMS`, at least 1, since 0 means no limit."""
    if options is None or options.max_time is None:
        return None
    return max(1, round(options.max_time * 1000))


def limited(options: OperationOptions | None) -> AbstractContextManager[None]:
    """The limit of a write's time: PyMongo takes none for a write but for all that is in such a block."""
    if options is None or options.max_time is None:
        return nullcontext()
    return pymongo.timeout(options.max_time)


_PREFERENCES: Final = {
    "primary": Primary(),
    "primaryPreferred": PrimaryPreferred(),
    "secondary": Secondary(),
    "secondaryPreferred": SecondaryPreferred(),
    "nearest": Nearest(),
}

_PARTS: Final = {"w": "w", "j": "j", "wtimeout": "wtimeout", "wtimeoutMS": "wtimeout"}
"""MongoDB's names of the parts of a write concern, and PyMongo's."""


def _write_concern(written: int | str | Document) -> WriteConcern:
    parts: Mapping[str, Any] = written if isinstance(written, Mapping) else {"w": written}
    unknown = [part for part in parts if part not in _PARTS]
    if unknown:
        raise ValueError(
            f"a write concern has w, j and wtimeout, and no {unknown[0]!r}: {written!r}"
        )
    try:
        concern = WriteConcern(**{_PARTS[part]: value for part, value in parts.items()})
    except (ConfigurationError, TypeError, ValueError) as error:
        raise ValueError(f"{written!r} is no write concern: {error}") from error
    if not concern.acknowledged:
        raise UnsupportedError(
            "a write that nobody acknowledges (w=0)",
            where="EarnORM's MongoDB store",
            remedy="Its errors would be lost; use w=1.",
        )
    return concern
