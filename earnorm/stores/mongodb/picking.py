"""Writes of one document that give it, over MongoDB's `findAndModify`."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ReturnDocument

from earnorm.stores.mongodb.concerns import milliseconds, selecting_arguments
from earnorm.stores.mongodb.linked import Linked
from earnorm.stores.mongodb.requests import (
    check_array_filters,
    check_find,
    check_replacement,
    check_update,
)
from earnorm.stores.operations import UpdateDocument
from earnorm.stores.protocol import Returned
from earnorm.typing import Document, MutableDocument, OperationOptions, SortKey

__all__ = ["Picking"]


class Picking(Linked):
    """The `find_one_and_*` of a store: of those who do it at once, each gets a document of its own."""

    async def find_one_and_update(  # noqa: PLR0913  # MongoDB's own parameters
        self,
        collection: str,
        filter: Document,
        update: UpdateDocument,
        *,
        sort: Sequence[SortKey] = (),
        projection: Document | None = None,
        upsert: bool = False,
        returned: Returned = "before",
        array_filters: Sequence[Document] = (),
        options: OperationOptions | None = None,
    ) -> MutableDocument | None:
        """Updates the first match in the order of `sort`, and gives the document; None without a match."""
        check_find(filter, sort=sort, projection=projection)
        check_update(update)
        check_array_filters(array_filters)
        arguments = self._arguments(sort, projection, options)
        if array_filters:
            arguments["array_filters"] = list(array_filters)
        return await self._write(
            collection,
            options,
            lambda target: target.find_one_and_update(
                filter, update, upsert=upsert, return_document=_RETURNED[returned], **arguments
            ),
            filter=filter,
            projection=projection,
            update=update,
            array_filters=array_filters,
        )

    async def find_one_and_replace(
        self,
        collection: str,
        filter: Document,
        document: Document,
        *,
        sort: Sequence[SortKey] = (),
        projection: Document | None = None,
        upsert: bool = False,
        returned: Returned = "before",
        options: OperationOptions | None = None,
    ) -> MutableDocument | None:
        """Replaces the first match in the order of `sort`, and gives the document; None without a match."""
        check_find(filter, sort=sort, projection=projection)
        check_replacement(document)
        arguments = self._arguments(sort, projection, options)
        return await self._write(
            collection,
            options,
            lambda target: target.find_one_and_replace(
                filter, document, upsert=upsert, return_document=_RETURNED[returned], **arguments
            ),
            filter=filter,
            projection=projection,
            documents=[document],
        )

    async def find_one_and_delete(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        projection: Document | None = None,
        options: OperationOptions | None = None,
    ) -> MutableDocument | None:
        """Deletes the first match in the order of `sort`, and gives it; None without a match."""
        check_find(filter, sort=sort, projection=projection)
        arguments = self._arguments(sort, projection, options)
        return await self._write(
            collection,
            options,
            lambda target: target.find_one_and_delete(filter, **arguments),
            filter=filter,
            projection=projection,
        )

    def _arguments(
        self,
        sort: Sequence[SortKey],
        projection: Document | None,
        options: OperationOptions | None,
    ) -> dict[str, Any]:
        arguments = {"session": self._session, **selecting_arguments(options)}
        if sort:
            arguments["sort"] = list(sort)
        if projection is not None:
            arguments["projection"] = projection
        if (limit := milliseconds(options)) is not None:
            arguments["maxTimeMS"] = limit
        return arguments


_RETURNED: Mapping[Returned, bool] = {
    "before": ReturnDocument.BEFORE,
    "after": ReturnDocument.AFTER,
}
