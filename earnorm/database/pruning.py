"""Finds the models that a stored history still has and the program has not, and takes them out of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from earnorm.clock import now
from earnorm.database.history_end import HistoryEnd, Origin
from earnorm.database.stored_history import StoredHistory
from earnorm.database.stored_parts import StoredParts
from earnorm.metadata import EXTENSION, HistoryEntry, RegistryHistory
from earnorm.model_registry import ModelRegistry
from earnorm.models import DISCRIMINATOR
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

    `documents` are those of it in its collection. `dependents` are the keys of the program's models that refer to
    it. `retired` is when it was marked, None where it is not.
    """

    key: str
    collection: str
    documents: int
    dependents: tuple[str, ...]
    retired: datetime | None
    decision: PruneDecision
    why: str


async def prune(
    store: Store, registry: ModelRegistry, *, apply: bool, grace: timedelta
) -> list[PruneCandidate]:
    """What is to become of each model that the registry lacks; with `apply`, it becomes that."""
    stored = StoredHistory(store)
    history = await stored.read()
    candidates = [one async for one in _candidates(store, history, registry, grace)]
    if apply and (entries := _entries(history, candidates)):
        await stored.append(entries)
    return candidates


async def _candidates(
    store: Store, history: RegistryHistory, registry: ModelRegistry, grace: timedelta
) -> Any:
    kept = {model.__metadata__.collection for model in registry.get_all_models()}
    for key, document in history.snapshot().documents.items():
        if key in registry:
            continue
        facts = document.content[EXTENSION]
        filter = _own_documents(facts, kept)
        documents = 0 if filter is None else await store.count(facts["collection"], filter)
        dependents = tuple(_dependents(key, registry))
        last = history.history(key)[-1]
        retired = last.time if last.operation == "retired" else None
        decision, why = _decide(documents, dependents, retired, grace)
        yield PruneCandidate(
            key=key,
            collection=facts["collection"],
            documents=documents,
            dependents=dependents,
            retired=retired,
            decision=decision,
            why=why,
        )


def _own_documents(facts: Mapping[str, Any], kept: Iterable[str]) -> MutableDocument | None:
    """The filter for the model's documents; None where its collection is that of another model now."""
    kind = facts["inheritance"].get("discriminator")
    if kind is not None:
        return {DISCRIMINATOR: kind}
    return None if facts["collection"] in kept else {}


def _dependents(key: str, registry: ModelRegistry) -> Iterator[str]:
    """The models that refer to what is not there under this name."""
    bare = key.rpartition(".")[2]
    for model in registry.get_all_models():
        pending = (one for one in registry.get_relationships(model) if one.pending)
        if any(one.target in (key, bare) for one in pending):
            yield model.__metadata__.key


def _decide(
    documents: int, dependents: tuple[str, ...], retired: datetime | None, grace: timedelta
) -> tuple[PruneDecision, str]:
    if dependents:
        return "keep", f"{', '.join(dependents)} refers to it"
    if documents:
        return "keep", f"{documents:,} of its documents are stored"
    if retired is None:
        return "retire", "nothing refers to it, and none of its documents is stored"
    end = retired + grace
    if now() < end:
        return "wait", f"it was retired, and may be taken back until {end:%Y-%m-%d %H:%M} UTC"
    return "remove", f"it was retired on {retired:%Y-%m-%d}, and nobody took it back"


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
