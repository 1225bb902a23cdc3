"""Whichever way a document is written, the plugin leaves the same."""

from functools import partial
from typing import Any

from earnorm.testing.plugins.agreeing import check_agreement
from earnorm.testing.plugins.bench import Action, Bench, Outcome, Place
from earnorm.testing.plugins.failing import fail
from earnorm.testing.plugins.subject import DescribesPlugin

__all__ = ["WritesSuite"]

_VARYING = " Name it in 'varying' of the suite if it differs from write to write on purpose."
_UPDATE_REMEDY = (
    "Implement the twin of the hook, before_update or after_update, so that it does the same. Or declare "
    "ignores_query_writes = True." + _VARYING
)
_DELETE_REMEDY = (
    "before_delete and after_delete run for one instance and for a query alike. A filter may be of any form: what it "
    "matches, only a query with it tells." + _VARYING
)


class WritesSuite(DescribesPlugin):
    """Single, bulk and query writes agree."""

    async def test_an_instance_can_be_saved(self, anywhere: Place) -> None:
        """The hooks of a first save raise nothing."""
        saved = await anywhere.outcome(lambda bench: bench.sample(0).save())
        if saved.error is not None:
            fail(
                "A sample cannot be saved:",
                "If the plugin needs other fields or values, give the suite a 'base' and 'values'.",
                error=saved.error,
            )

    async def test_what_was_saved_is_what_is_loaded(self, place: Place) -> None:
        """Nothing is left on the instance that the store does not have."""
        async with place.bench() as bench:
            instance = await bench.sample(0).save()
            found = await bench.find(instance).first()
            if found is None:
                fail("A sample that was saved is not found, by its id and widened.")
            here = Outcome(documents=[instance.to_document()], error=None)
            there = Outcome(documents=[found.to_document()], error=None)
        remedy = (
            "What the plugin changes in after_save is not written any more: change it in before_save. A name with a "
            "leading underscore is never stored."
        )
        check_agreement(here, there, ways=("the saved instance", "the loaded one"), remedy=remedy)

    async def test_models_share_it(self, place: Place) -> None:
        """A second model that has the plugin changes nothing for the first."""

        async def save(bench: Bench) -> None:
            await bench.sample(0).save()

        async def save_beside_another(bench: Bench) -> None:
            twin = place.tested.define_twin(bench.model)
            await twin(**bench.samples.values(1)).save()
            await save(bench)

        remedy = (
            "One plugin object serves all models that have it with the same options. Keep what belongs to one model "
            "in a mapping by model, not on the plugin."
        )
        alone, beside = await place.outcome(save), await place.outcome(save_beside_another)
        ways = ("one model alone", "one model beside another")
        check_agreement(alone, beside, ways=ways, remedy=remedy)

    async def test_bulk_inserts_store_what_saves_store(self, place: Place) -> None:
        """`insert_many` runs the hooks of each instance, and all of them before the first is written."""

        async def save(bench: Bench) -> None:
            for number in range(3):
                await bench.sample(number).save()

        async def insert(bench: Bench) -> None:
            await bench.model.insert_many([bench.sample(number) for number in range(3)])

        remedy = (
            "In bulk, before_save runs for each instance before any is written, and after_save for each when all "
            "are. Keep what belongs to one instance on the instance, not on the plugin." + _VARYING
        )
        one, other = await place.outcome(save), await place.outcome(insert)
        check_agreement(one, other, ways=("save", "insert_many"), remedy=remedy)

    async def test_query_updates_store_what_saves_store(self, place: Place) -> None:
        """A query update is seen too, unless the plugin says that it does not mind; or it is refused."""

        async def save(bench: Bench) -> None:
            await bench.change(await _two(bench), 0)

        async def update(bench: Bench, *, each: bool = False) -> None:
            instance = await _two(bench)
            bench.clock.advance(hours=1)
            await bench.find(instance).update({"$set": bench.samples.changes(0)}, each=each)

        ways = ("save", "a query update", "a query update with each=True")
        each: Action = partial(update, each=True)
        await _check_query(place, save, update, each, ways=ways, remedy=_UPDATE_REMEDY)

    async def test_query_deletes_leave_what_deletes_leave(self, place: Place) -> None:
        """A delete by a query does what the delete of an instance does; or it is refused."""

        async def delete(bench: Bench) -> None:
            instance = await _two(bench)
            bench.clock.advance(hours=1)
            await instance.delete()

        async def delete_query(bench: Bench, *, each: bool = False) -> None:
            instance = await _two(bench)
            bench.clock.advance(hours=1)
            await bench.find(instance).delete(each=each)

        ways = ("delete", "a query delete", "a query delete with each=True")
        each: Action = partial(delete_query, each=True)
        await _check_query(place, delete, delete_query, each, ways=ways, remedy=_DELETE_REMEDY)


async def _two(bench: Bench) -> Any:
    """Saves two samples, and gives the first."""
    instance, other = bench.sample(0), bench.sample(1)
    await instance.save()
    await other.save()
    return instance


async def _check_query(
    place: Place,
    single: Action,
    query: Action,
    each: Action,
    *,
    ways: tuple[str, str, str],
    remedy: str,
) -> None:
    reference = await place.outcome(single)
    by_query = await place.outcome(query)
    # What passes the hooks by is refused, or passes with the plugin's leave.
    if not by_query.is_bypass and not place.tested.made().manifest.ignores_query_writes:
        check_agreement(reference, by_query, ways=ways[:2], remedy=remedy)
    one_by_one = await place.outcome(each)
    check_agreement(reference, one_by_one, ways=(ways[0], ways[2]), remedy=remedy)
