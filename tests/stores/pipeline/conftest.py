"""What runs a pipeline over lists, as a store would."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from earnorm.stores.documents import compile_filter, compile_sort
from earnorm.stores.pipeline import compile_pipeline
from earnorm.typing import Document, MutableDocument

Aggregate = Callable[..., list[MutableDocument]]


def aggregated(
    documents: Iterable[Document],
    pipeline: Sequence[Document],
    others: Mapping[str, Sequence[Document]] | None = None,
    variables: Mapping[str, Any] | None = None,
) -> list[MutableDocument]:
    """The results, with the head served as a store serves it."""
    compiled = compile_pipeline(pipeline, variables)
    head = compiled.head
    found = list(filter(compile_filter(head.filter), documents))
    if head.sort:
        found.sort(key=compile_sort(head.sort))
    end = None if head.limit is None else head.skip + head.limit

    def read(name: str, wanted: Document) -> Iterator[MutableDocument]:
        return (dict(one) for one in (others or {}).get(name, ()) if compile_filter(wanted)(one))

    return list(compiled.run(iter(found[head.skip : end]), read))


@pytest.fixture
def aggregate() -> Aggregate:
    """Runs a pipeline over documents, and over other collections by name."""
    return aggregated
