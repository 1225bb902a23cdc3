"""Indexes: what they forbid, how they are listed, and the errors that name them."""

from collections.abc import Sequence
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure

from earnorm.errors import IndexConflictError
from earnorm.stores.operations import Insert
from earnorm.stores.operations import Update as BulkUpdate
from earnorm.stores.protocol import Store
from earnorm.testing.stores.comparing import all_of, fill, ids
from earnorm.testing.stores.faults import write_faults
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves, proves_cases
from earnorm.testing.stores.unique_cases import (
    CASELESS,
    ONE,
    PARTIAL,
    TWO,
    UNIQUE_CASES,
    UniqueCase,
)
from earnorm.typing import Index, OperationOptions

__all__ = ["IndexesSuite"]


class IndexesSuite(OpensStore):
    """Unique, compound, multikey, sparse and partial indexes."""

    @proves_cases(UNIQUE_CASES)
    async def test_a_unique_index_decides(self, store: Store, case: UniqueCase) -> None:
        """The error has MongoDB's code, `keyPattern`, `keyValue`, and the place in the batch."""
        await store.create_index("c", case.index)
        await store.insert("c", [{"_id": 1, **case.first}])

        if case.key is None:
            await store.insert("c", [{"_id": 2, **case.second}])
            assert await ids(store, {}) == [1, 2]
            return
        with pytest.raises(DuplicateKeyError) as failure:
            await store.insert("c", [{"_id": 2, **case.second}])
        details = failure.value.details or {}
        assert failure.value.code == 11000
        assert details["index"] == 0
        assert dict(details["keyPattern"]) == dict(case.index.fields)
        assert repr(dict(details["keyValue"])) == repr(dict(case.key))
        assert await ids(store, {}) == [1]

    @proves_cases([case for case in UNIQUE_CASES if case.key is not None])
    async def test_an_update_cannot_pass_a_unique_index(
        self, store: Store, case: UniqueCase
    ) -> None:
        """What an insert cannot store, no update, replacement or upsert stores either."""
        await store.create_index("c", case.index)
        # what lies under no key of any case
        other: dict[str, Any] = {"_id": 2, "a": {"b": "other"}, "b": "other"}
        await store.insert("c", [{"_id": 1, **case.first}, other])
        absent = {name: "" for name in ("a", "b") if name not in case.second}
        operators = {"$set": case.second, "$unset": absent}

        with pytest.raises(DuplicateKeyError):
            await store.update(
                "c", {"_id": 2}, {name: part for name, part in operators.items() if part}
            )
        with pytest.raises(DuplicateKeyError):
            await store.replace("c", {"_id": 2}, case.second)
        with pytest.raises(DuplicateKeyError):
            await store.replace("c", {"_id": 3}, case.second, upsert=True)
        assert await all_of(store, "c", {"_id": 2}) == [other]
        assert await ids(store, {}) == [1, 2]

    @proves("indexes/collation")
    async def test_a_collation_makes_texts_equal(self, store: Store) -> None:
        """Under strength 2 of English, letters are equal without their case, not without their accents."""
        await store.create_index("c", CASELESS)
        await store.insert("c", [{"_id": 1, "a": "Ada"}, {"_id": 2, "a": "Áda"}])

        with pytest.raises(DuplicateKeyError):
            await store.insert("c", [{"_id": 3, "a": "aDA"}])

    @proves("indexes/a key that was freed")
    async def test_a_key_that_was_freed(self, store: Store) -> None:
        """A deleted or updated document leaves its key to others."""
        await store.create_index("c", ONE)
        await fill(store, [{"_id": 1, "a": [1, 2]}, {"_id": 2, "a": 3}])

        await store.update("c", {"_id": 1}, {"$pull": {"a": 2}})
        await store.delete("c", {"_id": 2})
        await store.insert("c", [{"_id": 3, "a": 2}, {"_id": 4, "a": 3}])

        assert await ids(store, {"a": {"$in": [2, 3]}}) == [3, 4]

    @proves("indexes/a document in and out of a partial index")
    async def test_in_and_out_of_a_partial_index(self, store: Store) -> None:
        """The condition is looked at again with every change."""
        await store.create_index("c", PARTIAL)
        await fill(store, [{"_id": 1, "a": 1, "live": True}, {"_id": 2, "a": 1}])

        with pytest.raises(DuplicateKeyError):
            await store.update("c", {"_id": 2}, {"$set": {"live": True}})
        await store.update("c", {"_id": 1}, {"$set": {"live": False}})
        await store.update("c", {"_id": 2}, {"$set": {"live": True}})

        assert await ids(store, {"a": 1, "live": True}) == [2]

    @proves("indexes/built over documents")
    async def test_an_index_is_built_over_documents(self, store: Store) -> None:
        """Duplicates that are there already are an error with the code 11000, and no index."""
        await fill(store, [{"_id": 1, "a": 1}, {"_id": 2, "a": 1}])

        with pytest.raises(OperationFailure) as failure:
            await store.create_index("c", ONE)

        assert failure.value.code == 11000
        assert await store.indexes("c") == []
        await store.delete("c", {"_id": 2})
        await store.create_index("c", ONE)
        assert await store.indexes("c") == [ONE]

    @proves("indexes/listed as made")
    async def test_indexes_are_listed_as_made(self, store: Store) -> None:
        """Each with all that it was made with, that of `_id` left out."""
        made = [
            Index(fields=(("a", 1),), unique=True),
            Index(fields=(("b", -1), ("a.c", 1)), name="named by me"),
            Index(fields=(("s", 1),), sparse=True),
            Index(fields=(("p", 1),), unique=True, partial={"live": True, "n": None}),
            Index(fields=(("t", 1),), expire_after=3600),
        ]
        for index in made:
            await store.create_index("c", index)

        listed = await store.indexes("c")

        assert {index.name: index for index in listed} == {index.name: index for index in made}

    @proves("indexes/made twice")
    async def test_an_index_made_twice(self, store: Store) -> None:
        """One that exists alike is left as it is; another under its name is an error."""
        await store.create_index("c", ONE)
        await store.create_index("c", ONE)

        with pytest.raises((IndexConflictError, OperationFailure)):
            await store.create_index("c", Index(fields=(("z", 1),), name=ONE.name))

        assert await store.indexes("c") == [ONE]

    @proves("indexes/dropped")
    async def test_a_dropped_index(self, store: Store) -> None:
        """It forbids nothing any more; dropping it again is no error, nor one that never was."""
        await store.create_index("c", ONE)
        await store.insert("c", [{"_id": 1, "a": 1}])

        await store.drop_index("c", ONE.name)
        await store.drop_index("c", ONE.name)
        await store.drop_index("never", "made")
        await store.insert("c", [{"_id": 2, "a": 1}])

        assert await store.indexes("c") == []
        assert await store.indexes("never") == []

    @proves("indexes/parallel arrays")
    async def test_parallel_arrays(self, store: Store) -> None:
        """At most one of the fields of a compound index may hold an array."""
        await store.create_index("c", TWO)

        with pytest.raises(OperationFailure) as failure:
            await store.insert("c", [{"_id": 1, "a": [1], "b": [2]}])

        assert failure.value.code == 171
        assert await store.count("c", {}) == 0

    @proves("indexes/the place in a batch")
    async def test_the_place_in_a_batch(self, store: Store) -> None:
        """An insert and a bulk write say which of theirs was the duplicate."""
        await store.create_index("c", ONE)
        await fill(store, [{"_id": 0, "a": 0}])
        documents = [{"_id": 1, "a": 1}, {"_id": 2, "a": 2}, {"_id": 3, "a": 0}]

        with pytest.raises(OperationFailure) as failure:
            await store.insert("c", documents)
        assert write_faults(failure.value) == {2: 11000}

        update = BulkUpdate(filter={"_id": 0}, update={"$set": {"a": 8}})
        await store.delete("c", {"_id": {"$ne": 0}})
        with pytest.raises(OperationFailure) as failure:
            await store.bulk("c", [update, *(Insert(document={"_id": n, "a": 9}) for n in (5, 6))])
        assert write_faults(failure.value) == {2: 11000}

    @proves("indexes/a hint")
    async def test_a_hint(self, store: Store) -> None:
        """By name or by fields, the index that `explain` then names; an unknown one is an error."""
        await store.create_index("c", Index(fields=(("a", 1),)))
        await fill(store, [{"_id": n, "a": n} for n in range(5)])

        for hint in ("a_1", (("a", 1),)):
            options = OperationOptions(hint=hint)
            assert await ids(store, {"a": {"$gt": 2}}, options=options) == [3, 4]
            plan = await store.explain("c", {"a": {"$gt": 2}}, options=options)
            assert "a_1" in _index_names(plan["queryPlanner"]["winningPlan"])
        with pytest.raises(OperationFailure) as failure:
            await ids(store, {"a": 1}, options=OperationOptions(hint="nope"))
        assert failure.value.code == 2

    @proves("indexes/explained")
    async def test_a_search_is_explained(self, store: Store) -> None:
        """In MongoDB's form: `IXSCAN` with the name of the index, `COLLSCAN` without any."""
        await store.create_index("c", Index(fields=(("a", 1),)))
        await fill(store, [{"_id": n, "a": n, "b": n} for n in range(5)])

        with_index = await store.explain("c", {"a": 3})
        without = await store.explain("c", {"b": 3})

        assert _index_names(with_index["queryPlanner"]["winningPlan"]) == ["a_1"]
        assert _stages(without["queryPlanner"]["winningPlan"])[-1] == "COLLSCAN"


def _values(plan: Any, key: str) -> list[Any]:
    if isinstance(plan, dict):
        own = [plan[key]] if key in plan else []
        return own + [found for inner in plan.values() for found in _values(inner, key)]
    inner: Sequence[Any] = plan if isinstance(plan, list) else ()
    return [found for part in inner for found in _values(part, key)]


def _index_names(plan: Any) -> list[Any]:
    return _values(plan, "indexName")


def _stages(plan: Any) -> list[Any]:
    return _values(plan, "stage")
