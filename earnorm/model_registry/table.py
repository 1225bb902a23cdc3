"""The state of a registry, which readers see as it was or as it is, and never between the two.

A change of one model is one write to the mapping of keys to entries; a change of several puts a new mapping in
its place. What is read in several steps is read again when there was a change meanwhile. So nobody who reads waits.
"""

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from earnorm.errors import EarnORMError
from earnorm.metadata import Metadata
from earnorm.model_registry.collections import CollectionIndex
from earnorm.model_registry.entry import Entry, bare_name, is_local
from earnorm.model_registry.lookup import Lookup
from earnorm.model_registry.protocol import Model
from earnorm.model_registry.shortcuts import Shortcuts

__all__ = ["ModelTable"]

T = TypeVar("T")

_MOST_TRIES = 4

Before = dict[type[Model], type[Model] | None]
"""Models, each with the one that its key had before."""


class ModelTable:
    """The models of a registry. Whoever changes it holds `lock`; reading takes none."""

    def __init__(
        self, is_home: Callable[[type[Model]], bool], collected: Callable[[str], None]
    ) -> None:
        """`is_home` says whether the registry is a model's own; `collected` is told the key of a class that is gone."""
        self.lock = threading.RLock()
        self.revision = 0
        """Grows after every change."""
        self.collections = CollectionIndex()
        self._by_name: dict[str, dict[str, None]] = {}  # bare name -> keys that end in it
        self._referring: dict[str, dict[str, None]] = {}  # bare name of a target -> referring keys
        self.lookup = Lookup({}, self._by_name, self._referring)
        self.models: Shortcuts[type[Model]] = Shortcuts(self._find_model)
        """The models by key and by class; by bare name they are searched for."""
        self.metadata: Shortcuts[Metadata] = Shortcuts(self._find_metadata)
        """The metadata of the same."""
        self._is_home = is_home
        self._collected = collected
        self._is_changing = False
        self._dead: deque[Entry] = deque()

    def read(self, ask: Callable[[Lookup], T]) -> T:
        """What `ask` makes of the models, all of them at one moment."""
        for _ in range(_MOST_TRIES):
            revision = self.revision
            try:
                answer = ask(self.lookup)
            except EarnORMError:
                if self.revision == revision:
                    raise
            else:
                if self.revision == revision:
                    return answer
        # Models arrive faster than this is read: a copy, made in one step, does not change.
        return ask(Lookup.over(self.lookup.entries.copy()))

    def put(self, models: Iterable[type[Model]]) -> Before:
        """Enters the models, all at once; returns those that were not there, with what they replace.

        Raises `ModelDefinitionError`, and enters none, when one would share a collection by accident.
        """
        with self.lock:
            before: Before = {}
            for model in {one.__metadata__.key: one for one in models}.values():
                previous = self.lookup.current(model.__metadata__.key)
                if previous is not model:
                    before[model] = previous
            self._claim_collections(before)
            self._write([self._enter(model) for model in before], ())
            return before

    def drop(self, models: Iterable[type[Model]]) -> list[type[Model]]:
        """Takes the models out, all at once; returns those that were there."""
        with self.lock:
            present = [one for one in models if self.lookup.current(one.__metadata__.key) is one]
            self._write((), [self.lookup.entries[one.__metadata__.key] for one in present])
            return present

    def renew(self, models: Iterable[type[Model]]) -> list[tuple[type[Model], Metadata]]:
        """Takes over the metadata of the models that are here, all at once; returns these with the former ones."""
        with self.lock:
            present = [one for one in models if self.lookup.has(one)]
            former = [(one, self.lookup.metadata_of(one)) for one in present]
            self._write([self._enter(one) for one in present], (), keeps_places=True)
            return former

    def take_back(self, before: Before) -> None:
        """Undoes what `put` did, but for models that another thread has replaced or removed since."""
        with self.lock:
            present = {
                model: previous
                for model, previous in before.items()
                if self.lookup.current(model.__metadata__.key) is model
            }
            gone = [model for model, previous in present.items() if previous is None]
            self._write(
                [self._enter(model) for model in present.values() if model is not None],
                [self.lookup.entries[model.__metadata__.key] for model in gone],
            )

    def _find_model(self, name: type[Model] | str) -> type[Model]:
        return self._only(name) or self.read(lambda models: models.model(name))

    def _find_metadata(self, name: type[Model] | str) -> Metadata:
        return self.read(lambda models: models.metadata_of(name))

    def _only(self, name: object) -> type[Model] | None:
        """The model of this bare name, where no other has it; None also where that is not seen at a glance."""
        # The index may lead to more keys than there are, never to fewer. Copied in one step: others may register.
        keys = list(self._by_name.get(name, ())) if isinstance(name, str) else ()
        entry = self.lookup.entries.get(keys[0]) if len(keys) == 1 else None
        return None if entry is None else entry.model

    def _claim_collections(self, before: Before) -> None:
        claimed: Before = {}
        try:
            for model, previous in before.items():
                if self._keeps(model):
                    self.collections.claim(model.__metadata__)
                    claimed[model] = previous
        except BaseException:
            for model, previous in claimed.items():
                self.collections.discard(model.__metadata__)
                if previous is not None and self._keeps(previous):
                    self.collections.add(previous.__metadata__)
            raise

    def _keeps(self, model: type[Model]) -> bool:
        """Whether the model's documents are this registry's concern: at home here, and there to stay."""
        # A local class is garbage at some time or other, and until then would be in the way of the next.
        return self._is_home(model) and not is_local(model.__metadata__.key)

    def _enter(self, model: type[Model]) -> Entry:
        if not is_local(model.__metadata__.key):
            return Entry(model)
        home, key = weakref.ref(self), model.__metadata__.key

        def die(held: "weakref.ref[type[Model]]") -> None:
            table = home()
            if table is not None:
                table._note_death(key, held)

        return Entry(model, weakref.ref(model, die))

    def _write(
        self, entered: Sequence[Entry], dropped: Sequence[Entry], *, keeps_places: bool = False
    ) -> None:
        self._is_changing = True
        try:
            self._change(entered, dropped, keeps_places=keeps_places)
        finally:
            self._is_changing = False
        self._bury()

    def _change(
        self, entered: Sequence[Entry], dropped: Sequence[Entry], *, keeps_places: bool
    ) -> None:
        """Makes one change; before it and after it, the indexes lead to more keys than there are."""
        for entry in entered:
            self._index(entry)
        present = self.lookup.entries
        gone = [*dropped, *(present[entry.key] for entry in entered if entry.key in present)]
        for name in (name for entry in (*entered, *gone) for name in (entry.key, entry.model)):
            self.models.pop(name, None)
            self.metadata.pop(name, None)
        if len(entered) + len(gone) > 1:
            present = present.copy()
        for entry in () if keeps_places else gone:
            del present[entry.key]  # what takes its place comes last, as it was registered last
        for entry in entered:
            present[entry.key] = entry
        if present is not self.lookup.entries:
            self.lookup = Lookup(present, self._by_name, self._referring)
        for entry in entered:
            if entry.model is not None and entry.known is not None:
                self.models[entry.key] = self.models[entry.model] = entry.model
                self.metadata[entry.key] = self.metadata[entry.model] = entry.known
        self.revision += bool(entered or dropped)
        for entry in gone:
            self._forget(entry)

    def _index(self, entry: Entry) -> None:
        self._by_name.setdefault(bare_name(entry.key), {})[entry.key] = None
        for name in entry.targets:
            self._referring.setdefault(name, {})[entry.key] = None
        if entry.model is not None and self._keeps(entry.model):
            self.collections.add(entry.model.__metadata__)

    def _forget(self, entry: Entry) -> None:
        """Takes the entry out of the indexes, but for what the entry says that has its key now."""
        now = self.lookup.entries.get(entry.key)
        if now is None:
            self._by_name.get(bare_name(entry.key), {}).pop(entry.key, None)
        for name in entry.targets:
            if now is None or name not in now.targets:
                self._referring.get(name, {}).pop(entry.key, None)
        if entry.known is not None:
            self.collections.discard(entry.known)
            if now is not None and now.model is not None and self._keeps(now.model):
                self.collections.add(now.model.__metadata__)

    def _note_death(self, key: str, held: "weakref.ref[type[Model]]") -> None:
        """Called when a class is collected: in any thread and at any time, so also during a change."""
        entry = self.lookup.entries.get(key)
        if entry is None or entry.held is not held:
            return
        self._dead.append(entry)
        if self.lock.acquire(blocking=False):
            try:
                if not self._is_changing:
                    self._bury()
            finally:
                self.lock.release()

    def _bury(self) -> None:
        while self._dead:
            entry = self._dead.popleft()
            if self.lookup.entries.get(entry.key) is entry:
                del self.lookup.entries[entry.key]
                self.revision += 1
                self._forget(entry)
                self._collected(entry.key)
