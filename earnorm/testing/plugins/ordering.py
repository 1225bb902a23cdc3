"""The place of a plugin among others does not matter, unless it says so."""

from typing import Any, Final

from earnorm.errors import HookBypassError
from earnorm.fields import IntegerField, PluginFields
from earnorm.testing.plugins.agreeing import check_agreement
from earnorm.testing.plugins.bench import Bench, Place
from earnorm.testing.plugins.subject import DescribesPlugin
from earnorm.typing import Document, MutableDocument

__all__ = ["OrderingSuite"]

_NEIGHBOUR: Final = "suite_neighbour"
_REMEDY: Final = (
    "A model may name the two in either order. Look at and change only what is the plugin's own. If its place "
    "matters, let the plugin say so: after = [...] or before = [...] where it is about one other, "
    "@hookimpl(tryfirst=True) or @hookimpl(trylast=True) on the hook where it is about all."
)


class OrderingSuite(DescribesPlugin):
    """The same is stored, whichever plugin a model names first."""

    async def test_its_place_among_others_does_not_matter(self, place: Place) -> None:
        """Beside a plugin with a field of its own that sets it in every write, and beside the `neighbours`."""
        others: dict[str, Any] = {_NEIGHBOUR: _Neighbour(), **dict.fromkeys(self.neighbours)}
        for name, plugin in others.items():
            earlier = await place.outcome(_write, then={name: plugin})
            later = await place.outcome(_write, first={name: plugin})
            ways = (f"named before {name!r}", f"named after {name!r}")
            check_agreement(earlier, later, ways=ways, remedy=_REMEDY)


class _Neighbourly(PluginFields, plugin=_NEIGHBOUR):
    suite_neighbour_writes = IntegerField(required=False)


class _Neighbour:
    """Counts the writes of a document, in a field of its own."""

    def contribute_fields(self, model: type) -> type:
        return _Neighbourly

    def before_save(self, instance: Any) -> None:
        instance.suite_neighbour_writes = (instance.suite_neighbour_writes or 0) + 1

    def before_update(self, model: type, filter: Document, update: MutableDocument) -> None:
        update.setdefault("$inc", {})["suite_neighbour_writes"] = 1


async def _write(bench: Bench) -> None:
    """An insert, a save, a query update and a delete, as far as the plugin lets them."""
    changed, deleted, kept = (bench.sample(number) for number in range(3))
    for instance in (changed, deleted, kept):
        await instance.save()
    await bench.change(changed, 0)
    changes = {"$set": bench.samples.changes(2)}
    bench.clock.advance(hours=1)
    try:
        await bench.find(kept).update(changes)
    except HookBypassError:
        await bench.find(kept).update(changes, each=True)
    await deleted.delete()
