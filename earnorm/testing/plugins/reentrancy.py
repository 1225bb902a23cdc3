"""Saves inside saves, and saves at the same time."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from earnorm.testing.plugins.agreeing import check_agreement
from earnorm.testing.plugins.bench import Action, Bench, Outcome, Place
from earnorm.testing.plugins.failing import fail
from earnorm.testing.plugins.subject import DescribesPlugin
from earnorm.testing.plugins.tested import NOBODY, Neighbours

__all__ = ["ReentrancySuite"]

_MANY: Final = 6
_REMEDY: Final = (
    "One plugin object serves every save. Keep what belongs to one instance on the instance (a leading "
    "underscore is never stored) or in a context variable, not on the plugin, and hold no lock across a hook."
)


class ReentrancySuite(DescribesPlugin):
    """One save begins before another has ended."""

    async def test_a_hook_that_saves_is_survived(self, place: Place) -> None:
        """Another plugin saves a second instance while the first is being saved."""
        reference = await place.outcome(_one_by_one(2))
        for hook in ("before_save", "after_save"):
            for where in ("before", "after"):

                async def save(bench: Bench) -> None:
                    await bench.sample(0).save()

                saving = {"suite_saving": _Saving(hook, lambda model: model(**self.values(1)))}
                nested = await self._outcome(place, save, saving, where)
                ways = (
                    "saves one by one",
                    f"a save in {hook} of a plugin {where} this one",
                )
                check_agreement(reference, nested, ways=ways, remedy=_REMEDY)

    async def test_saves_at_the_same_time_do_not_mix(self, place: Place) -> None:
        """Several tasks save, each an instance of its own, and take turns between the hooks."""

        async def save(bench: Bench) -> None:
            instances = [bench.sample(number) for number in range(_MANY)]
            await asyncio.gather(*(instance.save() for instance in instances))

        reference = await place.outcome(_one_by_one(_MANY))
        for where in ("before", "after"):
            at_once = await self._outcome(place, save, {"suite_waiting": _Waiting()}, where)
            ways = ("saves one by one", "saves at the same time")
            check_agreement(reference, at_once, ways=ways, remedy=_REMEDY)

    async def _outcome(
        self, place: Place, action: Action, others: Neighbours, where: str
    ) -> Outcome:
        first, then = (others, NOBODY) if where == "before" else (NOBODY, others)
        try:
            async with asyncio.timeout(self.seconds):
                return await place.outcome(action, first=first, then=then)
        except TimeoutError:
            fault = f"A save that begins before another has ended is stuck after {self.seconds} seconds."
            fail(fault, _REMEDY)


class _Saving:
    """Saves a second instance in one of its hooks, once."""

    ignores_query_writes = True

    def __init__(self, hook: str, second: Callable[[type[Any]], Any]) -> None:
        self._hook = hook
        self._second = second
        self._is_done = False

    async def before_save(self, instance: Any) -> None:
        await self._save_in("before_save", instance)

    async def after_save(self, instance: Any) -> None:
        await self._save_in("after_save", instance)

    async def _save_in(self, hook: str, instance: Any) -> None:
        if hook == self._hook and not self._is_done:
            self._is_done = True
            await self._second(type(instance)).save()


class _Waiting:
    """Lets other tasks run between the hooks of the plugin that is tested."""

    ignores_query_writes = True

    async def before_save(self) -> None:
        await asyncio.sleep(0)

    async def after_save(self) -> None:
        await asyncio.sleep(0)


def _one_by_one(many: int) -> Action:
    async def save(bench: Bench) -> None:
        for number in range(many):
            await bench.sample(number).save()

    return save
