"""The errors of writes of which some may fail, in PyMongo's form."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteError

from earnorm.stores.operations import BulkResult

__all__ = ["bulk_fault", "fault_at"]


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
