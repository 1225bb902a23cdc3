from typing import Any

import pytest
from bson import Decimal128, ObjectId
from pymongo.errors import DuplicateKeyError, OperationFailure, WriteError

from earnorm.errors import IndexConflictError
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index

EMAIL = Index(fields=(("email", 1),), unique=True)
LIVING = Index(fields=(("email", 1),), unique=True, partial={"deleted_at": None})


async def refused(store: SqliteStore, *documents: dict[str, Any]) -> dict[str, Any]:
    with pytest.raises(DuplicateKeyError) as caught:
        await store.insert("users", documents)
    assert caught.value.details is not None
    return dict(caught.value.details)


async def test_a_unique_index_refuses_a_second_document(store: SqliteStore) -> None:
    await store.create_index("users", EMAIL)
    await store.insert("users", [{"_id": 1, "email": "a@x"}])

    details = await refused(store, {"_id": 2, "email": "b@x"}, {"_id": 3, "email": "a@x"})

    assert details == {
        "index": 1,
        "code": 11000,
        "errmsg": (
            'E11000 duplicate key error collection: users index: email_1 dup key: { email: "a@x" }'
        ),
        "keyPattern": {"email": 1},
        "keyValue": {"email": "a@x"},
    }
    assert await store.count("users", {}) == 1


async def test_a_unique_index_refuses_what_a_batch_brings_twice(store: SqliteStore) -> None:
    await store.create_index("users", EMAIL)

    assert (await refused(store, {"_id": 1}, {"_id": 2, "email": None}))["index"] == 1
    assert (await refused(store, {"_id": 1, "email": 1}, {"_id": 2, "email": Decimal128("1")}))[
        "keyValue"
    ] == {"email": Decimal128("1")}
    assert await store.count("users", {}) == 0


async def test_a_unique_index_holds_for_replacements_and_updates(store: SqliteStore) -> None:
    await store.create_index("users", EMAIL)
    await store.insert("users", [{"_id": n, "email": f"{n}@x"} for n in range(3)])

    with pytest.raises(DuplicateKeyError, match="email_1"):
        await store.replace("users", {"_id": 1}, {"_id": 1, "email": "2@x"})
    with pytest.raises(DuplicateKeyError, match="email_1"):
        await store.update("users", {}, {"$set": {"email": "same"}})
    assert (
        await store.replace("users", {"_id": 1}, {"_id": 1, "email": "1@x", "new": 1})
    ).matched == 1
    assert await store.delete("users", {"_id": 2}) == 1
    assert (await store.replace("users", {"_id": 1}, {"_id": 1, "email": "2@x"})).matched == 1
    assert await store.count("users", {"email": "1@x"}) == 0
    assert await store.count("users", {"email": "2@x"}) == 1


async def test_a_partial_unique_index_counts_only_what_it_covers(store: SqliteStore) -> None:
    await store.create_index("users", LIVING)
    await store.insert("users", [{"_id": 1, "email": "a@x"}])

    assert (await refused(store, {"_id": 2, "email": "a@x", "deleted_at": None}))["index"] == 0
    await store.update("users", {"_id": 1}, {"$set": {"deleted_at": 5}})
    await store.insert("users", [{"_id": 2, "email": "a@x"}])
    await store.insert("users", [{"_id": 3, "email": "a@x", "deleted_at": 7}])
    with pytest.raises(DuplicateKeyError):
        await store.update("users", {"_id": 1}, {"$unset": {"deleted_at": ""}})
    assert await store.count("users", {"email": "a@x"}) == 3
    assert await store.count("users", {"email": "a@x", "deleted_at": None}) == 1


async def test_a_compound_unique_index_compares_all_its_fields(store: SqliteStore) -> None:
    await store.create_index("users", Index(fields=(("a", 1), ("b.c", -1)), unique=True))
    await store.insert("users", [{"_id": 1, "a": 1, "b": {"c": 1}}, {"_id": 2, "a": 1}])

    details = await refused(store, {"_id": 3, "a": 1.0, "b": {"c": 1.0}})

    assert details["keyPattern"] == {"a": 1, "b.c": -1}
    assert details["keyValue"] == {"a": 1.0, "b.c": 1.0}
    await store.insert("users", [{"_id": 3, "a": 1, "b": {"c": 2}}])


