"""The errors of transactions, in PyMongo's form."""

from pymongo.errors import OperationFailure

__all__ = ["TRANSIENT", "no_such_transaction", "write_conflict"]

TRANSIENT = "TransientTransactionError"
"""The label of errors after which the whole transaction may be tried again."""


def write_conflict() -> OperationFailure:
    """For a transaction that would write over what another one wrote, or is about to."""
    return _failure(
        "WriteConflict: another transaction writes, or somebody wrote since this one began to read. "
        "It was aborted: run it again from its beginning.",
        112,
        "WriteConflict",
        is_transient=True,
    )


def no_such_transaction(why: str, *, is_transient: bool = False) -> OperationFailure:
    """For the use of a transaction that has ended."""
    return _failure(
        f"the transaction was {why}. Begin a new one.",
        251,
        "NoSuchTransaction",
        is_transient=is_transient,
    )


def _failure(message: str, code: int, name: str, *, is_transient: bool) -> OperationFailure:
    details = {"ok": 0, "code": code, "codeName": name, "errmsg": message}
    if is_transient:
        details["errorLabels"] = [TRANSIENT]
    return OperationFailure(message, code, details)
