"""The errors of reading on, of transactions and of change streams, in PyMongo's form."""

from typing import Any

from pymongo.errors import OperationFailure

__all__ = [
    "TRANSIENT",
    "dropped_meanwhile",
    "history_lost",
    "invalid_token",
    "no_such_transaction",
    "unknown_change",
    "write_conflict",
]

TRANSIENT = "TransientTransactionError"
"""The label of errors after which the whole transaction may be tried again."""


def write_conflict() -> OperationFailure:
    """For a transaction that would write over what another one wrote, or is about to."""
    return _failure(
        "WriteConflict: another transaction writes, or somebody wrote since this one began to read. "
        "It was aborted: run it again from its beginning.",
        112,
        "WriteConflict",
        label=TRANSIENT,
    )


def no_such_transaction(why: str, *, is_transient: bool = False) -> OperationFailure:
    """For the use of a transaction that has ended."""
    return _failure(
        f"the transaction was {why}. Begin a new one.",
        251,
        "NoSuchTransaction",
        label=TRANSIENT if is_transient else "",
    )


def dropped_meanwhile() -> OperationFailure:
    """For what reads a collection that was dropped after it began."""
    return _failure(
        "QueryPlanKilled: the collection was dropped while it was read. Read it anew.",
        175,
        "QueryPlanKilled",
    )


def history_lost() -> OperationFailure:
    """For a stream that would go on from changes that are no longer kept."""
    return _failure(
        "the changes after this resume token are no longer kept. Watch anew, and read what you missed.",
        286,
        "ChangeStreamHistoryLost",
        label="NonResumableChangeStreamError",
    )


def unknown_change() -> OperationFailure:
    """For a stream that would go on from a change that the file does not have."""
    return _failure(
        "cannot resume stream; the resume token was not found: it is newer than the file, in whose place an older "
        "copy was put. Watch anew, and read what is there.",
        280,
        "ChangeStreamFatalError",
        label="NonResumableChangeStreamError",
    )


def invalid_token(fault: str) -> OperationFailure:
    """For a resume token that cannot be gone on from."""
    return _failure(
        f"the resume token cannot be used: {fault}. Watch anew.", 260, "InvalidResumeToken"
    )


def _failure(message: str, code: int, name: str, label: str = "") -> OperationFailure:
    details: dict[str, Any] = {"ok": 0, "code": code, "codeName": name, "errmsg": message}
    if label:
        details["errorLabels"] = [label]
    return OperationFailure(message, code, details)
