"""Which documents a filter finds, and which filters are refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.protocol import Store
from earnorm.testing.stores.comparing import all_of, fill, ids
from earnorm.testing.stores.computed_filters import COMPUTED_FILTERS, REFUSED_FILTERS
from earnorm.testing.stores.filter_case import FilterCase, RefusedFilter
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.path_filters import PATH_FILTERS
from earnorm.testing.stores.proving import proves, proves_cases
from earnorm.testing.stores.value_filters import VALUE_FILTERS
from earnorm.typing import Document, Index

__all__ = ["FiltersSuite"]

_FILTERS = [*VALUE_FILTERS, *PATH_FILTERS, *COMPUTED_FILTERS]


class FiltersSuite(OpensStore):
    """The operators of filters, by MongoDB's manual."""

    @proves_cases(_FILTERS)
    async def test_a_filter_finds(self, store: Store, case: FilterCase) -> None:
        """`find`, `count` and `delete` choose the documents that the manual's rules choose."""
        await fill(store, case.documents)

        assert await ids(store, case.filter) == list(case.expected)
        assert await store.count("c", case.filter) == len(case.expected)
        assert await store.delete("c", case.filter) == len(case.expected)
        rest = {document["_id"] for document in case.documents} - set(case.expected)
        assert await ids(store, {}) == sorted(rest)

    @proves_cases(_FILTERS)
    async def test_a_filter_finds_the_same_with_indexes(
        self, store: Store, case: FilterCase
    ) -> None:
        """An index changes what a search costs, never what it finds; nor does the index come too late."""
        for path in sorted(set(_paths(case.filter))):
            await store.create_index("c", Index(fields=((path, 1),)))
        await fill(store, case.documents)

        assert await ids(store, case.filter) == list(case.expected)

    @proves_cases(REFUSED_FILTERS)
    async def test_a_wrong_filter_is_refused(self, store: Store, case: RefusedFilter) -> None:
        """`OperationFailure` with MongoDB's code, also when there is nothing to search."""
        await fill(store, [{"_id": 1, "a": 1}])

        for collection in ("c", "empty"):
            with pytest.raises(OperationFailure) as failure:
                await all_of(store, collection, case.filter)
            assert failure.value.code == case.code
        with pytest.raises(OperationFailure):
            await store.delete("c", case.filter)
        assert await store.count("c", {}) == 1

    @proves("filters/refused/an unknown operator")
    async def test_an_unknown_operator_is_refused(self, store: Store) -> None:
        """What MongoDB does not know is refused like what the store does not have: it need not tell them apart."""
        await fill(store, [{"_id": 1, "a": 1}])

        unknown: list[Document] = [{"$foo": 1}, {"a": {"$foo": 1}}, {"a": {"$not": {"$foo": 1}}}]
        for filter in unknown:
            with pytest.raises((OperationFailure, UnsupportedError)):
                await all_of(store, "c", filter)
        with pytest.raises((OperationFailure, UnsupportedError)):
            await store.update("c", {}, {"$foo": {"a": 1}})
        assert await all_of(store) == [{"_id": 1, "a": 1}]


def _paths(filter: Document) -> Iterator[str]:
    for path, condition in filter.items():
        if path in {"$and", "$or", "$nor"}:
            for part in _documents(condition):
                yield from _paths(part)
        elif not path.startswith("$") and path != "_id":
            yield path


def _documents(value: Any) -> list[Document]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
