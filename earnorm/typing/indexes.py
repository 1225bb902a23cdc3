"""What an index is, for metadata and stores alike."""

from dataclasses import dataclass

from earnorm.typing.aliases import Document, SortKey

__all__ = ["Index"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index over stored names.

    `partial` limits it to the documents that equal these values (a missing value equals None), as
    MongoDB's `partialFilterExpression` with equalities does. `name` defaults to MongoDB's own rule
    (`email_1_age_-1`).
    """

    fields: tuple[SortKey, ...]
    unique: bool = False
    partial: Document | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            name = "_".join(f"{field}_{direction}" for field, direction in self.fields)
            object.__setattr__(self, "name", name)
