"""How one model points at another."""

from dataclasses import dataclass

from earnorm.fields import OnDelete

__all__ = ["Relationship"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """A reference from `source` to `target`, both keys of models.

    `field` is the path of the reference (`user`, `items`, `address.country`), `many` says that a list
    or dictionary holds it. `module` and `qualname` are those of the class that the field belongs to, the
    model or an embedded one: the name of the target is looked up from there. `on_delete` is what becomes of
    the reference when its target is deleted. While `pending`, no
    registered model has that name; several have it when there are `candidates`, their keys. In both
    cases `target` is the name as the author wrote it.
    """

    source: str
    field: str
    target: str
    many: bool
    required: bool
    module: str
    qualname: str
    on_delete: OnDelete = "none"
    pending: bool = False
    candidates: tuple[str, ...] = ()
