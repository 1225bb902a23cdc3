"""A version of a model."""

from dataclasses import dataclass
from datetime import datetime

from earnorm.metadata.model_document import ModelDocument

__all__ = ["ModelVersion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One of the distinct documents that a model had; the first one is number 1.

    `revision` and `time` (UTC) are those at which the registry had it first, `code_version` and `why` what was known
    then. A model that goes back to an earlier document has that version again.
    """

    key: str
    number: int
    document: ModelDocument
    revision: int
    time: datetime
    code_version: str | None = None
    why: str | None = None

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its document."""
        return self.document.fingerprint
