"""What is found out while a document is read: the faults, and what may be imported."""

import importlib
import sys
from collections.abc import Callable, Collection
from typing import Any, Final

from earnorm.errors import FieldFault
from earnorm.metadata.value_forms import IMPORT, value_form
from earnorm.typing import Imports

__all__ = ["Reading"]

_HARMLESS: Final = frozenset(
    f"builtins:{name}"
    for name in (
        "bool",
        "bytes",
        "dict",
        "float",
        "frozenset",
        "int",
        "list",
        "set",
        "str",
        "tuple",
    )
) | {"uuid:uuid4", "bson.objectid:ObjectId"}
"""What a document may always name: it makes a value, and does nothing else."""


class Reading:
    """One document that is being read; `faults` are all that were found so far."""

    def __init__(self, imports: Imports) -> None:
        self.faults: list[FieldFault] = []
        self._allows = _to_rule(imports)

    def refuse(self, path: str, message: str, code: str = "document") -> None:
        """Notes a fault."""
        self.faults.append(FieldFault(path=path, code=code, message=message))

    def mapping(self, value: object, path: str) -> dict[str, Any]:
        """The value when it is an object; else an empty one, and a fault."""
        if isinstance(value, dict):
            return value
        self.refuse(path, f"must be an object, not {type(value).__name__}")
        return {}

    def items(self, value: object, path: str) -> list[Any]:
        """The value when it is an array; else an empty one, and a fault."""
        if isinstance(value, list):
            return value
        self.refuse(path, f"must be an array, not {type(value).__name__}")
        return []

    def text(self, value: object, path: str) -> str:
        """The value when it is a string; else an empty one, and a fault."""
        if isinstance(value, str):
            return value
        self.refuse(path, f"must be a string, not {type(value).__name__}")
        return ""

    def find(self, name: object, path: str) -> Any:
        """What a path `module:qualname` leads to; None, and a fault, when it may not be had or is not there."""
        if not isinstance(name, str) or not all(name.partition(":")):
            self.refuse(path, f"has {name!r} for what is to be imported; it is written module:name")
            return None
        if name not in _HARMLESS and not self._allows(name):
            module = name.partition(":")[0]
            message = (
                f"names {name}, and this call imports nothing of {module.partition('.')[0]!r}. If you trust who wrote "
                f"the document, say imports=[{module!r}]"
            )
            self.refuse(path, message, "import")
            return None
        return self._imported(name, path)

    def _imported(self, name: str, path: str) -> Any:
        module, _, qualname = name.partition(":")
        try:
            found = _walk(sys.modules.get(module) or importlib.import_module(module), qualname)
            # What is allowed is one module: `shop.models:os.system` is of another.
            if value_form(found, lambda one: None) == {IMPORT: name}:
                return found
            message = f"names {name}, which is something else by its own name"
        except (Exception, SystemExit) as error:  # noqa: BLE001 # a module may fail in any way
            message = f"names {name}, which cannot be imported: {type(error).__name__}: {error}"
        self.refuse(path, f"{message}. Install what has it, or define the model in code", "import")
        return None


def _to_rule(imports: Imports) -> Callable[[str], bool]:
    """Whether a path may be imported; raises `TypeError` for what is neither modules nor a function."""
    if callable(imports):
        return imports
    if isinstance(imports, (str, bytes)) or not isinstance(imports, Collection):
        raise TypeError(
            f"imports takes the names of modules and packages, or a function, not {imports!r}. "
            "Write imports=['shop.models']."
        )
    allowed = tuple(imports)
    return lambda name: any(
        name.partition(":")[0] == one or name.startswith(f"{one}.") for one in allowed
    )


def _walk(found: Any, qualname: str) -> Any:
    above, _, last = qualname.rpartition(".")
    for part in above.split(".") if above else ():
        found = getattr(found, part)
    if "|" not in last:
        return getattr(found, last)
    # The name of several flags at once: Bits.A|B
    first, *others = (getattr(found, part) for part in last.split("|"))
    for one in others:
        first |= one
    return first
