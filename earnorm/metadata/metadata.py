"""Everything that is known of a model, frozen when its class is defined."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from earnorm.fields import Field, UniqueValidator
from earnorm.metadata.relationship import Relationship
from earnorm.plugins import PluginInfo
from earnorm.typing import Index

__all__ = ["Metadata", "Validator"]

Validator = UniqueValidator | Callable[[Any], object]
"""What `Meta.validators` holds: a declaration, or a callable that refuses an instance with `ValueError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The complete description of one model; immutable, so it may be read from any thread.

    `key` is `module.qualname`. `fields` maps attribute names, `id` first, contributed ones last.
    `indexes` are under stored names. `plugins` are in the order in which they run. `relationships` are
    as the author wrote them; `registry.get_relationships` resolves them. `options` is what `Meta` said,
    after inheritance.
    """

    key: str
    module: str
    name: str
    collection: str
    abstract: bool
    fields: Mapping[str, Field[Any]]
    indexes: tuple[Index, ...]
    validators: tuple[Validator, ...]
    plugins: tuple[PluginInfo, ...]
    relationships: tuple[Relationship, ...]
    options: Mapping[str, Any]

    def stored_path(self, path: str) -> str:
        """The dotted path under stored names; its first part may be a field's name or a stored name.

        A name that is neither is an extra, and stays.
        """
        head, dot, rest = path.partition(".")
        field = self.fields.get(head)
        return f"{field.stored_name}{dot}{rest}" if field is not None else path

    def field_at(self, path: str) -> Field[Any] | None:
        """The field that a field name or a stored name means; None for extras and for paths below a field."""
        found = self.fields.get(path)
        if found is None:
            found = next(
                (field for field in self.fields.values() if field.stored_name == path), None
            )
        return found
