"""The model document: one version of one model, as a value that can be stored, hashed and compared."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from earnorm.errors import ModelDocumentError
from earnorm.metadata.canonical import canonical_json

__all__ = ["DIALECT", "EXTENSION", "FORMAT", "ModelDocument"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
"""The JSON Schema that model documents are."""

EXTENSION: Final = "x-earnorm"
"""The key under which a model document says what JSON Schema has no words for."""

FORMAT: Final = 1
"""The version of the form of model documents; it grows when what an older one says is said otherwise."""


@dataclass(frozen=True, slots=True)
class ModelDocument:
    """One version of one model: a JSON Schema (2020-12), and under `x-earnorm` everything else.

    Two documents are equal when their fingerprints are. Immutable: `content` gives a copy.
    """

    text: str
    """The canonical JSON text (RFC 8785)."""
    fingerprint: str = field(init=False)
    """The SHA-256 of the text, in hexadecimal digits."""

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        object.__setattr__(self, "fingerprint", digest)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """The document with this content; raises `ModelDocumentError` for what is none."""
        extension = content.get(EXTENSION) if isinstance(content, Mapping) else None
        if not isinstance(extension, Mapping) or not isinstance(extension.get("key"), str):
            raise ModelDocumentError(
                f"is no model document: it has no {EXTENSION!r} with the key of a model. Give what "
                "registry.get_document(model).content gives."
            )
        if extension.get("format") != FORMAT:
            raise ModelDocumentError(
                f"has the format {extension.get('format')!r}, and this EarnORM reads {FORMAT}. Read it with the "
                "version that wrote it.",
                model=extension["key"],
            )
        try:
            return cls(canonical_json(content).decode())
        except (ValueError, RecursionError) as error:
            raise _no_json(error, model=extension["key"]) from error

    @property
    def content(self) -> dict[str, Any]:
        """The document as JSON values, a fresh copy."""
        try:
            content = json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise _no_json(error) from error
        if not isinstance(content, dict):
            raise ModelDocumentError("is no model document: its text is no object of JSON.")
        return content

    @property
    def key(self) -> str:
        """The key of the model, `module.qualname`."""
        key: str = self.content[EXTENSION]["key"]
        return key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelDocument) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return f"<ModelDocument {self.key} {self.fingerprint[:12]}>"


def _no_json(error: Exception, model: str | None = None) -> ModelDocumentError:
    why = "it is nested too deep" if isinstance(error, RecursionError) else error
    return ModelDocumentError(f"is not JSON: {why}.", model=model)
