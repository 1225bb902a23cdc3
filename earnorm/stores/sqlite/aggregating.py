"""The results of a pipeline, whose documents come from the worker step by step."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from earnorm.stores.pipeline import Head, Pipeline
from earnorm.stores.sqlite.beside import Waiting
from earnorm.stores.sqlite.deadline import Deadline
from earnorm.stores.sqlite.reading import Finding
from earnorm.stores.sqlite.session import Session
from earnorm.typing import Document, MutableDocument, OperationOptions

__all__ = ["BlockingRead", "results", "take"]

BlockingRead: TypeAlias = Callable[
    [Callable[[Session], list[MutableDocument]]], list[MutableDocument]
]
"""Runs a job in the worker and waits for its result; called outside of the event loop's thread."""


def results(
    collection: str,
    pipeline: Pipeline,
    read: BlockingRead,
    options: OperationOptions | None,
    waiting: Waiting,
) -> Iterator[MutableDocument]:
    """What the pipeline makes of a collection; computed as it is taken, in the thread that takes it.

    It ends in `Abandoned` when nobody waits any longer, and in PyMongo's `ExecutionTimeout`.
    """
    deadline = Deadline(None if options is None else options.max_time)

    def check() -> None:
        waiting.check()
        deadline.check()

    def checked_read(job: Callable[[Session], list[MutableDocument]]) -> list[MutableDocument]:
        check()
        return read(job)

    def other(name: str, filter: Document) -> Iterator[MutableDocument]:
        return _documents(name, Head(filter=filter), checked_read, elsewhere)

    # a hint is for the first collection
    elsewhere = None if options is None else replace(options, hint=None)
    return pipeline.run(_documents(collection, pipeline.head, checked_read, options), other, check)


def take(found: Iterator[MutableDocument], most: int) -> list[MutableDocument]:
    """The next results; none at the end."""
    return list(islice(found, most))


def _documents(
    collection: str, head: Head, read: BlockingRead, options: OperationOptions | None
) -> Iterator[MutableDocument]:
    finding = Finding(
        collection,
        head.filter,
        sort=head.sort,
        skip=head.skip,
        limit=head.limit,
        options=options,
    )
    while not finding.finished:
        yield from read(finding.step)