async def test_a_unique_index_over_arrays_compares_their_elements(store: SqliteStore) -> None:
    await store.create_index("users", Index(fields=(("tags", 1),), unique=True))
    await store.insert("users", [{"_id": 1, "tags": ["a", "b", "a"]}, {"_id": 2, "tags": [["c"]]}])

    assert (await refused(store, {"_id": 3, "tags": ["x", "b"]}))["keyValue"] == {"tags": "b"}
    assert (await refused(store, {"_id": 3, "tags": "a"}))["keyValue"] == {"tags": "a"}
    await store.insert("users", [{"_id": 3, "tags": ["c"]}, {"_id": 4, "tags": []}, {"_id": 5}])
    assert (await refused(store, {"_id": 6, "tags": []}))["keyValue"] == {"tags": []}


async def test_pairs_inside_one_array_do_not_mix(store: SqliteStore) -> None:
    await store.create_index("users", Index(fields=(("a.b", 1), ("a.c", 1)), unique=True))
    await store.insert("users", [{"_id": 1, "a": [{"b": 1, "c": 2}, {"b": 3, "c": 4}]}])

    await store.insert("users", [{"_id": 2, "a": [{"b": 1, "c": 4}]}])
    await refused(store, {"_id": 3, "a": {"b": 3, "c": 4}})


async def test_two_arrays_in_one_compound_index_are_refused(store: SqliteStore) -> None:
    await store.create_index("users", Index(fields=(("a", 1), ("b", 1))))

    with pytest.raises(WriteError, match="parallel arrays: .* two, at 'a' and 'b'") as caught:
        await store.insert("users", [{"_id": 1, "a": [1], "b": [1]}])
    assert caught.value.code == 171
    assert await store.count("users", {}) == 0


async def test_as_many_fields_and_indexes_as_mongodb_has(store: SqliteStore) -> None:
    def over(count: int, name: str) -> Index:
        return Index(fields=tuple((f"f{n}", 1) for n in range(count)), name=name)

    await store.create_index("users", over(32, "wide"))
    with pytest.raises(OperationFailure, match="names 33 fields, .* at most 32") as caught:
        await store.create_index("users", over(33, "wider"))
    assert caught.value.code == 67
    for n in range(62):
        await store.create_index("users", Index(fields=((f"f{n}", 1),)))
    with pytest.raises(OperationFailure, match="at most 64 indexes. Drop another"):
        await store.create_index("users", Index(fields=(("one more", 1),)))
    await store.create_index("users", over(32, "wide"))


@pytest.mark.parametrize(
    "options", [{"partial": {"a": 1}}, {"sparse": True}, {"expire_after": 5.0}, {"collation": {}}]
)
async def test_the_index_of_id_takes_no_options(
    store: SqliteStore, options: dict[str, Any]
) -> None:
    await store.create_index("users", Index(fields=(("_id", 1),)))

    with pytest.raises(OperationFailure, match=f"no option '{next(iter(options))}'"):
        await store.create_index("users", Index(fields=(("_id", 1),), **options))


async def test_an_index_over_duplicates_is_not_built(store: SqliteStore) -> None:
    await store.insert("users", [{"_id": n, "email": "same"} for n in range(2)])

    with pytest.raises(DuplicateKeyError, match="E11000.*email_1.*same"):
        await store.create_index("users", EMAIL)

    assert await store.indexes("users") == []
    await store.insert("users", [{"_id": 2, "email": "same"}])
    await store.delete("users", {"_id": {"$gt": 0}})
    await store.create_index("users", EMAIL)
    assert await store.indexes("users") == [EMAIL]


