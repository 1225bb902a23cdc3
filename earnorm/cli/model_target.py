"""The model that a person names on the command line."""

import sys
from dataclasses import dataclass

from earnorm.cli.faults import Fault
from earnorm.cli.target import LoadedTarget, TargetError, load_target
from earnorm.errors import EarnORMError
from earnorm.metadata import Metadata
from earnorm.model_registry import Model

__all__ = ["LoadedModel", "load_model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """The model, None where no module that could be imported has it, and the modules that failed."""

    model: type[Model] | None
    faults: tuple[Fault, ...]


def load_model(name: str, target: str | None = None) -> LoadedModel:
    """The model of this key, or with a target also of this bare name, after the imports that find it.

    Raises `TargetError` when there is no such module, and another error of ours when it has no such model.
    """
    loaded = load_target(target) if target is not None else _load_module_of(name)
    try:
        return LoadedModel(model=_find(name, loaded), faults=loaded.faults)
    except EarnORMError:
        if not loaded.faults:
            raise
        return LoadedModel(model=None, faults=loaded.faults)


def _load_module_of(name: str) -> LoadedTarget:
    """Imports the module of a key: the longest part of it that is one."""
    parts = name.split(".")
    refused = TargetError(
        f"{name!r} is no key of a model. Write it as `earnorm models` lists it (shop.models.User), or say "
        "where to look: --models TARGET.",
        target=name,
    )
    for length in range(len(parts) - 1, 0, -1):
        try:
            return load_target(".".join(parts[:length]))
        except TargetError as error:
            refused = error
    raise refused


def _find(name: str, loaded: LoadedTarget) -> type[Model]:
    for module, found in list(sys.modules.items()):
        if name.startswith(f"{module}."):
            model: object = found
            for part in name.removeprefix(f"{module}.").split("."):
                model = getattr(model, part, None)
            # A model is found in its module also where it belongs to another registry, or to none.
            if isinstance(getattr(model, "__metadata__", None), Metadata):
                return model  # type: ignore[return-value] # metadata is what makes it one
    if loaded.registry is None:
        raise TargetError(f"there is no registry to look for {name!r} in.", target=name)
    return loaded.registry.get_model(name)
