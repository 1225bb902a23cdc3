"""Odd and hostile names and values: stored exactly, or refused clearly, never understood as something else."""

from typing import Any, Final

import pytest
from bson.errors import BSONError
from pymongo.errors import DocumentTooLarge, PyMongoError

from earnorm.errors import EarnORMError, InvalidDocumentError
from earnorm.stores.protocol import Store
from earnorm.testing.stores.comparing import all_of, exact, fill, ids, stored
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves
from earnorm.typing import Index

__all__ = ["NamesSuite"]

_COLLECTIONS: Final = (
    "order", "group", "select", "index", "sqlite_master", "a.b", "a.b.c", "my-coll", "a b", " ",
    "é", "e\u0301", "1", "Users", "users", "пользователи", "\U0001f600", "users'; DROP TABLE users; --",
    '"quoted"', "`ticked`", "[brackets]", "percent%s", "{}", "a\nb", "back\\slash", "x" * 100,
)  # fmt: skip
_IMPOSSIBLE: Final = ("", "a\x00b", "$cmd", "a$b", ".a", "a.", "\ud800")

_HOSTILE: Final = (
    "'", '"', "`", ";", "--", "/*", "'; DROP TABLE c; --", '" OR 1=1 --', "\\", "%s", "%", "_", "{}",
    "${x}", "\u0430", "a\u200b", "\u202e", "\ufeff", "A", "a", "null", "true", "0", "-1", "1e5", " ",
    "\n", "\t", "__proto__", "constructor", "_id ", "ID", "\U0001f4a9", "x" * 1_000,
)  # fmt: skip

_DEEPEST: Final = 90
_LARGEST: Final = 16 * 1024 * 1024