async def test_indexes_are_listed_in_the_order_of_their_making(store: SqliteStore) -> None:
    age = Index(
        fields=(("age", -1), ("name", 1)), partial={"a.b": [1, {"x": None}]}, name="'by\" age"
    )
    await store.create_index("users", age)
    await store.create_index("users", EMAIL)
    await store.create_index("users", Index(fields=(("_id", 1),)))

    assert await store.indexes("users") == [age, EMAIL]
    assert await store.indexes("others") == []

    await store.drop_index("users", age.name)
    await store.drop_index("users", "no such")
    await store.drop_index("others", "no such")
    assert await store.indexes("users") == [EMAIL]


async def test_the_same_index_again_is_no_error(store: SqliteStore) -> None:
    await store.create_index("users", LIVING)
    await store.create_index("users", LIVING)

    assert await store.indexes("users") == [LIVING]


@pytest.mark.parametrize(
    "other",
    [
        Index(fields=(("email", 1),)),
        Index(fields=(("email", 1),), unique=True, partial={"a": 1}, name="email_1"),
        Index(fields=(("mail", 1),), unique=True, name="email_1"),
        Index(fields=(("email", 1),), unique=True, name="other"),
    ],
)
async def test_a_name_or_a_definition_that_is_taken_is_a_conflict(
    store: SqliteStore, other: Index
) -> None:
    await store.create_index("users", EMAIL)

    with pytest.raises(IndexConflictError) as caught:
        await store.create_index("users", other)

    assert caught.value.index == other.name
    assert await store.indexes("users") == [EMAIL]


@pytest.mark.parametrize(
    "index",
    [
        Index(fields=(), name="x"),
        Index(fields=(("a", 1), ("a", -1))),
        Index(fields=(("", 1),)),
        Index(fields=(("a..b", 1),)),
        Index(fields=(("$a", 1),)),
        Index(fields=(("a", 2),)),
        Index(fields=(("a", 1),), name="_id_"),
        Index(fields=(("a", 1),), name="a\x00b"),
    ],
)
async def test_an_index_that_mongodb_would_not_build_is_refused(
    store: SqliteStore, index: Index
) -> None:
    with pytest.raises(OperationFailure):
        await store.create_index("users", index)


async def test_a_very_long_value_is_indexed_and_shortened_in_messages(store: SqliteStore) -> None:
    await store.create_index("users", EMAIL)
    await store.insert("users", [{"_id": 1, "email": "x" * 1_000_000}])

    assert await store.count("users", {"email": "x" * 1_000_000}) == 1
    details = await refused(store, {"_id": 2, "email": "x" * 1_000_000})
    assert len(details["errmsg"]) < 400


@pytest.mark.parametrize("by", ["insert", "update", "replace", "create_index"])
async def test_arrays_are_found_however_they_came_into_an_index(
    store: SqliteStore, by: str
) -> None:
    index = Index(fields=(("a", 1),))
    if by != "create_index":
        await store.create_index("users", index)
    await store.insert("users", [{"_id": 1, "a": 0 if by in {"update", "replace"} else [1, 9]}])
    if by == "update":
        await store.update("users", {"_id": 1}, {"$set": {"a": [1, 9]}})
    elif by == "replace":
        await store.replace("users", {"_id": 1}, {"_id": 1, "a": [1, 9]})
    elif by == "create_index":
        await store.create_index("users", index)

    # one element is above, another one below
    assert await store.count("users", {"a": {"$gt": 5, "$lt": 3}}) == 1


@pytest.mark.parametrize(
    "partial", [{"a": {"$in": 3}}, {"a": {"$in": None}}, {"$or": [{"a": {"$in": ObjectId()}}]}]
)
async def test_a_partial_condition_that_says_nothing_is_refused(
    store: SqliteStore, partial: dict[str, Any]
) -> None:
    with pytest.raises(OperationFailure, match=r"\$in needs an array"):
        await store.create_index("users", Index(fields=(("a", 1),), partial=partial))
    assert await store.indexes("users") == []
