"""All models of a registry at one moment, as a value."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from earnorm.errors import UnknownModelError
from earnorm.metadata.canonical import canonical_json
from earnorm.metadata.model_document import EXTENSION, ModelDocument

__all__ = ["Snapshot", "place_document"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The documents of the models of a registry by key, at `revision`; equal when the documents are."""

    revision: int
    documents: Mapping[str, ModelDocument]

    @classmethod
    def of(cls, revision: int, documents: Mapping[str, ModelDocument]) -> Self:
        """A snapshot that nobody can change."""
        return cls(revision, MappingProxyType(dict(sorted(documents.items()))))

    @property
    def fingerprint(self) -> str:
        """The SHA-256 over the keys and fingerprints of the documents, in hexadecimal digits."""
        prints = {key: document.fingerprint for key, document in self.documents.items()}
        return hashlib.sha256(canonical_json(prints)).hexdigest()

    @property
    def registry_plugins(self) -> tuple[str, ...]:
        """The plugins that the registry gave to every model, in their order."""
        names = (
            plugin["name"]
            for document in self.documents.values()
            for plugin in _plugins(document)
            if "of_registry" in plugin and isinstance(plugin.get("name"), str)
        )
        return tuple(dict.fromkeys(names))

    def __getitem__(self, key: str) -> ModelDocument:
        found = self.documents.get(key)
        if found is None:
            raise UnknownModelError(key, known=self.documents)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and dict(self.documents) == dict(other.documents)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return f"<Snapshot of revision {self.revision}: {len(self.documents)} models>"


def place_document(
    documents: dict[str, ModelDocument], key: str, document: ModelDocument | None
) -> None:
    """Puts the document under its key, or takes away what is there: None stands for a model that is gone."""
    if document is None:
        documents.pop(key, None)
    else:
        documents[key] = document


def _plugins(document: ModelDocument) -> list[dict[str, Any]]:
    """What a document, which may be anybody's, says of plugins."""
    facts = document.content.get(EXTENSION)
    plugins = facts.get("plugins") if isinstance(facts, dict) else None
    return [one for one in plugins if isinstance(one, dict)] if isinstance(plugins, list) else []
