"""What is passed in a form that no operation takes: refused in a sentence, with nothing done."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from pymongo.errors import OperationFailure, WriteError

from earnorm.errors import InvalidDocumentError
from earnorm.stores.operations import Insert, Update
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index, OperationOptions


async def all_of(store: SqliteStore, filter_: Any = None, **how: Any) -> list[Any]:
    filter_ = {} if filter_ is None else filter_
    return [each async for batch in store.find("things", filter_, **how) for each in batch]


@pytest.fixture
async def things(store: SqliteStore) -> SqliteStore:
    await store.insert("things", [{"_id": 1, "a": 1}])
    return store


Call = Callable[[Any], Any]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: s.bulk("things", [3]), TypeError, "operation 0 of a bulk write .* not 3"),
        (
            lambda s: s.bulk("things", [Insert(document={"_id": 2}), {"insert": 1}]),
            TypeError,
            "operation 1 .* Insert, Replace, Update or Delete, not {'insert': 1}",
        ),
        (lambda s: s.bulk("things", None), TypeError, "bulk takes a list .* not None"),
        (
            lambda s: s.bulk("things", [Update(filter={}, update={}), Insert(document={})]),
            InvalidDocumentError,
            "operation 1 of the bulk write: the document has no '_id'",
        ),
        (lambda s: s.insert("things", {"_id": 2}), TypeError, "insert takes a list .*'_id': 2"),
        (lambda s: s.insert("things", ({"_id": n} for n in [2])), TypeError, "not <generator"),
        (lambda s: s.replace("things", {}, None), WriteError, "a replacement is a .* not None"),
        (
            lambda s: s.find_one_and_replace("things", {}, []),
            WriteError,
            r"replacement .* not \[\]",
        ),
        (lambda s: s.replace("things", {}, {3: 4}), InvalidDocumentError, "the name 3 .* text"),
        (lambda s: s.update("things", {}, None), WriteError, "operators.* stages, not None"),
        (lambda s: s.update("things", {}, "$set"), WriteError, "operators.* stages, not '\\$set'"),
        (lambda s: all_of(s, sort="a"), OperationFailure, r"pairs, such as .* not 'a'"),
        (lambda s: all_of(s, {"_id": 1}, sort="a"), OperationFailure, r"pairs, such as .* not 'a'"),
        (lambda s: all_of(s, sort=["ab"]), OperationFailure, "such as .* and 'ab' is none"),
        (lambda s: all_of(s, sort={"a": 1}), OperationFailure, "not {'a': 1}"),
        (lambda s: s.explain("things", {}, sort=3), OperationFailure, "pairs, such as .* not 3"),
        (lambda s: all_of(s, limit="3"), OperationFailure, "'limit' is a whole number .* not '3'"),
        (lambda s: all_of(s, {"_id": 1}, limit=-1), OperationFailure, "'limit' .* not -1"),
        (lambda s: all_of(s, limit=1.5), OperationFailure, "'limit' is a whole number .* not 1.5"),
        (lambda s: s.count("things", {}, skip=None), OperationFailure, "'skip' is a whole number"),
        (lambda s: all_of(s, options={"hint": "a"}), TypeError, "OperationOptions.* not {'hint'"),
        (
            lambda s: all_of(s, options=OperationOptions(hint=cast("Any", ("a",)))),
            OperationFailure,
            "'a' is none",
        ),
        (
            lambda s: s.find_one_and_update("things", {}, {"$set": {"a": 2}}, returned="new"),
            OperationFailure,
            "'before' or 'after', not 'new'",
        ),
        (lambda s: s.create_index("things", {"a": 1}), TypeError, "takes an Index.* not {'a': 1}"),
    ],
)
async def test_what_no_operation_takes_is_named(
    things: SqliteStore, call: Call, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        await call(things)

    assert await all_of(things) == [{"_id": 1, "a": 1}]
    assert await things.indexes("things") == []


@pytest.mark.parametrize("name", ["", "a$b", "a\x00b", "a.", None, ["things"]])
async def test_a_name_that_no_collection_can_have_is_refused_by_reads_too(
    store: SqliteStore, name: Any
) -> None:
    async def drained(batches: Any) -> None:
        async for _ in batches:
            pass

    for operation in (
        drained(store.find(name, {})),
        drained(store.find(name, {"_id": 1})),
        drained(store.aggregate(name, [])),
        store.count(name, {}),
        store.distinct(name, "a", {}),
        store.explain(name, {}),
        store.delete(name, {}),
        store.find_one_and_delete(name, {}),
        store.indexes(name),
        store.drop_index(name, "a_1"),
        store.drop_collection(name),
    ):
        with pytest.raises(OperationFailure, match="the name") as caught:
            await operation
        assert caught.value.code == 73


async def test_numbers_that_no_file_counts_to_ask_for_all(things: SqliteStore) -> None:
    await things.create_index("things", Index(fields=(("a", 1),)))

    assert len(await all_of(things, limit=2**70)) == 1
    assert await all_of(things, skip=2**70) == []
    assert await things.count("things", {"a": 1}, skip=2**70, limit=2**70) == 0
    assert [
        batch
        async for batch in things.aggregate("things", [{"$skip": 2**63 - 1}, {"$skip": 2**63 - 1}])
    ] == []


async def test_a_wrong_argument_leaves_a_transaction_open(things: SqliteStore) -> None:
    transaction = await things.begin()
    await transaction.insert("things", [{"_id": 2}])

    with pytest.raises(TypeError):
        await transaction.bulk("things", [3])  # type: ignore[list-item]  # that is the fault
    await transaction.commit()

    assert await things.count("things", {}) == 2
