"""What a server failed with, as our errors: connections, timeouts, conflicts, rights, what it does not know."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pymongo.errors import (
    ConnectionFailure,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
    WriteConcernError,
    WTimeoutError,
)

from earnorm.errors import (
    EarnORMError,
    NotAuthorizedError,
    OperationFailedError,
    OperationTimeoutError,
    StoreConnectionError,
    TransactionConflictError,
    UnsupportedError,
)

__all__ = ["labels_of", "reason_of", "translate_store_errors", "translated_failure"]

LABELS: Final = (
    "TransientTransactionError",
    "UnknownTransactionCommitResult",
    "RetryableWriteError",
    "ResumableChangeStreamError",
    "NoWritesPerformed",
    "SystemOverloadedError",
    "RetryableError",
)
"""The labels of MongoDB's specifications by which a program knows what it may try again."""


@contextmanager
def translate_store_errors(about: str) -> Iterator[None]:
    """Turns PyMongo's errors, within the block, into ours; `about` names the store or the model.

    For what has neither a filter nor a document that could be to blame: transactions, change streams,
    indexes, what describes a store.
    """
    try:
        yield
    except PyMongoError as error:
        failure = translated_failure(error, about)
        if failure is None:
            code = getattr(error, "code", None)
            failure = OperationFailedError(
                about, reason_of(error), code=code, labels=labels_of(error)
            )
        raise failure from error


def translated_failure(
    error: PyMongoError, about: str, *, open_words: bool = True
) -> EarnORMError | None:
    """Our error for a failure that neither a filter nor an update nor a document is to blame for.

    None where one of them is. `about` names the model or the store; without `open_words` the server's own
    words, which may quote a filter, are withheld.
    """
    fault = reason_of(error) if open_words else "its words are withheld, as they may hold a secret"
    labels = labels_of(error)
    if isinstance(error, ConnectionFailure):
        return _connection_error(error, about, fault, labels)
    if not isinstance(error, OperationFailure):
        return OperationFailedError(about, fault)
    return _server_error(error, about, fault, labels)


def labels_of(error: PyMongoError) -> frozenset[str]:
    """The labels that the server, or PyMongo, gave the error."""
    return frozenset(label for label in LABELS if error.has_error_label(label))


def reason_of(error: PyMongoError) -> str:
    """The server's message alone: PyMongo appends the whole reply, or the whole topology, to it."""
    details = getattr(error, "details", None)
    said = details.get("errmsg") if isinstance(details, Mapping) else None
    return str(said or error).partition(", full error: ")[0].partition(", Timeout: ")[0]


# Codes of MongoDB's error_codes.yml
_UNREACHABLE: Final = frozenset({6, 7, 91, 189, 9001, 10058, 10107, 11600, 11602, 13435, 13436})
_TOO_LONG: Final = frozenset({24, 50, 89, 202, 262, 290})
_CONFLICT: Final = frozenset({112, 246, 251})
_REFUSED: Final = frozenset({13, 18})
_UNKNOWN: Final = frozenset({20, 59, 115, 166, 238, 263, 40573})
_BROKEN: Final = frozenset(
    {1, 8, 26, 43, 46, 63, 64, 70, 72, 79, 96, 100, 107, 123, 125, 133, 134, 136, 148, 175}
    | {217, 225, 237, 239, 244, 256, 257, 267, 280, 286, 292, 391, 462, 8000, 11601, 14031}
)


def _connection_error(
    error: ConnectionFailure, about: str, fault: str, labels: frozenset[str]
) -> EarnORMError:
    code = _code(error)
    if isinstance(error, (NetworkTimeout, WaitQueueTimeoutError)):
        return OperationTimeoutError(about, fault, code=code, labels=labels)
    return StoreConnectionError(about, fault, code=code, labels=labels)


def _server_error(
    error: OperationFailure, about: str, fault: str, labels: frozenset[str]
) -> EarnORMError | None:
    code = error.code
    if code in _CONFLICT or "TransientTransactionError" in labels:
        return TransactionConflictError(about, fault, code=code, labels=labels)
    if isinstance(error, WTimeoutError) or code in _TOO_LONG:
        return OperationTimeoutError(about, fault, code=code, labels=labels)
    if isinstance(error, WriteConcernError):
        remedy = (
            "The write itself happened; that as many members as asked keep it, nobody promised."
        )
        return OperationFailedError(about, fault, remedy=remedy, code=code, labels=labels)
    if code in _UNREACHABLE:
        return StoreConnectionError(about, fault, code=code, labels=labels)
    if code in _REFUSED:
        return NotAuthorizedError(about, fault, code=code)
    if code in _UNKNOWN:
        return UnsupportedError(f"this ({fault.rstrip('.')}; code {code})", where="the server")
    # a label says how to try again: neither a filter nor an update is to blame
    if code is None or code in _BROKEN or labels:
        return OperationFailedError(about, fault, code=code, labels=labels)
    return None


def _code(error: ConnectionFailure) -> int | None:
    details: Any = getattr(error, "details", None)
    code = details.get("code") if isinstance(details, Mapping) else None
    return code if isinstance(code, int) else None
