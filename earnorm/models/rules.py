"""What a model says of its documents as wholes, beside its fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from earnorm.fields import DISCRIMINATOR

__all__ = ["DISCRIMINATOR", "EXTRA", "KEEP_EXTRAS", "REVISION", "DocumentRules", "Extra"]

Extra = Literal["keep", "ignore", "forbid"]
"""What becomes of a stored key that no field declares: kept as an extra, passed over, or refused."""

EXTRA: tuple[Extra, ...] = ("keep", "ignore", "forbid")

REVISION = "_revision"
"""The stored name of the number of writes, in the documents of a model with `Meta.revision`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRules:
    """`extra` is what becomes of unknown keys; `constants` are written into every document."""

    extra: Extra = "keep"
    has_revision: bool = False
    constants: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def reserved(self) -> frozenset[str]:
        """The stored names that are no field's, and no extras either."""
        return frozenset((*self.constants, *([REVISION] if self.has_revision else ())))


KEEP_EXTRAS = DocumentRules()
"""The rules of a model that says nothing of them."""
