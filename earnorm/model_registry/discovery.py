"""Imports packages so that their models register themselves."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType

from earnorm.errors import DiscoveryError

__all__ = ["import_packages"]


def import_packages(names: tuple[str, ...]) -> None:
    """Imports each module or package and everything below it, `__main__` modules left out.

    A faulty module does not stop the others: raises one `DiscoveryError` that holds the fault of each.
    """
    faults: dict[str, Exception] = {}
    for name in names:
        for module in _walk(name, faults):
            _import(module, faults)
    if faults:
        message = f"modules that could not be discovered: {', '.join(faults)}"
        raise DiscoveryError(message, list(faults.values()), faults)


def _walk(name: str, faults: dict[str, Exception]) -> Iterator[str]:
    module = _import(name, faults)
    path = getattr(module, "__path__", None)
    if path is None:
        return
    for found in pkgutil.iter_modules(path, prefix=f"{name}."):
        if found.name.rpartition(".")[2] == "__main__":
            continue
        if found.ispkg:
            yield from _walk(found.name, faults)
        else:
            yield found.name


def _import(name: str, faults: dict[str, Exception]) -> ModuleType | None:
    known = sys.modules.get(name)
    if known is not None:
        return known
    try:
        return importlib.import_module(name)
    except SystemExit as stop:
        fault: Exception = ImportError(f"{name} ends the program when it is imported", name=name)
        fault.__cause__ = stop
        fault.with_traceback(stop.__traceback__)
    except Exception as error:  # noqa: BLE001 # a module may fail in any way; each fault is reported
        fault = error
    fault.add_note(f"while {name} was imported by discover()")
    faults[name] = fault
    return None
