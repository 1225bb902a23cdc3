"""Writes, over PyMongo."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import (
    DeleteMany,
    DeleteOne,
    InsertOne,
    ReplaceOne,
    UpdateMany,
    UpdateOne,
)
from pymongo import results as pymongo_results
from pymongo.errors import BulkWriteError

from earnorm.stores.mongodb.concerns import command_arguments, selecting_arguments
from earnorm.stores.mongodb.duplicates import batch_error
from earnorm.stores.mongodb.link import Collection
from earnorm.stores.mongodb.linked import Linked
from earnorm.stores.mongodb.requests import (
    check_array_filters,
    check_filter,
    check_replacement,
    check_update,
    storable,
)
from earnorm.stores.operations import (
    BulkOperation,
    BulkResult,
    Delete,
    Insert,
    Replace,
    Update,
    UpdateDocument,
    UpdateResult,
)
from earnorm.typing import Document, OperationOptions

__all__ = ["Writing"]


class Writing(Linked):
    """Inserts, replacements, updates, deletes, and many of them at once."""

    async def insert(
        self,
        collection: str,
        documents: Sequence[Document],
        *,
        ordered: bool = True,
        options: OperationOptions | None = None,
    ) -> None:
        """Stores the documents, in as few messages as the server allows.

        A fault is an error of its own where nothing is stored, else PyMongo's `BulkWriteError`. A hint and a
        collation have nothing to do here, and are left out.
        """
        if not documents:
            return
        arguments: dict[str, Any] = {"session": self._session, **command_arguments(options)}
        sent = storable(documents)
        if len(sent) == 1:

            async def call(target: Collection) -> None:
                await target.insert_one(sent[0], **arguments)

        else:

            async def call(target: Collection) -> None:
                await target.insert_many(sent, ordered=ordered, **arguments)

        try:
            await self._write(collection, options, call, documents=sent)
        except BulkWriteError as error:
            is_undone = ordered and self._is_undone(error)
            raise batch_error(error, len(sent), ordered=ordered, is_undone=is_undone) from error

    async def replace(
        self,
        collection: str,
        filter: Document,
        document: Document,
        *,
        upsert: bool = False,
        options: OperationOptions | None = None,
    ) -> UpdateResult:
        """Puts `document` in the place of the first match, keeping `_id`."""
        check_filter(filter)
        check_replacement(document)
        arguments = selecting_arguments(options)
        result = await self._write(
            collection,
            options,
            lambda target: target.replace_one(
                filter, document, upsert=upsert, session=self._session, **arguments
            ),
            filter=filter,
            documents=[document],
        )
        return _update_result(result)

    async def update(
        self,
        collection: str,
        filter: Document,
        update: UpdateDocument,
        *,
        many: bool = True,
        upsert: bool = False,
        array_filters: Sequence[Document] = (),
        options: OperationOptions | None = None,
    ) -> UpdateResult:
        """Applies `update` to every match, or to the first only."""
        check_filter(filter)
        check_update(update)
        check_array_filters(array_filters)
        arguments = selecting_arguments(options)
        if array_filters:
            arguments["array_filters"] = list(array_filters)

        async def call(target: Collection) -> pymongo_results.UpdateResult:
            method: Any = target.update_many if many else target.update_one
            result: pymongo_results.UpdateResult = await method(
                filter, update, upsert=upsert, session=self._session, **arguments
            )
            return result

        return _update_result(
            await self._write(
                collection, options, call, filter=filter, update=update, array_filters=array_filters
            )
        )

    async def delete(
        self,
        collection: str,
        filter: Document,
        *,
        many: bool = True,
        options: OperationOptions | None = None,
    ) -> int:
        """Deletes every match, or the first only; returns how many."""
        check_filter(filter)
        arguments = selecting_arguments(options)

        async def call(target: Collection) -> int:
            method: Any = target.delete_many if many else target.delete_one
            result = await method(filter, session=self._session, **arguments)
            return int(result.deleted_count)

        return await self._write(collection, options, call, filter=filter)

    async def bulk(
        self,
        collection: str,
        operations: Sequence[BulkOperation],
        *,
        ordered: bool = True,
        options: OperationOptions | None = None,
    ) -> BulkResult:
        """Does the operations, in as few messages as the server allows.

        With `ordered`, one after the other up to a fault; else in any order, and all that can be done.
        """
        if not operations:
            return BulkResult()
        selecting = {
            name: value for name, value in selecting_arguments(options).items() if name != "comment"
        }
        requests = [_request(operation, selecting) for operation in operations]
        result = await self._write(
            collection,
            options,
            lambda target: target.bulk_write(
                requests, ordered=ordered, session=self._session, **command_arguments(options)
            ),
            update=[_sent(operation) for operation in operations],
        )
        return BulkResult(
            inserted=result.inserted_count,
            matched=result.matched_count,
            modified=result.modified_count,
            deleted=result.deleted_count,
            upserted=dict(result.upserted_ids or {}),
        )

    def _is_undone(self, error: BulkWriteError) -> bool:
        """Whether nothing is stored after this fault of an ordered batch."""
        faults = error.details.get("writeErrors", ())
        return self._session is not None or any(fault.get("index") == 0 for fault in faults)


def _update_result(result: pymongo_results.UpdateResult) -> UpdateResult:
    raw: Mapping[str, Any] = result.raw_result or {}
    upserted = "upserted" in raw
    return UpdateResult(
        # PyMongo counts an upserted document whose _id is null as a match
        matched=0 if upserted else result.matched_count,
        modified=result.modified_count or 0,
        upserted=upserted,
        upserted_id=result.upserted_id,
    )


def _request(operation: BulkOperation, selecting: dict[str, Any]) -> Any:
    match operation:
        case Insert(document=document):
            return InsertOne(storable([document])[0])
        case Replace(filter=filter, document=document, upsert=upsert):
            check_filter(filter)
            check_replacement(document)
            return ReplaceOne(filter, document, upsert=upsert, **selecting)
        case Update(filter=filter, update=update, many=many, upsert=upsert):
            check_filter(filter)
            check_update(update)
            check_array_filters(operation.array_filters)
            kind = UpdateMany if many else UpdateOne
            array_filters = list(operation.array_filters) or None
            return kind(filter, update, upsert=upsert, array_filters=array_filters, **selecting)
        case Delete(filter=filter, many=many):
            check_filter(filter)
            return (DeleteMany if many else DeleteOne)(filter, **selecting)


def _sent(operation: BulkOperation) -> list[Any]:
    """What of an operation BSON has to hold."""
    names = ("filter", "document", "update", "array_filters")
    return [
        list(value) if isinstance(value, tuple) else value
        for value in (getattr(operation, name, None) for name in names)
    ]
