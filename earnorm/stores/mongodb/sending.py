"""One operation on its way: counted as work in flight, and its faults told as every store tells them."""

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any

from bson.errors import BSONError
from pymongo.errors import DocumentTooLarge, OperationFailure, PyMongoError

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents import bad_value
from earnorm.stores.documents.faults import find_fault
from earnorm.stores.mongodb.link import Link

__all__ = ["Sending"]


class Sending:
    """`with` it: PyMongo's errors pass, but what BSON cannot hold is named, as the embedded store does.

    What is sent is given by what it is, to look for the culprit in: a `filter`, a `projection`, a `pipeline`,
    an `update`, or `documents`. `failed` is called with what the server refused.
    """

    __slots__ = ("_failed", "_link", "_sent")

    def __init__(
        self, link: Link, failed: Callable[[OperationFailure], None] | None = None, /, **sent: Any
    ) -> None:
        self._link = link
        self._failed = failed
        self._sent = sent

    def __enter__(self) -> None:
        self._link.begin()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._link.end()
        if self._failed is not None and isinstance(error, OperationFailure):
            self._failed(error)
        if isinstance(error, Exception):
            told = self._told(error)
            if told is not None:
                raise told from error

    def _told(self, error: Exception) -> Exception | None:
        if isinstance(error, DocumentTooLarge):
            return None
        if isinstance(error, PyMongoError):
            return _too_large(error)
        fault = next(self._faults(), None)
        if fault is None and isinstance(error, BSONError):
            return InvalidDocumentError(f"what was sent cannot be written as BSON: {error}")
        return fault

    def _faults(self) -> Iterator[Exception]:
        """What BSON cannot hold, wherever it is."""
        for what, value in self._sent.items():
            if what == "documents":
                yield from _document_faults(value)
            elif value is not None and (fault := find_fault({what: value})):
                message = f"the {what} cannot be sent: {fault}"
                yield InvalidDocumentError(message) if what == "update" else bad_value(message)


def _document_faults(documents: Sequence[Any]) -> Iterator[Exception]:
    for position, document in enumerate(documents):
        if fault := find_fault(document):
            where = f"document {position} of the batch: " if len(documents) > 1 else ""
            yield InvalidDocumentError(where + fault)


def _too_large(error: PyMongoError) -> DocumentTooLarge | None:
    """An update that made a document too large is told of by the server, in two ways."""
    if isinstance(error, OperationFailure) and error.code in _TOO_LARGE:
        return DocumentTooLarge(str((error.details or {}).get("errmsg") or error))
    return None


_TOO_LARGE = frozenset({10334, 17419, 17420})  # BSONObjectTooLarge, and two of the update stages
