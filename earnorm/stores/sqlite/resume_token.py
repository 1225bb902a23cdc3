"""From where a change stream goes on."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from earnorm.stores.sqlite.failures import invalid_token
from earnorm.typing import Document

__all__ = ["ResumeToken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeToken:
    """A place in the changes of one file: after the change with this number."""

    file: bytes
    """Eight random bytes that the file was given."""
    number: int
    at: int
    """The moment of that change in milliseconds, 0 where none was noted yet.

    It tells the change from another of the same number, in a file where an older copy was put.
    """
    is_invalidate: bool = False
    """Whether it is that of an `invalidate`, after which nothing more comes."""

    @property
    def document(self) -> dict[str, Any]:
        """The token as users see it: text that grows with the changes of a file."""
        data = _LAYOUT.pack(self.file, self.number, self.at, self.is_invalidate)
        return {"_data": data.hex().upper()}

    @classmethod
    def of(cls, document: Document) -> Self:
        """The token that was shown; raises PyMongo's `OperationFailure` (260) for what is none."""
        data: object = document.get("_data") if isinstance(document, Mapping) else None
        if not isinstance(data, str) or not _FORM.fullmatch(data):
            raise invalid_token(f"{document!r} is none of this store")
        file, number, at, is_invalidate = _LAYOUT.unpack(bytes.fromhex(data))
        return cls(file=file, number=number, at=at, is_invalidate=is_invalidate)


_LAYOUT: Final = struct.Struct(">8sQq?")
_FORM: Final = re.compile(r"[0-9A-F]{48}0[01]", re.ASCII)
