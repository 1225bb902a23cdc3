"""Makes all models of a snapshot."""

from typing import Any

from earnorm.errors import FieldFault, ModelDocumentError
from earnorm.metadata import EXTENSION, ModelDocument, Snapshot
from earnorm.model_registry import ModelRegistry
from earnorm.models.rebuilding.building import build_from_document
from earnorm.models.rebuilding.embedded import KnownModels
from earnorm.typing import Imports

__all__ = ["build_snapshot"]


def build_snapshot(snapshot: Snapshot, registry: ModelRegistry, *, imports: Imports) -> None:
    """Makes and registers the models of a snapshot, parents first.

    Raises `ModelDocumentError` with the faults of all of them; those without a fault are registered then.
    """
    faults: list[FieldFault] = []
    known: KnownModels = {}
    for key, document in _ordered(snapshot):
        if key in registry and registry.get_document(key) == document:
            continue  # a plugin of another model brought it
        try:
            build_from_document(document, registry, imports=imports, known=known)
        except ModelDocumentError as error:
            told = error.faults or (FieldFault(path="", code="model", message=str(error)),)
            faults += [
                FieldFault(path=f"{key}: {one.path}", code=one.code, message=one.message)
                for one in told
            ]
    if faults:
        raise ModelDocumentError("is one of a snapshot that cannot be built:", faults=faults)


def _ordered(snapshot: Snapshot) -> list[tuple[str, ModelDocument]]:
    """The keys and documents, each after that of its parent; those with plugins first, which may bring models of their own."""
    parents = {key: _parent(document) for key, document in snapshot.documents.items()}
    ordered: dict[str, None] = {}
    for key in sorted(snapshot.documents, key=lambda key: not _has_plugins(snapshot[key])):
        chain: list[str] = []
        above: str | None = key
        while above in parents and above not in ordered and above not in chain:
            chain.append(above)
            above = parents[above]
        ordered.update(dict.fromkeys(reversed(chain)))
    return [(key, snapshot.documents[key]) for key in ordered]


def _parent(document: ModelDocument) -> str | None:
    inheritance = _facts(document).get("inheritance")
    parent = inheritance.get("parent") if isinstance(inheritance, dict) else None
    return parent if isinstance(parent, str) else None


def _has_plugins(document: ModelDocument) -> bool:
    return bool(_facts(document).get("plugins"))


def _facts(document: ModelDocument) -> dict[str, Any]:
    """What the document says of the model; nothing for one that says nothing, which is refused when it is built."""
    facts = document.content.get(EXTENSION)
    return facts if isinstance(facts, dict) else {}
