"""What a store computes over the documents of a query: aggregations, different values, plans."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

from earnorm.database.kinds import all_fields
from earnorm.database.reading import Reads, options_of
from earnorm.database.transactions import Transactions
from earnorm.database.translation import encode_free, stored_path, translate_errors, translate_sort
from earnorm.errors import DocumentError, FieldFault, FilterError
from earnorm.fields import copy_containers, resolve_path
from earnorm.typing import Document, MutableDocument, Selection, Shape

__all__ = ["Aggregates"]

R = TypeVar("R")


class Aggregates:
    """What queries ask a store to compute, of the documents that they would find."""

    def __init__(self, transactions: Transactions, reads: Reads) -> None:
        self._transactions = transactions
        self._reads = reads

    async def aggregate(
        self, selection: Selection[Any], pipeline: Sequence[Document], shape: Shape[R]
    ) -> AsyncGenerator[R, None]:
        """Yields what the stages give; raises `DocumentError` where it does not fit the shape."""
        metadata, filter = all_fields(selection.model), self._reads.scope(selection)
        await self._reads.announce(selection.model, filter)
        whole = [
            *_head(selection, filter),
            *encode_free(metadata, list(pipeline), "pipeline", FilterError),
        ]
        # stages name fields in their values and give them other names: no word is sure to show no secret
        with translate_errors(metadata, asked=None if pipeline else whole):
            batches = self._transactions.documents.aggregate(
                metadata.collection, whole, options=options_of(selection)
            )
            async with aclosing(batches):
                async for documents in batches:
                    for document in documents:
                        yield shape.read(document)

    async def distinct(self, selection: Selection[Any], name: str) -> list[Any]:
        """The different values of a field, as instances would have them; raises `DocumentError`."""
        metadata, filter = all_fields(selection.model), self._reads.scope(selection)
        path = stored_path(metadata, name, FilterError)
        await self._reads.announce(selection.model, filter)
        with translate_errors(metadata, asked=[filter]):
            values = await self._transactions.documents.distinct(
                metadata.collection, path, filter, options=options_of(selection)
            )
        _, field = resolve_path(metadata.fields, path)
        field = (field.item_field() or field) if field is not None else None
        if field is None:
            return copy_containers(values)  # type: ignore[no-any-return]  # a list stays one
        faults: list[FieldFault] = []
        decoded = [None if one is None else field.decode(one, path, faults) for one in values]
        if faults:
            raise DocumentError(metadata.key, None, faults)
        return decoded

    async def explain(self, selection: Selection[Any]) -> MutableDocument:
        """How the store would find the documents of a selection."""
        metadata, filter = all_fields(selection.model), self._reads.scope(selection)
        with translate_errors(metadata, asked=[filter]):
            return await self._transactions.documents.explain(
                metadata.collection,
                filter,
                sort=translate_sort(metadata, selection.sort),
                skip=selection.skip,
                limit=selection.limit,
                projection=selection.shape.projection if selection.shape is not None else None,
                options=options_of(selection),
            )


def _head(selection: Selection[Any], filter: MutableDocument) -> list[MutableDocument]:
    """The stages that find what the query finds; none for all documents, so that a pipeline may begin."""
    sort = translate_sort(all_fields(selection.model), selection.sort)
    head: list[MutableDocument] = [{"$match": filter}] if filter else []
    if sort:
        head.append({"$sort": dict(sort)})
    if selection.skip:
        head.append({"$skip": selection.skip})
    if selection.limit is not None:
        # MongoDB's stage takes no 0
        head.append({"$limit": selection.limit} if selection.limit else {"$match": {"$nor": [{}]}})
    return head
