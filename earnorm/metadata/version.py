"""A version of a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from earnorm.errors import UnknownVersionError
from earnorm.metadata.changes import ModelChange, compare_documents
from earnorm.metadata.model_document import ModelDocument

__all__ = ["ModelVersion", "compare_versions"]


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


def compare_versions(
    key: str, versions: Sequence[ModelVersion], before: int, after: int, *, count: int
) -> tuple[ModelChange, ...]:
    """What changed between two versions, by number, of a model that had `count`; raises `UnknownVersionError`."""
    documents = {one.number: one.document for one in versions}
    for number in (before, after):
        if number not in documents:
            raise UnknownVersionError(key, number, known=list(documents), count=count)
    return compare_documents(documents[before], documents[after])
