"""Finds models by key, by shorter names, and by what refers to them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from earnorm.errors import AmbiguousModelError, UnknownModelError
from earnorm.metadata import Metadata, Relationship
from earnorm.model_registry.entry import Entry, bare_name, is_local, metadata_of
from earnorm.model_registry.protocol import Model

__all__ = ["Lookup"]

F = TypeVar("F")

Keys = Mapping[str, Collection[str]]


class Lookup:
    """The entries of a registry, and the names that lead to them.

    Both indexes may lead to more keys than there are entries, never to fewer: an entry decides.
    """

    __slots__ = ("_by_name", "_referring", "entries")

    def __init__(self, entries: dict[str, Entry], by_name: Keys, referring: Keys) -> None:
        """`by_name` maps a bare name to the keys that end in it, `referring` to the keys of what refers to it."""
        self.entries = entries
        self._by_name = by_name
        self._referring = referring

    @classmethod
    def over(cls, entries: dict[str, Entry]) -> "Lookup":
        """The same over these entries alone, whose indexes are made now."""
        by_name: dict[str, list[str]] = {}
        referring: dict[str, list[str]] = {}
        for key, entry in entries.items():
            by_name.setdefault(bare_name(key), []).append(key)
            for name in entry.targets:
                referring.setdefault(name, []).append(key)
        return cls(entries, by_name, referring)

    def current(self, key: str) -> type[Model] | None:
        """The model under this key, if there is one."""
        entry = self.entries.get(key)
        return None if entry is None else entry.current

    def namesake(self, key: str) -> str | None:
        """The key of another model with the same bare name; classes defined in functions are no namesakes."""
        for other in list(self._by_name.get(bare_name(key), ())):
            if other != key and other in self.entries and not is_local(other):
                return other
        return None

    def model(self, name: type[Model] | str) -> type[Model]:
        """The model with this key, bare name or class; raises when there is none, or several."""
        return self._alive(name, self._entry_of(name).current)

    def metadata_of(self, name: type[Model] | str) -> Metadata:
        """The metadata of the same."""
        return self._alive(name, self._entry_of(name).metadata)

    def referenced(self, module: str, scope: str, name: str) -> type[Model]:
        """The model that `name` means inside the class `scope` of `module`; raises as `model`."""
        found = self._search(module, scope, name)
        return self._alive(name, self._only(name, found).current)

    def has(self, model: object) -> bool:
        """Whether it is the key of an entry, or the class that one holds."""
        if isinstance(model, str):
            return self.current(model) is not None
        metadata = getattr(model, "__metadata__", None)
        return isinstance(metadata, Metadata) and self.current(metadata.key) is model

    def models(self) -> list[type[Model]]:
        """Every model, in the order of registration."""
        found = [entry.model or entry.current for entry in list(self.entries.values())]
        return [model for model in found if model is not None]

    def find(self, name: str) -> Entry:
        """The one entry that `name` means anywhere; raises when none or several fit."""
        return self._present(name) or self._only(name, self._ending_in(name))

    def resolve(self, relationship: Relationship) -> Relationship:
        """The relationship with the key of its target, pending, or with the candidates."""
        found = self._targets(relationship)
        if len(found) > 1:
            return replace(relationship, candidates=tuple(sorted(one.key for one in found)))
        if found:
            return replace(relationship, target=found[0].key)
        return replace(relationship, pending=True)

    def references(self, relationships: Iterable[Relationship]) -> list[type[Model]]:
        """What these lead to, each model once, without what is pending or ambiguous."""
        targets = [found for one in relationships if len(found := self._targets(one)) == 1]
        once = {entry.key: entry.current for (entry,) in targets}
        return [model for model in once.values() if model is not None]

    def dependents(self, key: str) -> list[type[Model]]:
        """The models that refer to the one under this key, each once."""
        found = []
        for candidate in list(self._referring.get(bare_name(key), ())):
            entry = self.entries.get(candidate)
            if entry is None or (metadata := entry.metadata) is None:
                continue
            targets = map(self._targets, metadata.relationships)
            if any(len(one) == 1 and one[0].key == key for one in targets):
                found.append(entry.current)
        return [model for model in found if model is not None]

    def _entry_of(self, name: type[Model] | str) -> Entry:
        if isinstance(name, str):
            return self.find(name)
        key = metadata_of(name).key
        entry = self.entries.get(key)
        found = None if entry is None else entry.current
        if entry is None or found is None:
            raise UnknownModelError(key, known=list(self.entries))
        if found is not name:
            raise _replaced(key)
        return entry

    def _alive(self, name: type[Model] | str, found: F | None) -> F:
        """What was found; raises when it was collected since."""
        if found is None:
            raise UnknownModelError(str(name), known=list(self.entries))
        return found

    def _targets(self, relationship: Relationship) -> list[Entry]:
        """What the relationship may lead to: one entry, none when it is pending, several when it is ambiguous."""
        return self._search(relationship.module, relationship.qualname, relationship.target)

    def _search(self, module: str, scope: str, name: str) -> list[Entry]:
        """What `name` means inside the class `scope` of `module`, as Python would look it up.

        First the enclosing scopes and the module itself, then its package and each package above it
        with all that they hold, then the whole registry.
        """
        for key in (*_enclosing(module, scope, name), name):
            if (found := self._present(key)) is not None:
                return [found]
        candidates = self._ending_in(name)
        package = module if len(candidates) > 1 else ""
        while package:
            inside = [entry for entry in candidates if entry.key.startswith(f"{package}.")]
            if inside:
                return inside
            package = package.rpartition(".")[0]
        return candidates

    def _present(self, key: str) -> Entry | None:
        entry = self.entries.get(key)
        return entry if entry is not None and (entry.model or entry.current) is not None else None

    def _ending_in(self, name: str) -> list[Entry]:
        """Those whose key's last part is that of `name` and whose first parts are the others of `name`."""
        # Copied in one step, so that another thread may register meanwhile.
        keys = list(self._by_name.get(bare_name(name), ()))
        if (prefix := name.rpartition(".")[0]) != "":
            keys = [key for key in keys if key == name or key.startswith(f"{prefix}.")]
        found = [entry for key in keys if (entry := self.entries.get(key)) is not None]
        return [entry for entry in found if entry.model is not None or entry.current is not None]

    def _only(self, name: str, candidates: list[Entry]) -> Entry:
        if len(candidates) > 1:
            raise AmbiguousModelError(name, [entry.key for entry in candidates])
        if not candidates:
            raise UnknownModelError(name, known=list(self.entries))
        return candidates[0]


def _replaced(key: str) -> UnknownModelError:
    error = UnknownModelError(key)
    message = (
        f"the class {key} is not registered: another class has this key now, as after a module was "
        f"reloaded. Use the one that registry.get_model({key!r}) gives."
    )
    error.args = (message,)
    return error


def _enclosing(module: str, scope: str, name: str) -> Iterator[str]:
    while scope:
        scope = scope.rpartition(".")[0]
        yield f"{module}.{scope}.{name}" if scope else f"{module}.{name}"
