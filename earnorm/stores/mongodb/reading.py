"""Reads, over PyMongo."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

from pymongo.asynchronous.cursor import AsyncCursor

from earnorm.stores.mongodb.concerns import milliseconds, selecting_arguments
from earnorm.stores.mongodb.linked import Linked
from earnorm.stores.mongodb.requests import check_find, check_path, check_pipeline
from earnorm.stores.mongodb.sending import Sending
from earnorm.typing import Document, MutableDocument, OperationOptions, SortKey

__all__ = ["Reading"]

BATCH_DOCUMENTS: Final = 500
"""How many documents a batch has at most, where nobody asked for another size."""


class Reading(Linked):
    """Finds, counts, and what else reads."""

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
        """Yields the matches in the batches that the server sends; the cursor is closed when you leave.

        A batch has at most `batch_size` documents, or 500, and at most 16 MiB.
        """
        check_find(filter, sort=sort, skip=skip, limit=limit, projection=projection)
        if limit == 0:
            return
        naive = options is not None and bool(options.naive_dates)
        target = self._collection(collection, options, naive=naive)
        cursor = target.find(
            filter,
            projection,
            skip,
            limit or 0,
            sort=list(sort) or None,
            batch_size=_batch_size(options),
            max_time_ms=milliseconds(options),
            session=self._session,
            **selecting_arguments(options),
        )
        sending = self._sending(filter=filter, projection=projection)
        try:
            while cursor.alive:
                with sending:
                    batch = await _next_batch(cursor)
                if batch:
                    yield batch
        finally:
            if cursor.alive:  # what the server has ended is closed
                await cursor.close()

    async def count(
        self,
        collection: str,
        filter: Document,
        *,
        skip: int = 0,
        limit: int | None = None,
        options: OperationOptions | None = None,
    ) -> int:
        """How many documents match, counted one by one, also where the filter is empty."""
        check_find(filter, skip=skip, limit=limit)
        if limit == 0:
            return 0
        target = self._collection(collection, options)
        arguments = _timed_arguments(options)
        if skip:
            arguments["skip"] = skip
        if limit is not None:
            arguments["limit"] = limit
        with self._sending(filter=filter):
            return await target.count_documents(filter, session=self._session, **arguments)

    async def distinct(
        self,
        collection: str,
        path: str,
        filter: Document,
        *,
        options: OperationOptions | None = None,
    ) -> list[Any]:
        """The different values at a stored path, which together have at most 16 MiB.

        More of them are an `OperationFailure` with code 17217: group them with `aggregate` then.
        """
        check_find(filter)
        check_path(path)
        target = self._collection(collection, options)
        arguments = _timed_arguments(options)
        with self._sending(filter=filter):
            return await target.distinct(path, filter, session=self._session, **arguments)

    async def aggregate(
        self,
        collection: str,
        pipeline: Sequence[Document],
        *,
        options: OperationOptions | None = None,
    ) -> AsyncGenerator[list[MutableDocument], None]:
        """Yields, in batches of at most `batch_size` or 500, what the stages give.

        `$out` and `$merge` write, and give nothing.
        """
        check_pipeline(pipeline)
        target = self._collection(collection, options)
        arguments, size = _as_fields(_timed_arguments(options)), _batch_size(options)
        sending = self._sending(pipeline=pipeline)
        with sending:
            cursor = await target.aggregate(
                list(pipeline), session=self._session, batchSize=size, **arguments
            )
        try:
            while cursor.alive:
                with sending:
                    batch = await cursor.to_list(size)
                if batch:
                    yield batch
        finally:
            await cursor.close()

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
        """The server's plan for a `find`, which is not run; inside a transaction it is told of from outside."""
        check_find(filter, sort=sort, skip=skip, limit=limit, projection=projection)
        target = self._collection(collection, options)
        find: dict[str, Any] = {"find": collection, "filter": filter}
        parts = {"sort": dict(sort), "skip": skip, "limit": limit, "projection": projection}
        find |= {name: value for name, value in parts.items() if value}
        arguments = selecting_arguments(options)
        comment = {name: arguments.pop(name) for name in ("comment",) if name in arguments}
        command = {
            "explain": find | _as_fields(arguments),
            "verbosity": "queryPlanner",
            **comment,
        }
        if (limit_ms := milliseconds(options)) is not None:
            command["maxTimeMS"] = limit_ms
        with Sending(self._link, filter=filter, projection=projection):
            return await target.database.command(
                command, codec_options=target.codec_options, read_preference=target.read_preference
            )


async def _next_batch(cursor: AsyncCursor[MutableDocument]) -> list[MutableDocument]:
    """What one message of the server brought."""
    given = cursor.retrieved
    batch = await cursor.to_list(1)
    waiting = cursor.retrieved - given - len(batch)
    if waiting > 0:
        # Without a number the rest is taken at once, and nobody is asked for more: this was the last.
        batch += await cursor.to_list(None if cursor.cursor_id == 0 else waiting)
    return batch


def _batch_size(options: OperationOptions | None) -> int:
    if options is None or options.batch_size is None:
        return BATCH_DOCUMENTS
    return options.batch_size


def _timed_arguments(options: OperationOptions | None) -> dict[str, Any]:
    arguments = selecting_arguments(options)
    if (limit := milliseconds(options)) is not None:
        arguments["maxTimeMS"] = limit
    return arguments


def _as_fields(arguments: dict[str, Any]) -> dict[str, Any]:
    """With the hint as the server takes it, where PyMongo sends it as it is."""
    hint = arguments.get("hint")
    return {**arguments, "hint": dict(hint)} if isinstance(hint, list) else arguments
