"""Everything that is known of a model, frozen when its class is defined."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from earnorm.fields import Field, UniqueValidator, is_secret_path
from earnorm.metadata.options import OptionSource
from earnorm.metadata.relationship import Relationship
from earnorm.plugins import PluginInfo
from earnorm.typing import Index, OperationOptions

__all__ = ["Metadata", "Validator"]

Validator = UniqueValidator | Callable[[Any], object]
"""What `Meta.validators` holds: a declaration, or a callable that refuses an instance with `ValueError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The complete description of one model; immutable, so it may be read from any thread.

    `key` is `module.qualname`. `fields` maps attribute names, `id` first, contributed ones last.
    `indexes` are under stored names. `methods` maps the methods under `validates` to the fields that each
    looks at. `plugins` are in the order in which they run; `implied_plugins` maps the names of those that
    the model does not name to the names of the plugins that require them; `registry_plugins` names those
    that its home registry gives to every model; `plugin_options` maps those that take options to these,
    defaults filled in. `relationships` are as the author wrote them; `registry.get_relationships` resolves
    them. `options` is what `Meta` said, after inheritance: a copy that cannot be changed, with tuples for
    lists. `sources` holds the same with the classes that said it; `registry.explain` tells it in words.

    `root` is the key of the concrete model in whose collection a child of it lives, None for a model that
    inherits no concrete one. `discriminator` is what its documents carry under `_type`, None for nothing.
    `store_options` say how a store runs the model's operations, where a query does not say otherwise.
    """

    key: str
    module: str
    name: str
    collection: str
    abstract: bool
    fields: Mapping[str, Field[Any]]
    indexes: tuple[Index, ...]
    validators: tuple[Validator, ...]
    methods: Mapping[str, tuple[str, ...]]
    plugins: tuple[PluginInfo, ...]
    relationships: tuple[Relationship, ...]
    options: Mapping[str, Any]
    sources: Mapping[str, tuple[OptionSource, ...]] = field(repr=False)
    root: str | None = None
    discriminator: str | None = None
    store_options: OperationOptions | None = None
    implied_plugins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plugin_options: Mapping[str, Any] = field(default_factory=dict)
    registry_plugins: tuple[str, ...] = ()

    def has_index_behind(self, validator: UniqueValidator) -> bool:
        """Whether a unique index over the validator's fields, or some of them, holds what it declares."""
        declared = {self.fields[name].stored_name for name in validator.fields}
        return any(
            index.unique and declared.issuperset(name for name, _ in index.fields)
            for index in self.indexes
        )

    def field_at(self, stored_path: str) -> str | None:
        """The name of the field with which a path in stored documents begins; None where no field is stored there."""
        head = stored_path.partition(".")[0]
        return next((name for name, one in self.fields.items() if one.stored_name == head), None)

    def is_secret(self, path: str) -> bool:
        """Whether a dotted path leads to a secret, into one, or to something that holds one."""
        return is_secret_path(self.fields, path)

    @property
    def holds_secrets(self) -> bool:
        """Whether any field is secret, or holds something that is."""
        return any(one.holds_secrets for one in self.fields.values())
