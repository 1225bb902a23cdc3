"""What a transaction is asked for."""

from typing import TypedDict

from earnorm.errors import suggestion
from earnorm.typing import Document, OperationOptions, ReadConcern, ReadPreference

__all__ = ["TransactionOptions", "read_options"]


class TransactionOptions(TypedDict, total=False):
    """What a transaction may be told, in MongoDB's words."""

    read_concern: ReadConcern
    write_concern: int | str | Document
    read_preference: ReadPreference
    max_time: float


def read_options(options: TransactionOptions) -> OperationOptions | None:
    """The options as a store takes them; raises `TypeError` for one that there is not."""
    known = TransactionOptions.__annotations__
    for name in options:
        if name not in known:
            hint = suggestion(name, known) or f" It takes {', '.join(known)}."
            raise TypeError(f"a transaction has no option {name!r}.{hint}")
    return OperationOptions(**options) if options else None
