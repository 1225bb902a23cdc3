"""What a model may say in `Meta.plugin_options`, and what is refused."""

import inspect
from collections.abc import Mapping
from typing import Any

import pytest

from earnorm.errors import EarnORMError, PluginOptionsError
from earnorm.models import EmbeddedModel, json_schema
from earnorm.testing.plugins.failing import fail, told
from earnorm.testing.plugins.subject import DescribesPlugin
from earnorm.testing.plugins.tested import Tested

__all__ = ["OptionsSuite"]

_UNKNOWN = "no_such_option"
_REMEDY = (
    "Make the plugin's Options an EmbeddedModel, whose fields are checked, or let it raise a TypeError or "
    "ValueError."
)


class OptionsSuite(DescribesPlugin):
    """Defaults work, and what is wrong is told at the class line."""

    async def test_no_option_is_needed(self, accepted: Tested) -> None:
        """A model may name the plugin and say nothing else."""
        try:
            accepted.define(options={})
        except EarnORMError as error:
            fault = f"A model cannot name {accepted.name!r} without options:"
            fail(fault, "Give each option a default.", error=error)

    async def test_an_unknown_option_is_refused(self, accepted: Tested) -> None:
        """An option that is misspelt would else do nothing."""
        fault = f"an option that does not exist, {_UNKNOWN!r}, passes"
        _check_refusal(accepted, {_UNKNOWN: 1}, fault)

    async def test_a_wrong_option_is_refused(self, accepted: Tested) -> None:
        """None of its options takes a bare `object()`."""
        names = _option_names(accepted.plugin)
        if not names:
            pytest.skip("it takes no options")
        for name in names:
            wrong = {**accepted.options, name: object()}
            _check_refusal(accepted, wrong, f"the option {name!r} takes anything, object() too")


def _check_refusal(tested: Tested, options: Mapping[str, Any], fault: str) -> None:
    try:
        tested.define(options=options)
    except PluginOptionsError:
        return
    except Exception as error:  # noqa: BLE001 # whatever it is, it is told
        fault = f"{sorted(options)} should end in a PluginOptionsError, and raised {told(error)}"
    fail(f"The options of the plugin {tested.name!r}: {fault}.", _REMEDY)


def _option_names(plugin: Any) -> list[str]:
    declared = getattr(plugin, "Options", None) if inspect.isclass(plugin) else None
    if declared is None:
        return []
    if issubclass(declared, EmbeddedModel):
        return list(json_schema(declared)["properties"])
    starred = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    parameters = inspect.signature(declared).parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind not in starred]
