"""How long one job of the worker may be, so that others get their turn."""

import time
from collections.abc import Sequence
from typing import Final

from earnorm.stores.sqlite.walking import StoredRow

__all__ = ["Turn"]


class Turn:
    """One step of a long operation; it is over after so many documents, bytes or milliseconds."""

    __slots__ = ("_bytes", "_documents", "_end")

    def __init__(self) -> None:
        self._documents = self._bytes = 0
        self._end = time.perf_counter() + _SECONDS

    @property
    def goes_on(self) -> bool:
        """Whether there is time for more."""
        return (
            self._documents < _DOCUMENTS
            and self._bytes < _BYTES
            and time.perf_counter() < self._end
        )

    def add(self, rows: Sequence[StoredRow]) -> None:
        """Counts what was read."""
        self._documents += len(rows)
        self._bytes += sum(len(encoded) for _, encoded in rows)


_DOCUMENTS: Final = 2_000
_BYTES: Final = 16 * 1024 * 1024
_SECONDS: Final = 0.02
