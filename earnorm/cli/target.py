"""What a person names on the command line: a module, a package, or a registry in a module."""

import pkgutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from earnorm.cli.faults import Fault, module_fault
from earnorm.errors import DiscoveryError, EarnORMError, near_names, suggestion
from earnorm.model_registry import Model, ModelRegistry, registry

__all__ = ["LoadedTarget", "TargetError", "load_target"]


class TargetError(EarnORMError, LookupError):
    """There is no such target; `target` is what was asked for."""

    def __init__(self, fault: str, *, target: str) -> None:
        super().__init__(fault)
        self.target = target


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTarget:
    """The registry that a target names, its models by key, and the modules that failed.

    `registry` is None when the module that should hold it is among the failed ones. `others` are
    registries beside it that the modules of the target hold, as targets.
    """

    registry: ModelRegistry | None
    models: tuple[type[Model], ...]
    faults: tuple[Fault, ...]
    others: tuple[str, ...]


def load_target(target: str) -> LoadedTarget:
    """Imports the target with everything below it, the current directory included in the search.

    Raises `TargetError` when there is no such module, no such attribute, or no registry there.
    """
    name, attribute = _parse(target)
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    faults = _discover(name, target)
    found: ModelRegistry | None = registry
    if attribute is not None:
        module = sys.modules.get(name)
        found = _find_registry(module, attribute, target) if module is not None else None
    models = found.get_all_models() if found is not None else []
    return LoadedTarget(
        registry=found,
        models=tuple(sorted(models, key=lambda model: model.__metadata__.key)),
        faults=faults,
        others=tuple(_other_registries(name, found)),
    )


def _parse(target: str) -> tuple[str, str | None]:
    name, colon, attribute = target.partition(":")
    parts = [*name.split("."), *([attribute] if colon else [])]
    if all(part.isidentifier() for part in parts):
        return name, attribute or None
    fault = (
        f"{target!r} names no module. Write a module or a package as in an import (shop.models), or a "
        f"registry in a module (shop.app:registry).{_spelling(name)}"
    )
    raise TargetError(fault, target=target)


def _discover(name: str, target: str) -> tuple[Fault, ...]:
    try:
        # What the modules print must not end up among what a program reads.
        with redirect_stdout(sys.stderr):
            registry.discover(name)
    except DiscoveryError as error:
        faults = dict(zip(error.modules, error.exceptions, strict=True))
        _refuse_missing(name, faults.get(name), target)
        return tuple(module_fault(module, fault) for module, fault in faults.items())
    return ()


def _refuse_missing(name: str, error: Exception | None, target: str) -> None:
    """Raises when it is the target itself that does not exist, and not something that it imports."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return
    if name != error.name and not name.startswith(f"{error.name}."):
        return
    parent, _, _ = error.name.rpartition(".")
    fault = f"no module is called {error.name!r}.{_spelling(name) or _near_modules(error.name)} "
    if parent and not hasattr(sys.modules.get(parent), "__path__"):
        fault += f"{parent} is a module, not a package: name it alone, or a registry in it ({parent}:registry)."
    else:
        fault += "Run the command in the directory that holds it, or install its distribution."
    raise TargetError(fault, target=target)


def _find_registry(module: ModuleType, attribute: str, target: str) -> ModelRegistry:
    found = vars(module).get(attribute)
    if isinstance(found, ModelRegistry):
        return found
    registries = [key for key, value in vars(module).items() if isinstance(value, ModelRegistry)]
    if attribute in vars(module):
        kind = f"the class {found.__name__}" if isinstance(found, type) else type(found).__name__
        fault = f"{target} is {kind}, and not a ModelRegistry."
    else:
        fault = f"{module.__name__} has no attribute {attribute!r}."
        fault += suggestion(attribute, registries or vars(module))
    named = ", ".join(f"{module.__name__}:{key}" for key in registries)
    known = f"The registries there: {named}." if named else "No registry is there."
    remedy = f"Name {module.__name__} alone for the models of the default registry."
    raise TargetError(f"{fault} {known} {remedy}", target=target)


def _other_registries(name: str, found: ModelRegistry | None) -> Iterator[str]:
    """Each once, where it was found first."""
    seen = {id(found), id(registry)}
    for key, module in sorted(sys.modules.items()):
        if isinstance(module, ModuleType) and f"{key}.".startswith(f"{name}."):
            for attribute, value in list(vars(module).items()):
                if isinstance(value, ModelRegistry) and id(value) not in seen:
                    seen.add(id(value))
                    yield f"{key}:{attribute}"


def _spelling(name: str) -> str:
    """The module that a path was meant to be."""
    dotted = name.removesuffix(".py").replace("\\", "/").strip("./").replace("/", ".")
    is_path = dotted != name and all(part.isidentifier() for part in dotted.split("."))
    return f" Did you mean {dotted!r}?" if is_path else ""


def _near_modules(name: str) -> str:
    parent, dot, last = name.rpartition(".")
    path = getattr(sys.modules.get(parent), "__path__", ()) if parent else None
    here = [str(Path.cwd())] if path is None else path
    # What lies in this directory is meant more often than what is installed.
    near = near_names(last, _modules_in(here)) or near_names(last, _modules_in(path))
    named = " or ".join(repr(f"{parent}{dot}{found}") for found in near)
    return f" Did you mean {named}?" if named else ""


def _modules_in(path: Iterable[str] | None) -> list[str]:
    return [found.name for found in pkgutil.iter_modules(path)]
