"""The options that a model gives to its plugins, checked by the type that each plugin declares."""

import inspect
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from earnorm.errors import (
    EarnORMError,
    FieldFault,
    PluginDefinitionError,
    PluginOptionsError,
    ValidationError,
)
from earnorm.plugins.manifest import PluginInfo

__all__ = ["OPTIONS", "MadePlugin", "key_of", "make_plugin", "make_with_options"]

OPTIONS: Final = "Options"
"""The attribute of a plugin's class that is the type of its options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePlugin:
    """A plugin object, the class that makes others for other options if it takes any, and its options."""

    plugin: Any
    factory: type[Any] | None = None
    options: Any = None


def make_plugin(loaded: Any, info: PluginInfo) -> MadePlugin:
    """The plugin that runs where no options are given: an object or a module as it is, a class instantiated.

    What the class raises passes; `PluginDefinitionError` says what is wrong with its `Options`.
    """
    declared = _options_type(loaded, info)
    if declared is not None:
        options = _default_options(declared, info)
        return MadePlugin(plugin=loaded(options), factory=loaded, options=options)
    return MadePlugin(plugin=loaded() if inspect.isclass(loaded) else loaded)


def make_with_options(
    factory: type[Any] | None, given: Mapping[str, Any], info: PluginInfo, *, model: str
) -> MadePlugin:
    """The plugin that runs with these options; raises `PluginOptionsError` with every fault and its path."""

    def refusal(*faults: FieldFault) -> PluginOptionsError:
        return PluginOptionsError(info.name, faults, source=info.source, model=model)

    def told(text: object) -> FieldFault:
        return FieldFault(path="", code="options", message=str(text), input=dict(given))

    if factory is None:
        raise refusal(told("it takes none"))
    try:
        options = getattr(factory, OPTIONS)(**given)
    except ValidationError as error:
        raise refusal(*error.errors) from None
    except (TypeError, ValueError) as error:
        raise refusal(told(error)) from error
    try:
        return MadePlugin(plugin=factory(options), factory=factory, options=options)
    except EarnORMError:
        raise
    except Exception as error:
        raise refusal(told(f"it could not be instantiated with them: {error!r}")) from error


def key_of(given: object) -> Hashable:
    """What is equal for equal options of the same types; raises `TypeError` for what has no hash."""
    if isinstance(given, Mapping):
        return frozenset((name, key_of(value)) for name, value in given.items())
    if isinstance(given, list | tuple):
        return (type(given), *map(key_of, given))
    hash(given)
    return type(given), given


def _options_type(plugin: object, info: PluginInfo) -> type[Any] | None:
    declared = inspect.getattr_static(plugin, OPTIONS, None)
    if inspect.ismodule(plugin) and getattr(declared, "__module__", None) != plugin.__name__:
        return None  # what a module imports is no declaration
    if declared is None:
        return None
    if not inspect.isclass(declared):
        fault = f"{OPTIONS} must be a class, such as an EmbeddedModel, not {declared!r}."
        raise PluginDefinitionError(fault, plugin=info.name, source=info.source)
    if not inspect.isclass(plugin):
        fault = (
            f"it declares {OPTIONS}, and is no class. Give the class: it is instantiated once for each set of "
            "options."
        )
        raise PluginDefinitionError(fault, plugin=info.name, source=info.source)
    return declared


def _default_options(declared: type[Any], info: PluginInfo) -> Any:
    try:
        return declared()
    except Exception as error:
        fault = (
            f"{OPTIONS} needs a default for each option, as a model may name the plugin without any. Without "
            f"arguments it says: {error}"
        )
        raise PluginDefinitionError(fault, plugin=info.name, source=info.source) from error
