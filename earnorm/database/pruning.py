"""Finds the models that a stored history still has and the program has not, and takes them out of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from earnorm.clock import now
from earnorm.database.history_end import HistoryEnd, Origin
from earnorm.database.kinds import with_kinds
from earnorm.database.store_errors import translate_store_errors
from earnorm.database.stored_history import StoredHistory
from earnorm.database.stored_parts import StoredParts
from earnorm.metadata import EXTENSION, HistoryEntry, RegistryHistory
from earnorm.model_registry import ModelRegistry
from earnorm.stores import Store
from earnorm.typing import MutableDocument

__all__ = ["GRACE", "PruneCandidate", "PruneDecision", "prune"]

GRACE: Final = timedelta(days=30)
"""How long a retired model may be taken back, unless somebody says otherwise."""

PruneDecision = Literal["keep", "retire", "wait", "remove"]
"""What is to become of a model: nothing, as it is needed; first the mark, then the time of grace, then the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneCandidate:
    """A model that the history has and the program has not; `why` says what the decision rests on.

    `documents` are those of it in its collection. `dependents` are the keys of the models that refer to it or inherit
    it: those of the program, and those that stay in the history. `retired` is when it was marked, None where it is not.
    """

    key: str
    collection: str
    documents: int
    dependents: tuple[str, ...]
    retired: datetime | None
    decision: PruneDecision
    why: str


async def prune(
    stored: StoredHistory, registry: ModelRegistry, *, apply: bool, grace: timedelta
) -> list[PruneCandidate]:
    """What is to become of each model that the registry lacks; with `apply`, it becomes that."""
    while True:
        history = await stored.read()
        left = await _left(stored.store, history, registry)
        candidates = _decided(left, grace)
        entries = _entries(history, candidates) if apply else ()
        if not entries or await stored.append(entries):
            return candidates


@dataclass(slots=True, kw_only=True)
class _Left:
    """A model that the program lacks, with what its last document says; `needs` are names of models."""

    key: str
    collection: str
    needs: frozenset[str]
    retired: datetime | None
    documents: int = 0
    heir: str | None = None
    dependents: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, str]:
        return self.key, self.key.rpartition(".")[2]


async def _left(store: Store, history: RegistryHistory, registry: ModelRegistry) -> list[_Left]:
    known = (model.__metadata__ for model in registry.get_all_models())
    heirs = {metadata.collection: metadata.key for metadata in known}
    newest = {entry.key: entry for entry in history.entries}
    found = []
    for key, document in history.snapshot().documents.items():
        if key in registry:
            continue
        facts, last = document.content[EXTENSION], newest[key]
        one = _Left(
            key=key,
            collection=facts["collection"],
            needs=frozenset(_needs(facts)),
            retired=last.time if last.operation == "retired" else None,
            heir=heirs.get(facts["collection"]),
        )
        filter = _own_documents(facts, one.heir)
        if filter is not None:
            with translate_store_errors(store.name):
                one.documents = await store.count(one.collection, filter)
        found.append(one)
    pending = _pending(registry)
    for one in found:
        one.dependents = tuple(
            key for key, names in pending.items() if not names.isdisjoint(one.names)
        )
    return found


def _needs(facts: Mapping[str, Any]) -> Iterator[str]:
    """The names of the models without which this one cannot be built again as it was."""
    yield from (one["target"] for one in facts["relationships"])
    if (parent := facts["inheritance"].get("parent")) is not None:
        yield parent


def _own_documents(facts: Mapping[str, Any], heir: str | None) -> MutableDocument | None:
    """The filter for the model's documents; None where nothing tells them from those of another model."""
    kind = facts["inheritance"].get("discriminator")
    if kind is not None:
        return with_kinds([kind])
    return None if heir is not None else {}


def _pending(registry: ModelRegistry) -> dict[str, set[str]]:
    """The names to which models of the program refer and find nothing, by the keys of these models."""
    return {
        model.__metadata__.key: {
            one.target for one in registry.get_relationships(model) if one.pending
        }
        for model in registry.get_all_models()
    }


def _decided(left: Sequence[_Left], grace: timedelta) -> list[PruneCandidate]:
    """The decisions, made again as long as one that stays needs another that would not."""
    needing: dict[str, list[str]] = {}
    for one in left:
        for name in one.needs:
            needing.setdefault(name, []).append(one.key)
    while True:
        decided = {one.key: _candidate(one, grace) for one in left}
        is_settled = True
        for one in left:
            others = (key for name in one.names for key in needing.get(name, ()) if key != one.key)
            may_go = _GOING.get(decided[one.key].decision, _ANYTHING)
            staying = [key for key in others if decided[key].decision not in may_go]
            if staying:
                one.dependents = tuple(dict.fromkeys((*one.dependents, *staying)))
                is_settled = False
        if is_settled:
            return list(decided.values())


_ANYTHING: Final = get_args(PruneDecision)

_GOING: Final[Mapping[str, Collection[str]]] = {
    "retire": ("retire", "wait", "remove"),
    "remove": ("remove",),
}
"""What may become of those that need a model, of which that is to become: a mark may follow marks."""


def _candidate(left: _Left, grace: timedelta) -> PruneCandidate:
    decision, why = _decide(left, grace)
    return PruneCandidate(
        key=left.key,
        collection=left.collection,
        documents=left.documents,
        dependents=left.dependents,
        retired=left.retired,
        decision=decision,
        why=why,
    )


def _decide(left: _Left, grace: timedelta) -> tuple[PruneDecision, str]:
    if left.dependents:
        return "keep", f"{', '.join(left.dependents)} needs it"
    if left.documents:
        return "keep", f"{left.documents:,} of its documents are stored"
    if left.retired is None:
        if left.heir is not None:
            return "retire", f"nothing refers to it, and its collection is that of {left.heir}"
        return "retire", "nothing refers to it, and none of its documents is stored"
    end = left.retired + grace
    if now() < end:
        return "wait", f"it was retired, and may be taken back until {end:%Y-%m-%d %H:%M} UTC"
    return "remove", f"it was retired on {left.retired:%Y-%m-%d}, and nobody took it back"


def _entries(
    history: RegistryHistory, candidates: Iterable[PruneCandidate]
) -> Sequence[HistoryEntry]:
    snapshot = history.snapshot()
    chosen = {one.key: one for one in candidates if one.decision in ("retire", "remove")}
    changes = [
        (key, snapshot[key] if one.decision == "retire" else None) for key, one in chosen.items()
    ]
    contents = {key: snapshot[key].content for key in chosen}
    end = HistoryEnd.of(StoredParts.of_history(history))
    return end.entries(changes, contents, lambda key, _: Origin(why=chosen[key].why))
