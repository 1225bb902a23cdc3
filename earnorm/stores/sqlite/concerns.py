"""What the options of an operation ask of a store that is one file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from earnorm.stores.documents import unsupported
from earnorm.typing import Document, OperationOptions

__all__ = ["check_options", "collation_of", "with_aware_dates", "waits_for_disk"]


def check_options(options: OperationOptions | None, *refused: str) -> None:
    """Raises `UnsupportedError`, by name, for what one file cannot give.

    `TypeError` for what is no `OperationOptions`. Every read concern and read preference is satisfied, and so
    is a write concern of 1 and of `"majority"`.
    """
    if options is None:
        return
    if not isinstance(options, OperationOptions):
        raise TypeError(f"options are OperationOptions(hint=..., max_time=...), not {options!r}")
    for name in refused:
        if getattr(options, name) is not None:
            raise unsupported(f"the option {name!r}")
    if options.write_concern is not None:
        _check_write_concern(options.write_concern)


def collation_of(options: OperationOptions | None) -> Document | None:
    """The collation that the options ask for."""
    return None if options is None else options.collation


def with_aware_dates(options: OperationOptions | None) -> OperationOptions | None:
    """The options for what computes with dates, or shows them: naive ones are for a `find` alone."""
    is_naive = options is not None and options.naive_dates
    return replace(options, naive_dates=None) if options is not None and is_naive else options


def waits_for_disk(options: OperationOptions | None) -> bool:
    """Whether the write concern asks for a journal that has reached the disk (`{"j": True}`)."""
    concern = None if options is None else options.write_concern
    return isinstance(concern, Mapping) and bool(concern.get("j"))


def _check_write_concern(concern: int | str | Mapping[str, Any]) -> None:
    values = concern if isinstance(concern, Mapping) else {"w": concern}
    for name in values:
        if name not in _WRITE_CONCERN:
            raise unsupported(
                f"{name!r} in a write concern", f"It has {', '.join(_WRITE_CONCERN)}."
            )
    members = values.get("w", 1)
    if members not in (1, "majority") or isinstance(members, bool):
        raise unsupported(
            f"the write concern {members!r}",
            "A file is one member, and acknowledges every write: use 1 or 'majority'.",
        )


_WRITE_CONCERN: Final = ("w", "j", "wtimeout")
