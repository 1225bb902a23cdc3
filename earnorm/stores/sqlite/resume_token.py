"""From where a change stream goes on."""

import re
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
    is_invalidate: bool = False
    """Whether it is that of an `invalidate`, after which nothing more comes."""

    @property
    def document(self) -> dict[str, Any]:
        """The token as users see it: text that grows with the changes of a file."""
        return {"_data": f"{self.file.hex()}{self.number:016x}{self.is_invalidate:02x}".upper()}

    @classmethod
    def of(cls, document: Document) -> Self:
        """The token that was shown; raises PyMongo's `OperationFailure` (260) for what is none."""
        data: object = document.get("_data") if isinstance(document, Mapping) else None
        if not isinstance(data, str) or not _FORM.fullmatch(data):
            raise invalid_token(f"{document!r} is none of this store")
        file, number = bytes.fromhex(data[:16]), int(data[16:32], 16)
        return cls(file=file, number=number, is_invalidate=data.endswith("1"))


_FORM: Final = re.compile(r"[0-9A-F]{32}0[01]", re.ASCII)
