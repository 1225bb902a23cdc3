"""What goes to another process comes there whole, or not at all."""

import pickle
import sys
from typing import Any

import pytest

from earnorm.testing.plugins.agreeing import check_agreement
from earnorm.testing.plugins.bench import Outcome, Place
from earnorm.testing.plugins.failing import fail
from earnorm.testing.plugins.subject import DescribesPlugin
from earnorm.testing.plugins.tested import Tested

__all__ = ["PicklingSuite"]


class PicklingSuite(DescribesPlugin):
    """Instances can be pickled; the plugin can, or says that it cannot."""

    async def test_a_saved_instance_can_be_pickled(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The plugin leaves nothing on an instance that keeps it from going to another process."""
        async with place.bench() as bench:
            instance = await bench.sample(0).save()
        model = type(instance)
        # Where pickle looks for the class.
        monkeypatch.setattr(sys.modules[model.__module__], model.__name__, model, raising=False)
        try:
            found = pickle.loads(pickle.dumps(instance))
        except Exception as error:  # noqa: BLE001 # whatever it is, it is told
            fault = f"An instance that was saved with the plugin {place.tested.name!r} cannot be pickled:"
            remedy = "Keep that in a WeakKeyDictionary or a context variable of the plugin."
            fail(fault, *_culprits(instance), remedy, error=error)
        here = Outcome(documents=[instance.to_document()], error=None)
        there = Outcome(documents=[found.to_document()], error=None)
        remedy = "What the plugin sets on an instance has to come through pickle as it is."
        check_agreement(here, there, ways=("the instance", "its pickled copy"), remedy=remedy)

    async def test_the_plugin_pickles_or_refuses(self, accepted: Tested) -> None:
        """What comes back has all that the plugin had; else pickling is an error that says so."""
        plugin = accepted.made().plugin
        try:
            found = pickle.loads(pickle.dumps(plugin))
        except (AttributeError, TypeError, pickle.PicklingError) as error:
            if "pickle" not in str(error):
                fail(
                    f"Pickling the plugin {accepted.name!r} ends in an error that does not speak of it:",
                    "Raise a TypeError in __reduce__ that says why the plugin cannot be pickled.",
                    error=error,
                )
            return
        missing = sorted(_attributes(plugin) - _attributes(found))
        if type(found) is not type(plugin) or missing:
            fail(
                f"The plugin {accepted.name!r} comes out of pickle as another: {found!r} lacks {missing}.",
                "Restore them in __setstate__, or raise a TypeError in __reduce__.",
            )


def _attributes(plugin: Any) -> set[str]:
    return set(getattr(plugin, "__dict__", ()))


def _culprits(instance: Any) -> list[str]:
    """The names on the instance whose values cannot be pickled."""
    names = [name for name, value in vars(instance).items() if not _can_be_pickled(value)]
    return [f"  It holds {', '.join(map(repr, names))}."] if names else []


def _can_be_pickled(value: object) -> bool:
    try:
        pickle.dumps(value)
    except Exception:  # noqa: BLE001 # any error means no
        return False
    return True
