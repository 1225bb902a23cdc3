"""What a transaction undoes, the plugin leaves undone."""

import asyncio
from typing import Final

import pytest

from earnorm.stores import Capability
from earnorm.testing.plugins.agreeing import check_agreement
from earnorm.testing.plugins.bench import Bench, Place
from earnorm.testing.plugins.failing import fail
from earnorm.testing.plugins.subject import DescribesPlugin

__all__ = ["TransactionsSuite"]

_REMEDY: Final = (
    "Write through models, in the task that runs the hook: what goes through database.store, or through a task that the "
    "plugin starts, is outside of the transaction, and may wait for its end."
)


class TransactionsSuite(DescribesPlugin):
    """For stores that have transactions."""

    async def test_a_transaction_stores_what_saves_store(self, place: Place) -> None:
        """Inside of one the hooks do what they do outside."""
        reference = await place.outcome(_save)
        inside = await place.outcome(self._save_in_transaction)
        ways = ("saves", "saves in a transaction")
        check_agreement(reference, inside, ways=ways, remedy=_REMEDY)

    async def test_a_transaction_that_fails_leaves_nothing(self, place: Place) -> None:
        """No collection has a document then, those of the plugin's own models included."""

        async def undo(bench: Bench) -> None:
            with pytest.raises(_UndoneError):
                await self._save_in_transaction(bench, _UndoneError())
            for collection in await bench.database.store.collections():
                if count := await bench.database.store.count(collection, {}):
                    left.append(f"  {count} documents in the collection {collection!r}")

        left: list[str] = []
        outcome = await place.outcome(undo)
        if left or outcome.error is not None:
            fail("A transaction was not undone:", *left, _REMEDY, error=outcome.error)

    async def _save_in_transaction(self, bench: Bench, failure: Exception | None = None) -> None:
        if Capability.TRANSACTIONS not in bench.database.store.capabilities:
            pytest.skip("the store does not have Capability.TRANSACTIONS")
        try:
            async with asyncio.timeout(self.seconds), bench.database.transaction():
                await _save(bench)
                if failure is not None:
                    raise failure
        except TimeoutError:
            raise TimeoutError(f"the transaction is stuck after {self.seconds} seconds") from None


class _UndoneError(Exception):
    """Ends a block."""


async def _save(bench: Bench) -> None:
    # New instances only: a plugin may refuse changes.
    for number in range(2):
        await bench.sample(number).save()
