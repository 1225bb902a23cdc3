"""What a server tells of the indexes that it is building."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pymongo.errors import OperationFailure

from earnorm.stores.mongodb.link import Client, Collection
from earnorm.stores.protocol import IndexBuild
from earnorm.typing import Document

__all__ = ["index_builds", "read_builds"]


async def index_builds(client: Client, collection: Collection) -> list[IndexBuild]:
    """The builds in a collection that the user may see; none where the server tells of none."""
    for all_users in (True, False):
        stage = {"$currentOp": {"allUsers": all_users}}
        try:
            found = await client.admin.aggregate([stage, {"$match": _BUILDING}])
            return [one async for operation in found for one in read_builds(operation, collection)]
        except OperationFailure as error:
            if error.code not in _NOT_SHOWN:
                raise
    return []


def read_builds(operation: Document, collection: Collection) -> Iterator[IndexBuild]:
    """The builds in the collection that one operation of `$currentOp` is.

    Raises nothing, whatever the server's version makes of it.
    """
    command = operation.get("command")
    if not isinstance(command, Mapping) or command.get("createIndexes") != collection.name:
        return
    database = str(operation.get("ns", "")).partition(".")[0]
    if command.get("$db", database) != collection.database.name:
        return
    progress = operation.get("progress")
    counted: Mapping[str, Any] = progress if isinstance(progress, Mapping) else {}
    for index in command.get("indexes") or ():
        yield IndexBuild(
            collection=collection.name,
            index=str(index.get("name", "")),
            built=_count(counted.get("done")),
            entries=_count(counted.get("total")),
        )


_BUILDING: Final[Document] = {"command.createIndexes": {"$exists": True}}
"""MongoDB's manual, currentOp: active indexing operations."""

_NOT_SHOWN: Final = frozenset({13, 59, 115, 238, 40324})
# Unauthorized, CommandNotFound, CommandNotSupported, NotImplemented, an unknown stage


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None
