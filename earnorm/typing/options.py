"""How an operation is to be run, as opposed to what it does."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, TypeAlias, get_args

from earnorm.typing.aliases import Document, SortKey

__all__ = ["NAIVE_DATES", "OperationOptions", "ReadConcern", "ReadPreference"]

ReadConcern: TypeAlias = Literal["local", "available", "majority", "linearizable", "snapshot"]
"""What a read may see, in MongoDB's words."""

ReadPreference: TypeAlias = Literal[
    "primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"
]
"""Which members of a replica set may answer, in MongoDB's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationOptions:
    """How an operation is run; None leaves it to the store, its URL or the server.

    `write_concern` is a number of members, a name (`"majority"`) or MongoDB's mapping (`{"w": 1, "j": True}`),
    `collation` MongoDB's mapping (`{"locale": "en", "strength": 2}`), `hint` the name or the fields of
    an index, `comment` what the server's logs show, `max_time` the seconds that the operation may take,
    `batch_size` how many documents a batch holds at most. With `naive_dates`, which EarnORM asks for
    where it makes instances, the documents of a `find` may have naive dates, which are UTC: PyMongo
    reads them in a tenth of the time. A store that leaves it aside is right too. Raises `ValueError` for a value that none of
    them can have; whether a store supports it, it says itself.
    """

    read_concern: ReadConcern | None = None
    write_concern: int | str | Document | None = None
    read_preference: ReadPreference | None = None
    collation: Document | None = None
    hint: str | tuple[SortKey, ...] | None = None
    comment: str | None = None
    max_time: float | None = None
    batch_size: int | None = None
    naive_dates: bool | None = None

    def __post_init__(self) -> None:
        for name, fault in _faults(self):
            raise ValueError(f"the option {name!r} {fault}")

    def over(self, weaker: "OperationOptions | None") -> "OperationOptions":
        """These options, and those of `weaker` where these say nothing."""
        if weaker is None:
            return self
        chosen = {
            one.name: value
            if (value := getattr(self, one.name)) is not None
            else getattr(weaker, one.name)
            for one in fields(self)
        }
        return OperationOptions(**chosen)


def _faults(options: OperationOptions) -> list[tuple[str, str]]:
    faults = []
    for name, choices in (("read_concern", ReadConcern), ("read_preference", ReadPreference)):
        value = getattr(options, name)
        if value is not None and value not in get_args(choices):
            faults.append((name, f"is one of {', '.join(get_args(choices))}, not {value!r}"))
    for name, kind, words in _KINDS:
        value = getattr(options, name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            faults.append((name, f"is {words}, not {value!r}"))
    if options.naive_dates not in (None, True, False):
        faults.append(("naive_dates", f"is True or False, not {options.naive_dates!r}"))
    for name in ("max_time", "batch_size"):
        value = getattr(options, name)
        if isinstance(value, (int, float)) and not value > 0:
            faults.append((name, f"is more than 0, not {value!r}"))
    return faults


_KINDS: tuple[tuple[str, Any, str], ...] = (
    ("write_concern", (int, str, Mapping), "a number, a name or a mapping"),
    ("collation", Mapping, "a mapping such as {'locale': 'en', 'strength': 2}"),
    ("hint", (str, tuple), "the name or the fields of an index"),
    ("comment", str, "a string"),
    ("max_time", (int, float), "a number of seconds"),
    ("batch_size", int, "a whole number"),
)

NAIVE_DATES: Final = OperationOptions(naive_dates=True)
"""What says nothing but that, so that a store may know it by its identity."""
