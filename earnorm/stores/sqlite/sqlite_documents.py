"""Every operation on documents as a job; a store and a transaction say where jobs run."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, Final, TypeVar

from earnorm.stores.documents import (
    Distinct,
    Project,
    check_sort,
    compile_collation,
    compile_projection,
    key_bytes,
    unsupported,
)
from earnorm.stores.operations import BulkOperation, BulkResult, UpdateDocument, UpdateResult
from earnorm.stores.pipeline import compile_pipeline
from earnorm.stores.protocol import Returned
from earnorm.stores.sqlite.aggregating import BlockingRead, results, take
from earnorm.stores.sqlite.alterations import Alteration, replacement
from earnorm.stores.sqlite.alterations import update as updating
from earnorm.stores.sqlite.arguments import (
    check_documents,
    check_operations,
    check_returned,
    check_window,
)
from earnorm.stores.sqlite.beside import Waiting, run_beside
from earnorm.stores.sqlite.bulk import bulk
from earnorm.stores.sqlite.changing import alter, alter_one, delete, delete_one
from earnorm.stores.sqlite.concerns import check_options, collation_of, with_aware_dates
from earnorm.stores.sqlite.counting import Counting
from earnorm.stores.sqlite.explaining import Explanation
from earnorm.stores.sqlite.identity import identity_key
from earnorm.stores.sqlite.inserting import insert, insert_unordered
from earnorm.stores.sqlite.naming import check_collection_name
from earnorm.stores.sqlite.reading import Finding, get, loader
from earnorm.stores.sqlite.selection import Selection
from earnorm.stores.sqlite.session import Session
from earnorm.typing import Document, MutableDocument, OperationOptions, SortKey

__all__ = ["SqliteDocuments"]

Result = TypeVar("Result")


class SqliteDocuments(ABC):
    """Implements `earnorm.stores.Documents`, which documents the operations."""

    @abstractmethod
    async def _read(self, job: Callable[[Session], Result]) -> Result:
        """The result of a job that only reads."""

    @abstractmethod
    async def _write(
        self, job: Callable[[Session], Result], options: OperationOptions | None
    ) -> Result:
        """The result of a job that writes."""

    async def insert(
        self,
        collection: str,
        documents: Sequence[Document],
        *,
        ordered: bool = True,
        options: OperationOptions | None = None,
    ) -> None:
        check_options(options)
        check_collection_name(collection)
        check_documents(documents)
        write = insert if ordered else insert_unordered
        await self._write(lambda session: write(session, collection, documents), options)

    async def replace(
        self,
        collection: str,
        filter: Document,
        document: Document,
        *,
        upsert: bool = False,
        options: OperationOptions | None = None,
    ) -> UpdateResult:
        check_options(options)
        check_collection_name(collection)
        alteration = replacement(filter, document, upsert=upsert, options=options)
        return await self._write(
            lambda session: alter(session, collection, alteration, many=False), options
        )

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
        check_options(options)
        check_collection_name(collection)
        alteration = updating(
            filter,
            update,
            upsert=upsert,
            array_filters=array_filters,
            options=options,
        )
        return await self._write(
            lambda session: alter(session, collection, alteration, many=many), options
        )

    async def delete(
        self,
        collection: str,
        filter: Document,
        *,
        many: bool = True,
        options: OperationOptions | None = None,
    ) -> int:
        check_options(options)
        check_collection_name(collection)
        selection = Selection(filter, options=options)
        return await self._write(
            lambda session: delete(session, collection, selection, many=many), options
        )

    async def bulk(
        self,
        collection: str,
        operations: Sequence[BulkOperation],
        *,
        ordered: bool = True,
        options: OperationOptions | None = None,
    ) -> BulkResult:
        check_options(options)
        check_collection_name(collection)
        check_operations(operations)
        return await self._write(
            lambda session: bulk(session, collection, operations, ordered=ordered, options=options),
            options,
        )

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
        check_options(options)
        check_returned(returned)
        alteration = updating(
            filter, update, upsert=upsert, array_filters=array_filters, sort=sort, options=options
        )
        project = _projection(projection, filter, options)
        return await self._alter_one(collection, alteration, project, returned, options)

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
        check_options(options)
        check_returned(returned)
        alteration = replacement(filter, document, upsert=upsert, sort=sort, options=options)
        project = _projection(projection, filter, options)
        return await self._alter_one(collection, alteration, project, returned, options)

    async def find_one_and_delete(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        projection: Document | None = None,
        options: OperationOptions | None = None,
    ) -> MutableDocument | None:
        check_options(options)
        check_collection_name(collection)
        selection = Selection(filter, sort=sort, options=options)
        project = _projection(projection, filter, options)
        found = await self._write(
            lambda session: delete_one(session, collection, selection), options
        )
        return found if found is None or project is None else project(found)

    async def find(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        skip: int = 0,
        limit: int | None = None,
        projection: Document | None = None,
        options: OperationOptions | None = None,
    ) -> AsyncGenerator[list[MutableDocument], None]:
        check_options(options)
        check_collection_name(collection)
        check_sort(sort)
        check_window(skip, limit)
        project = _projection(projection, filter, options)
        key = _identity(filter, options)
        if key is not None and not skip and limit != 0:
            load = loader(options, project)
            found = await self._read(lambda session: get(session, collection, key, load))
            if found is not None:
                yield [found if project is None else project(found)]
            return
        finding = Finding(
            collection,
            filter,
            sort=sort,
            skip=skip,
            limit=limit,
            project=project,
            options=options,
        )
        while not finding.finished:
            batch = await self._read(finding.step)
            if batch:
                yield batch

    async def count(
        self,
        collection: str,
        filter: Document,
        *,
        skip: int = 0,
        limit: int | None = None,
        options: OperationOptions | None = None,
    ) -> int:
        check_options(options)
        check_collection_name(collection)
        check_window(skip, limit)
        counting = Counting(collection, filter, skip=skip, limit=limit, options=options)
        while not counting.finished:
            await self._read(counting.step)
        return counting.counted

    async def distinct(
        self,
        collection: str,
        path: str,
        filter: Document,
        *,
        options: OperationOptions | None = None,
    ) -> list[Any]:
        values = Distinct(path, compile_collation(collation_of(options)))
        async for batch in self.find(collection, filter, options=with_aware_dates(options)):
            for document in batch:
                values.add(document)
        return values.values

    async def aggregate(
        self,
        collection: str,
        pipeline: Sequence[Document],
        *,
        options: OperationOptions | None = None,
    ) -> AsyncGenerator[list[MutableDocument], None]:
        check_options(options)
        check_collection_name(collection)
        options = with_aware_dates(options)
        compiled = compile_pipeline(pipeline)
        if compiled.stages and compile_collation(collation_of(options)) is not key_bytes:
            raise unsupported(
                "a collation of stages other than a first $match, $sort, $skip and $limit"
            )
        if not compiled.stages:
            head = compiled.head
            async for batch in self.find(
                collection,
                head.filter,
                sort=head.sort,
                skip=head.skip,
                limit=head.limit,
                options=options,
            ):
                yield batch
            return
        # the stages run beside the worker, which serves others between the steps of its reading
        waiting = Waiting()
        found = results(collection, compiled, self._blocking_read(), options, waiting)
        most = (None if options is None else options.batch_size) or _BATCH_DOCUMENTS
        while batch := await run_beside(lambda: take(found, most), waiting):
            yield batch

    async def explain(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        skip: int = 0,
        limit: int | None = None,
        projection: Document | None = None,
        options: OperationOptions | None = None,
    ) -> MutableDocument:
        check_options(options)
        check_collection_name(collection)
        check_window(skip, limit)
        explanation = Explanation(
            collection,
            filter,
            sort=sort,
            skip=skip,
            limit=limit,
            projection=projection,
            options=options,
        )
        while not explanation.finished:
            await self._read(explanation.step)
        return explanation.document()

    def _blocking_read(self) -> BlockingRead:
        loop = asyncio.get_running_loop()

        def read(job: Callable[[Session], list[MutableDocument]]) -> list[MutableDocument]:
            return asyncio.run_coroutine_threadsafe(self._read(job), loop).result()

        return read

    async def _alter_one(
        self,
        collection: str,
        alteration: Alteration,
        project: Project | None,
        returned: Returned,
        options: OperationOptions | None,
    ) -> MutableDocument | None:
        check_collection_name(collection)
        found = await self._write(
            lambda session: alter_one(session, collection, alteration, returned), options
        )
        if found is None or project is None:
            return found
        return project(found)


_BATCH_DOCUMENTS: Final = 500


def _identity(filter: Document, options: OperationOptions | None) -> bytes | None:
    """The key of the one document that is asked for, if it may be read without a plan."""
    if options is None:
        return identity_key(filter)
    if options.hint is not None:
        return None
    return identity_key(filter, compile_collation(options.collation))


def _projection(
    projection: Document | None, filter: Document, options: OperationOptions | None
) -> Project | None:
    if projection is None:
        return None
    collation = None if options is None else options.collation
    return compile_projection(projection, filter, compile_collation(collation))
