"""Plugins that cannot be found, loaded, understood or combined."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Self

from earnorm.errors.base import EarnORMError, EarnORMWarning
from earnorm.errors.suggestions import near_names, suggestion
from earnorm.errors.validation import FieldFault, ValidationError

__all__ = [
    "HookBypassError",
    "HookRecursionError",
    "PluginCompatibilityError",
    "PluginConflictError",
    "PluginDefinitionError",
    "PluginDisabledError",
    "PluginFaultsError",
    "PluginIgnoredWarning",
    "PluginLoadError",
    "PluginNotEnabledError",
    "PluginOptionsError",
    "PluginOrderError",
    "PluginReplacedWarning",
    "PluginShadowedWarning",
    "UnknownPluginError",
]

_GROUP = "earnorm.plugins"


class UnknownPluginError(EarnORMError, LookupError):
    """A model names a plugin that nobody provides, or one of its plugins requires it.

    `available` maps every name that could have been meant to where it comes from, `elsewhere` names
    other registries that have a plugin of this name. `required_by` is the plugin that requires it, None
    where the model names it. `hidden_by` is the setting that keeps installed plugins from being found.
    """

    def __init__(
        self,
        name: str,
        *,
        model: str,
        available: Mapping[str, str] | None = None,
        elsewhere: Iterable[str] = (),
        required_by: str | None = None,
        hidden_by: str | None = None,
    ) -> None:
        self.name = name
        self.model = model
        self.available: Mapping[str, str] = dict(available or {})
        self.elsewhere: tuple[str, ...] = tuple(elsewhere)
        self.required_by = required_by
        self.hidden_by = hidden_by
        super().__init__(self._message())

    def for_requirement_of(self, plugin: str) -> "UnknownPluginError":
        """The same for a plugin that the model does not name, and `plugin` requires."""
        return UnknownPluginError(
            self.name,
            model=self.model,
            available=self.available,
            elsewhere=self.elsewhere,
            required_by=plugin,
            hidden_by=self.hidden_by,
        )

    def _message(self) -> str:
        elsewhere = self.elsewhere
        asked = (
            f"{self.model} names the plugin"
            if self.required_by is None
            else f"{self.model}: its plugin {self.required_by!r} requires the plugin"
        )
        nobody = (
            f"no installed distribution advertises under {_GROUP!r} and no registry that {self.model} can see has registered."
            if self.hidden_by is None
            else f"no registry that {self.model} can see has registered; {self.hidden_by} keeps installed plugins out."
        )
        text = f"{asked} {self.name!r}, which {nobody}"
        if near := near_names(self.name, self.available):
            text += f" Did you mean {' or '.join(f'{n!r} ({self.available[n]})' for n in near)}?"
        elif self.available:
            known = ", ".join(f"{n!r} ({source})" for n, source in sorted(self.available.items()))
            text += f" Available: {known}."
        elif self.hidden_by is None:
            text += " No plugin is installed."
        if elsewhere:
            text += (
                f" Another registry has it ({', '.join(elsewhere)}): define the model there, with "
                "class Model(BaseModel, registry=...), or register the plugin on this one."
            )
        return text + (
            " Install the distribution that provides it with pip, or register it with @registry.plugin"
            f"({self.name!r}) before the class."
        )


class PluginLoadError(EarnORMError, ImportError):
    """An installed plugin exists, but importing or instantiating it failed; the reason is the cause."""

    def __init__(self, fault: str, *, plugin: str, source: str, model: str | None = None) -> None:
        asked = f"{model}: the" if model else "the"
        super().__init__(f"{asked} plugin {plugin!r} from {source} {fault}", name=plugin)
        self.plugin = plugin
        self.source = source
        self.model = model


class PluginDefinitionError(EarnORMError, TypeError):
    """A plugin is written in a way that could never work: a misspelt hook or a wrong argument."""

    def __init__(self, fault: str, *, plugin: str, source: str) -> None:
        super().__init__(f"the plugin {plugin!r} from {source}: {fault}")
        self.plugin = plugin
        self.source = source


class PluginConflictError(EarnORMError, ValueError):
    """Two plugins want one thing: a name, a field, or to be the only one of the two.

    For a field, `contested` is `("field", its name)`, and `origins` say who wants it; else None and empty.
    """

    def __init__(
        self,
        fault: str,
        *,
        plugin: str,
        model: str | None = None,
        contested: tuple[str, str] | None = None,
        origins: Sequence[str] = (),
    ) -> None:
        super().__init__(f"{model}: {fault}" if model else fault)
        self.plugin = plugin
        self.model = model
        self.contested = contested
        self.origins = tuple(origins)


class PluginCompatibilityError(EarnORMError, RuntimeError):
    """A plugin needs another core, or another plugin, than there is."""

    def __init__(self, fault: str, *, plugin: str, model: str) -> None:
        super().__init__(f"{model}: {fault}")
        self.plugin = plugin
        self.model = model


class PluginOrderError(EarnORMError, ValueError):
    """The plugins of a model each want to run after the other; `cycle` lists them in a ring."""

    def __init__(self, cycle: Iterable[str], *, model: str) -> None:
        self.cycle: tuple[str, ...] = tuple(cycle)
        self.model = model
        ring = " -> ".join((*self.cycle, self.cycle[0]))
        super().__init__(
            f"{model}: its plugins cannot be put in order, because each wants to run after the next: "
            f"{ring}. Leave one of them out of Meta.plugins, or ask its author to drop an 'after' or a 'before'."
        )


class PluginDisabledError(EarnORMError, RuntimeError):
    """The environment disables a plugin that a model has; `variable` is the one that does."""

    def __init__(self, plugin: str, *, model: str, variable: str) -> None:
        self.plugin = plugin
        self.model = model
        self.variable = variable
        super().__init__(
            f"{model}: the plugin {plugin!r} is switched off by {variable}. Take it out of that variable, or out of "
            "Meta.plugins of the model and 'requires' of its plugins. EARNORM_PLUGINS_IGNORED lets a model go "
            "without a plugin that it names and that no other requires."
        )


class PluginOptionsError(ValidationError):
    """The options that a model gives to one of its plugins do not fit.

    `errors` holds every fault; the paths begin with `plugin_options`.
    """

    def __init__(
        self, plugin: str, errors: Iterable[FieldFault], *, source: str, model: str
    ) -> None:
        self.plugin = plugin
        self.source = source
        place = f"plugin_options.{plugin}"
        placed = [
            replace(fault, path=f"{place}.{fault.path}" if fault.path else place)
            for fault in errors
        ]
        super().__init__(model, placed)

    def _summary(self) -> str:
        of_plugin = (
            f"{self.model}: its plugin {self.plugin!r} from {self.source} does not take its options"
        )
        faults = super()._summary().removeprefix(f"{self.model}: ")
        return f"{of_plugin}: {faults}\nMend them in Meta.plugin_options."


class PluginFaultsError(EarnORMError, ExceptionGroup[EarnORMError]):
    """Several things are wrong with the plugins of one model: `exceptions` are all of them, each complete."""

    model: str

    def __new__(
        cls, message: str, exceptions: Sequence[EarnORMError], model: str = ""
    ) -> "PluginFaultsError":
        error = super().__new__(cls, message, exceptions)
        error.model = model
        return error

    @classmethod
    def of(cls, faults: Sequence[EarnORMError], *, model: str) -> Self:
        """The error that tells all of these faults."""
        told = "".join(f"\n- {fault}" for fault in faults)
        return cls(f"{model}: its plugins have {len(faults)} faults:{told}\n", faults, model)

    def derive(self, excs: Sequence[EarnORMError]) -> "PluginFaultsError":  # type: ignore[override] # narrower than typeshed's generic
        """The same kind of group over some of its parts."""
        return PluginFaultsError(self.message, excs, self.model)


class HookBypassError(EarnORMError, RuntimeError):
    """A query write would pass by hooks that run on instances only; nothing was written."""

    def __init__(self, *, model: str, operation: str, plugins: Mapping[str, str]) -> None:
        self.model = model
        self.operation = operation
        self.plugins: tuple[str, ...] = tuple(plugins)
        known = "; ".join(f"{name!r} implements {hooks}" for name, hooks in plugins.items())
        names = ", ".join(repr(name) for name in plugins)
        super().__init__(
            f"{model}: a query {operation} has no instances, so it would pass by hooks: {known}. "
            f"Pass each=True to load the documents and run the instance hooks, or skip_hooks=[{names}] "
            "to go on without them."
        )


class HookRecursionError(EarnORMError, RecursionError):
    """Hooks run inside hooks so deep that they would never end; `plugins` implement the last, `hook`."""

    def __init__(self, depth: int, *, hook: str, plugins: Iterable[str]) -> None:
        self.hook = hook
        self.plugins = tuple(plugins)
        names = ", ".join(map(repr, self.plugins))
        super().__init__(
            f"hooks run inside hooks {depth} deep. The last is {hook} of {names}. A hook that writes runs the hooks of "
            "what it writes: let it return when there is nothing left to do."
        )


class PluginNotEnabledError(EarnORMError, LookupError):
    """A query names a plugin that its model does not enable."""

    def __init__(self, name: str, *, model: str, enabled: Iterable[str]) -> None:
        self.name = name
        self.model = model
        names = list(enabled)
        hint = suggestion(name, names) or f" It enables: {', '.join(map(repr, names)) or 'none'}."
        super().__init__(f"{model} does not enable the plugin {name!r}.{hint}")


class PluginIgnoredWarning(EarnORMWarning):
    """A model goes without a plugin that it names, because the environment says so."""


class PluginReplacedWarning(EarnORMWarning):
    """A plugin's class was defined again, as a reloaded module does, and runs in the place of the old one."""


class PluginShadowedWarning(EarnORMWarning):
    """A plugin registered in this process took the name of an installed one."""
