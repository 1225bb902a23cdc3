"""Changes, as MongoDB's change streams tell of them."""

import asyncio

import pytest

from earnorm.errors import UnsupportedError
from earnorm.stores.capabilities import Capability
from earnorm.stores.protocol import ChangeStream, Store
from earnorm.testing.stores.comparing import fill
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves
from earnorm.typing import MutableDocument

__all__ = ["WatchingSuite"]

_NEEDED = Capability.WATCH
_SECONDS = 30.0
_MOMENT = 0.05


class WatchingSuite(OpensStore):
    """`Store.watch`, for stores with `Capability.WATCH`."""

    @proves("watch/refused without the capability")
    async def test_watch_is_refused_without_the_capability(self, store: Store) -> None:
        """Who cannot tell of changes says so at once."""
        if _NEEDED in store.capabilities:
            pytest.skip("the store has Capability.WATCH")
        with pytest.raises(UnsupportedError):
            async with store.watch("c"):
                pass

    @proves("watch/every kind of change", needs=_NEEDED)
    async def test_every_kind_of_change(self, store: Store) -> None:
        """Inserts, updates, replacements and deletes, in their order, none of another collection."""
        async with store.watch("c") as changes:
            await store.insert("other", [{"_id": 0}])
            await store.insert("c", [{"_id": 1, "a": 1, "b": 1}])
            await store.update("c", {"_id": 1}, {"$set": {"a": 2}, "$unset": {"b": ""}})
            await store.update("c", {"_id": 1}, {"$set": {"a": 2}})
            await store.replace("c", {"_id": 1}, {"z": 1})
            await store.delete("c", {"_id": 1})
            told = await _next(changes, 4)

        assert [one["operationType"] for one in told] == ["insert", "update", "replace", "delete"]
        assert all(one["ns"]["coll"] == "c" and one["documentKey"] == {"_id": 1} for one in told)
        assert told[0]["fullDocument"] == {"_id": 1, "a": 1, "b": 1}
        assert told[1]["updateDescription"]["updatedFields"] == {"a": 2}
        assert told[1]["updateDescription"]["removedFields"] == ["b"]
        assert "fullDocument" not in told[1]
        assert told[2]["fullDocument"] == {"_id": 1, "z": 1}

    @proves("watch/resume", needs=_NEEDED)
    async def test_a_stream_is_resumed(self, store: Store) -> None:
        """After the token of a change, the next one comes, however long ago it was."""
        async with store.watch("c") as changes:
            await fill(store, [{"_id": n} for n in range(3)])
            (first,) = await _next(changes, 1)
            token = changes.resume_token
        assert token == first["_id"]
        await store.insert("c", [{"_id": 3}])

        async with store.watch("c", resume_after=token) as changes:
            told = await _next(changes, 3)

        assert [one["documentKey"]["_id"] for one in told] == [1, 2, 3]

    @proves("watch/the whole database", needs=_NEEDED)
    async def test_the_whole_database(self, store: Store) -> None:
        """Without a collection the changes of all of them come, in the order in which they happened."""
        await fill(store, [{"_id": 0}], "a")
        await fill(store, [{"_id": 0}], "b")

        async with store.watch() as changes:
            for n in range(1, 3):
                await store.insert("a", [{"_id": n}])
                await store.insert("b", [{"_id": n}])
            told = await _next(changes, 4)

        assert [(one["ns"]["coll"], one["documentKey"]["_id"]) for one in told] == [
            ("a", 1), ("b", 1), ("a", 2), ("b", 2),
        ]  # fmt: skip

    @proves("watch/waiting that is cancelled", needs=_NEEDED)
    async def test_waiting_that_is_cancelled(self, store: Store) -> None:
        """Who waits for a while and gives up loses no change by it, and the stream goes on."""
        async with store.watch("c") as changes:
            for n in range(3):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(_MOMENT):
                        await anext(changes)
                await store.insert("c", [{"_id": n}])
                await asyncio.sleep(_MOMENT)
                (told,) = await _next(changes, 1)
                assert told["documentKey"] == {"_id": n}

    @proves("watch/a pipeline", needs=_NEEDED)
    async def test_a_pipeline_chooses(self, store: Store) -> None:
        """Stages choose among the changes."""
        async with store.watch("c", pipeline=[{"$match": {"operationType": "delete"}}]) as changes:
            await fill(store, [{"_id": 1}, {"_id": 2}])
            await store.delete("c", {"_id": 2})
            (told,) = await _next(changes, 1)

        assert told["documentKey"] == {"_id": 2}

    @proves("watch/the document of an update", needs=_NEEDED)
    async def test_the_document_of_an_update(self, store: Store) -> None:
        """`full_document="updateLookup"` brings the document as it is now."""
        await fill(store, [{"_id": 1, "a": 1, "b": 1}])

        async with store.watch("c", full_document="updateLookup") as changes:
            await store.update("c", {"_id": 1}, {"$inc": {"a": 1}})
            (told,) = await _next(changes, 1)

        assert told["fullDocument"] == {"_id": 1, "a": 2, "b": 1}

    @proves("watch/a transaction", needs=_NEEDED)
    async def test_a_transaction(self, store: Store) -> None:
        """Its changes come after the commit; those of an aborted one never do."""
        if Capability.TRANSACTIONS not in store.capabilities:
            pytest.skip("the store does not have Capability.TRANSACTIONS")
        await fill(store, [{"_id": 0}])

        async with store.watch("c") as changes:
            aborted = await store.begin()
            await aborted.insert("c", [{"_id": 1}])
            await aborted.abort()
            committed = await store.begin()
            await committed.insert("c", [{"_id": 2}])
            await committed.commit()
            (told,) = await _next(changes, 1)

        assert told["documentKey"] == {"_id": 2}


async def _next(changes: ChangeStream, many: int) -> list[MutableDocument]:
    async with asyncio.timeout(_SECONDS):
        return [await anext(changes) for _ in range(many)]
