"""The errors of writes of which some may fail, in PyMongo's form."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, WriteError

from earnorm.stores.documents import write_error
from earnorm.stores.operations import BulkResult

__all__ = ["as_write_error", "bulk_fault", "fault_at"]


def as_write_error(error: OperationFailure) -> WriteError:
    """The fault in the form of one of several writes."""
    if isinstance(error, WriteError):
        return error
    return write_error((error.details or {}).get("errmsg", str(error)), error.code or 2)


def fault_at(error: WriteError, position: int) -> WriteError:
    """The same fault, with its place among the operations in `details["index"]`."""
    details: Mapping[str, Any] = {**(error.details or {}), "index": position}
    kind = DuplicateKeyError if isinstance(error, DuplicateKeyError) else WriteError
    # an error of PyMongo's shows its details after its message, which `details` has alone
    return kind(details.get("errmsg", str(error)), error.code, details)


def bulk_fault(faults: Sequence[WriteError], *, done: BulkResult) -> BulkWriteError:
    """PyMongo's `BulkWriteError`: the faults by position, and what was done all the same."""
    return BulkWriteError(
        {
            "writeErrors": [dict(fault.details or {}) for fault in faults],
            "writeConcernErrors": [],
            "nInserted": done.inserted,
            "nUpserted": len(done.upserted),
            "nMatched": done.matched,
            "nModified": done.modified,
            "nRemoved": done.deleted,
            "upserted": [
                {"index": position, "_id": document_id}
                for position, document_id in done.upserted.items()
            ],
        }
    )
