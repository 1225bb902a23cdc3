"""The options of `Meta` with which a document's model is made again."""

from typing import Any

from earnorm.fields import UniqueValidator
from earnorm.metadata import EXTENSION
from earnorm.model_registry import ModelRegistry
from earnorm.models.rebuilding.indexes import StoredNames, write_index
from earnorm.models.rebuilding.plugins import read_plugins
from earnorm.models.rebuilding.reading import Reading
from earnorm.models.rebuilding.values import ValueReader

__all__ = ["MetaReader"]


class MetaReader:
    """Reads the options of one document; `inherited` is the document of the concrete parent, empty for none."""

    def __init__(self, reading: Reading, values: ValueReader, inherited: dict[str, Any]) -> None:
        self._reading = reading
        self._values = values
        self._inherited = inherited.get(EXTENSION, {})

    def read(
        self, facts: dict[str, Any], home: ModelRegistry, fields: dict[str, Any]
    ) -> dict[str, Any]:
        """Everything that `Meta` says."""
        reading = self._reading
        inheritance = reading.mapping(facts.get("inheritance", {}), "inheritance")
        options = reading.mapping(facts.get("options", {}), "options")
        meta = {name: self._values.read(form, f"options.{name}") for name, form in options.items()}
        for name in meta:
            if name.startswith("__"):
                reading.refuse(f"options.{name}", "is no option")
        meta["extra"] = facts.get("extra")
        if inheritance.get("parent") is None:
            meta["collection"] = facts.get("collection")
        for name in ("discriminator", "abstract"):
            if name in inheritance:
                meta[name] = inheritance[name]
        meta["validators"] = self._validators(facts)
        meta["indexes"] = self._indexes(facts, fields, inheritance.get("discriminator"))
        return meta | read_plugins(facts, self._values, reading, home, str(facts.get("key")))

    def _validators(self, facts: dict[str, Any]) -> list[Any]:
        described = self._reading.items(facts.get("validators", []), "validators")
        known = self._inherited.get("validators", [])
        return [
            self._validator(form, f"validators.{n}")
            for n, form in enumerate(described)
            if form not in known
        ]

    def _validator(self, form: Any, path: str) -> Any:
        written = self._reading.mapping(form, path)
        if "unique" not in written:
            return self._values.read(written, path)
        fields = self._reading.items(written["unique"], path)
        names = [self._reading.text(one, path) for one in fields]
        return UniqueValidator(*names) if names else self._reading.refuse(path, "names no fields")

    def _indexes(
        self, facts: dict[str, Any], fields: dict[str, Any], discriminator: Any
    ) -> list[Any]:
        described = self._reading.items(facts.get("indexes", []), "indexes")
        names = StoredNames(_stored_names(facts), fields)
        known = self._inherited.get("indexes", [])
        found = []
        for n, form in enumerate(described):
            index = self._values.read(self._reading.mapping(form, f"indexes.{n}"), f"indexes.{n}")
            if not isinstance(index, dict) or not isinstance(index.get("fields"), list):
                self._reading.refuse(f"indexes.{n}", "names no fields")
            elif form not in known:
                found.append(write_index(index, names, discriminator))
        return found


def _stored_names(facts: dict[str, Any]) -> dict[str, str]:
    described = facts.get("fields")
    fields = described.items() if isinstance(described, dict) else ()
    return {
        str(one.get("stored_name", name)): name for name, one in fields if isinstance(one, dict)
    }
