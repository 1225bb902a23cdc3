"""How one model points at another."""

from dataclasses import dataclass

__all__ = ["Relationship"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """A reference from `source` to `target`, both keys of models.

    `field` is the path of the reference (`user`, `items`, `address.country`), `many` says that a list
    or dictionary holds it. While `pending`, no registered model has the name, and `target` is the name
    as the author wrote it.
    """

    source: str
    field: str
    target: str
    many: bool
    required: bool
    pending: bool = False
