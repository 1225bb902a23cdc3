"""What a failed write says of its parts."""

from pymongo.errors import BulkWriteError, OperationFailure

__all__ = ["write_faults"]


def write_faults(failure: OperationFailure) -> dict[int, int]:
    """The code of each fault by its position in the batch, whichever class tells of them."""
    details = failure.details or {}
    if isinstance(failure, BulkWriteError):
        return {fault["index"]: fault["code"] for fault in details["writeErrors"]}
    return {details["index"]: failure.code or 0}
