"""References that do not exist, and documents that may not be deleted because of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from earnorm.errors.base import EarnORMError
from earnorm.errors.suggestions import suggestion

__all__ = ["DeleteRestrictedError", "Restriction", "UnknownReferenceError"]


class UnknownReferenceError(EarnORMError, LookupError):
    """A model has no reference of this name, nor a reverse one."""

    def __init__(self, name: str, *, model: str, known: Iterable[str], fault: str = "") -> None:
        names = list(known)
        has = f" It has: {', '.join(names)}." if names else "" if fault else " It has none."
        hint = suggestion(name, names) or has
        super().__init__(f"{model} {fault or f'has no reference {name!r}'}.{hint}")
        self.name = name
        self.model = model


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """Documents that forbid a delete: `count` documents of `model` refer to it by `field`.

    `document_ids` are the first few of them.
    """

    model: str
    field: str
    count: int
    document_ids: tuple[object, ...]

    def __str__(self) -> str:
        documents = "1 document" if self.count == 1 else f"{self.count} documents"
        first = ", ".join(map(str, self.document_ids))
        more = ", …" if self.count > len(self.document_ids) else ""
        return f"{self.field} of {documents} of {self.model} ({first}{more})"


class DeleteRestrictedError(EarnORMError, RuntimeError):
    """Other documents refer to what was to be deleted, by references with `on_delete="restrict"`.

    `model` is the key of what they refer to, `restrictions` says who they are. Nothing was deleted.
    """

    def __init__(self, model: str, restrictions: Sequence[Restriction]) -> None:
        who = "; ".join(map(str, restrictions))
        super().__init__(
            f"{model}: nothing was deleted, because it is still referred to by {who}. Delete those first, "
            "or let them refer to another document."
        )
        self.model = model
        self.restrictions = tuple(restrictions)
