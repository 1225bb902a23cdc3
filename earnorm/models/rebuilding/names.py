"""The name and the place of a class that a document describes."""

from collections.abc import Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

from earnorm.models.rebuilding.reading import Reading

__all__ = ["ClassName", "read_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassName:
    """What a class is called, and where it says it was defined."""

    module: str
    qualname: str
    name: str

    def namespace(self, description: object) -> dict[str, Any]:
        """What its body says of itself."""
        doc = description if isinstance(description, str) else None
        return {"__module__": self.module, "__qualname__": self.qualname, "__doc__": doc}


def read_name(facts: Mapping[str, Any], reading: Reading, path: str) -> ClassName:
    """What the facts call the class; a name that no class can have becomes a fault."""
    key, module, name = (
        reading.text(facts.get(one), f"{path}.{one}" if path else one)
        for one in ("key", "module", "name")
    )
    qualname = key.removeprefix(f"{module}.")
    if not name.isidentifier() or iskeyword(name) or not module:
        reading.refuse(path, f"has the name {name!r} in the module {module!r}, which no class has")
    elif key != f"{module}.{qualname}" or qualname.rpartition(".")[2] != name:
        reading.refuse(path, f"has the key {key!r}, which is not that of {name!r} in {module!r}")
    return ClassName(module=module, qualname=qualname, name=name)