class NamesSuite(OpensStore):
    """Names of collections and fields, and values, that were meant to do harm."""

    @proves("names/collections")
    async def test_names_of_collections(self, store: Store) -> None:
        """Each is a collection of its own, listed under its name, with indexes of its own."""
        index = Index(fields=(("n", 1),), unique=True)
        for n, name in enumerate(_COLLECTIONS):
            await store.create_index(name, index)
            await store.insert(name, [{"_id": 1, "n": n}])

        for n, name in enumerate(_COLLECTIONS):
            assert await all_of(store, name, {"n": n}) == [{"_id": 1, "n": n}], name
            assert await store.indexes(name) == [index]
        assert await store.collections() == sorted(_COLLECTIONS)
        for name in _COLLECTIONS[::2]:
            await store.drop_collection(name)
        assert await store.collections() == sorted(_COLLECTIONS[1::2])

    @proves("names/collections that cannot be")
    async def test_impossible_names_of_collections(self, store: Store) -> None:
        """MongoDB's rules for names; nothing is made."""
        for name in _IMPOSSIBLE:
            with pytest.raises((PyMongoError, EarnORMError, ValueError)):
                await store.insert(name, [{"_id": 1}])
        assert await store.collections() == []

    @proves("names/dropped collections")
    async def test_a_dropped_collection(self, store: Store) -> None:
        """Documents and indexes are gone, and only its own; dropping what is not there is no error."""
        for name in ("c", "cc", "c.c"):
            await store.create_index(name, Index(fields=(("a", 1),), unique=True))
            await fill(store, [{"_id": 1, "a": 1}], name)

        await store.drop_collection("c")
        await store.drop_collection("c")

        assert await store.collections() == ["c.c", "cc"]
        assert await store.indexes("c") == []
        await store.insert("c", [{"_id": 1, "a": 1}, {"_id": 2, "a": 1}])
        assert await store.count("cc", {}) == await store.count("c.c", {}) == 1

    @proves("names/fields")
    async def test_names_of_fields(self, store: Store) -> None:
        """Found, sorted, updated, indexed and projected under exactly this name."""
        names = [name for name in _HOSTILE if "$" not in name]
        await fill(store, [{"_id": 1, **{name: n for n, name in enumerate(names)}}, {"_id": 2}])

        for n, name in enumerate(names):
            assert await ids(store, {name: n}) == [1], name
            assert await ids(store, {name: {"$exists": False}}) == [2], name
        for name in names[:12]:
            await store.create_index("c", Index(fields=((name, 1),), name=f"by {name}"))
            assert await ids(store, {}, sort=[(name, -1)]) == [1, 2]
            assert await ids(store, {name: {"$gte": 0}}) == [1]
            await store.update("c", {"_id": 1}, {"$set": {name: "new"}})
            assert await store.distinct("c", name, {}) == ["new"]
            assert await all_of(store, "c", {name: "new"}, projection={name: 1}) == [
                {"_id": 1, name: "new"}
            ]

    @proves("names/values")
    async def test_hostile_values(self, store: Store) -> None:
        """Values, ids among them, are equal to themselves and to nothing else."""
        await store.create_index("c", Index(fields=(("v", 1),), unique=True))
        await fill(store, [{"_id": value, "v": value} for value in _HOSTILE])

        for value in _HOSTILE:
            assert await ids(store, {"v": value}) == [value]
            assert await ids(store, {"_id": {"$in": [value]}}) == [value]
        assert await ids(store, {"v": {"$in": list(_HOSTILE)}}) == sorted(_HOSTILE, key=str.encode)

    @proves("names/operators are no values")
    async def test_names_that_look_like_operators(self, store: Store) -> None:
        """A `$` inside a name is a letter; at its start it is stored as it is, or refused."""
        await fill(store, [{"_id": 1, "a$b": 1, "c": {"d$": 2}}])
        assert await ids(store, {"a$b": 1, "c.d$": 2}) == [1]

        hostile = {"_id": 2, "a": {"$gt": ""}, "b": [{"$where": "sleep(1)"}]}
        try:
            await store.insert("c", [hostile])
        except (PyMongoError, EarnORMError):
            assert await ids(store, {}) == [1]
        else:
            assert exact(await stored(store, 2)) == exact(hostile)

    @proves("names/dots in names")
    async def test_dots_in_names(self, store: Store) -> None:
        """Stored as they are, or refused; a path never leads to them by accident."""
        try:
            await store.insert("c", [{"_id": 1, "a.b": 1}])
        except (PyMongoError, EarnORMError):
            assert await store.count("c", {}) == 0
        else:
            assert exact(await stored(store, 1)) == exact({"_id": 1, "a.b": 1})
            assert await ids(store, {"a.b": 1}) == []

    @proves("names/NUL")
    async def test_nul_in_names(self, store: Store) -> None:
        """BSON has no name with a NUL; nothing is cut off."""
        for document in ({"_id": 1, "a\x00b": 1}, {"_id": 1, "a": [{"b\x00": 1}]}):
            with pytest.raises((InvalidDocumentError, BSONError)):
                await store.insert("c", [document])
        assert await store.count("c", {}) == 0
        await store.insert("c", [{"_id": "a\x00", "v": "\x00"}, {"_id": "a", "v": ""}])
        assert await ids(store, {"_id": "a\x00"}) == ["a\x00"]
        assert await ids(store, {"v": ""}) == ["a"]

    @proves("names/what is no BSON")
    async def test_what_is_no_bson(self, store: Store) -> None:
        """An `InvalidDocumentError` that names the place; the others of the batch are not stored either."""
        for value in (object(), {1, 2}, 2**64, "\ud800", 1j):
            with pytest.raises(InvalidDocumentError) as failure:
                await store.insert("c", [{"_id": 1}, {"_id": 2, "a": {"place": value}}])
            assert "a.place" in str(failure.value)
        assert await store.count("c", {}) == 0

    @proves("names/deep nesting")
    async def test_deep_nesting(self, store: Store) -> None:
        """What MongoDB nests comes back; a thousand levels are refused, and end nothing."""
        await fill(store, [{"_id": 1, "a": _nested(_DEEPEST)}])
        assert exact(await stored(store, 1)) == exact({"_id": 1, "a": _nested(_DEEPEST)})

        refused = (PyMongoError, BSONError, EarnORMError)
        with pytest.raises(refused):
            await store.insert("c", [{"_id": 2, "a": _nested(1_000)}])
        with pytest.raises(refused):
            await store.update("c", {"_id": 1}, {"$set": {"a": _nested(1_000)}})
        assert exact(await stored(store, 1)) == exact({"_id": 1, "a": _nested(_DEEPEST)})
        assert await ids(store, {}) == [1]

    @proves("names/16 MB")
    async def test_the_largest_document(self, store: Store) -> None:
        """Up to 16 MiB of BSON; a byte more is `DocumentTooLarge`, by an insert as by an update."""
        # {"_id": 1, "a": ""} has 22 bytes
        whole = {"_id": 1, "a": "x" * (_LARGEST - 22)}
        await store.insert("c", [whole])
        assert len((await stored(store, 1))["a"]) == _LARGEST - 22

        with pytest.raises(DocumentTooLarge):
            await store.insert("c", [{"_id": 2, "a": "x" * (_LARGEST - 21)}])
        with pytest.raises((DocumentTooLarge, PyMongoError)):
            await store.update("c", {"_id": 1}, {"$set": {"b": 1}})
        assert await store.count("c", {"b": 1}) == 0
        assert await ids(store, {}) == [1]

    @proves("names/large keys")
    async def test_large_keys(self, store: Store) -> None:
        """A value of any size has its place in an index."""
        await store.create_index("c", Index(fields=(("a", 1),)))
        values = ["x" * 100_000 + end for end in "ab"] + [list(range(2_000))]
        await fill(store, [{"_id": n, "a": value} for n, value in enumerate(values)])

        assert [await ids(store, {"a": value}) for value in values] == [[0], [1], [2]]
        assert await ids(store, {"a": 1_999}) == [2]


def _nested(levels: int) -> Any:
    value: Any = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value
