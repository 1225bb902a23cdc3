"""The hooks: one typed signature and one sentence each.

An implementation names the arguments that it wants, by these names. Signatures grow and never shrink.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from types import MappingProxyType
from typing import Any

import pluggy

from earnorm.typing import Document, MutableDocument, Write

__all__ = ["HOOKS", "PROJECT", "Hook", "HookSpecs"]

PROJECT = "earnorm"
"""The name under which pluggy keeps our marks on functions."""

hookspec = pluggy.HookspecMarker(PROJECT)


class HookSpecs:
    """Every hook that a plugin can implement."""

    @hookspec
    def contribute_fields(self, model: type) -> type | None:
        """Fires while `model` is built and returns the `PluginFields` mixin that holds the plugin's fields."""

    @hookspec
    def contribute_indexes(self, model: type) -> Sequence[Mapping[str, Any]] | None:
        """Fires while `model` is built and returns indexes for it, written as in `Meta.indexes`."""

    @hookspec
    def on_register(self, model: type, registry: Any) -> None:
        """Fires when `model` was added to `registry`; an error takes it out again."""

    @hookspec
    def on_unregister(self, model: type, registry: Any) -> None:
        """Fires before `model` is taken out of `registry`, or when another class has taken its key; an error keeps it."""

    @hookspec
    def check_model(self, model: type, registry: Any) -> Sequence[Any] | None:
        """Fires while `registry.check()` runs, for each model that enables the plugin, and returns findings."""

    @hookspec
    def on_connect(self, database: Any) -> None:
        """Fires when a database is ready for the models that enable the plugin; an error closes the connection."""

    @hookspec
    def on_disconnect(self, database: Any) -> None:
        """Fires before a database is closed, for every plugin whose `on_connect` has run."""

    @hookspec
    def before_save(self, instance: Any) -> None:
        """Fires before an instance is validated and written, one by one in bulk writes too; an error stops the write."""

    @hookspec
    def before_save_many(self, model: type, instances: Sequence[Any]) -> None:
        """Fires in the place of `before_save` in bulk writes, with all instances of one model; an error stops the write."""

    @hookspec
    def before_validate(self, instance: Any) -> None:
        """Fires after every `before_save`, before the values of an instance are checked; an error stops the write."""

    @hookspec
    def after_save_many(self, model: type, instances: Sequence[Any]) -> None:
        """Fires in the place of `after_save` in bulk writes, with all instances of one model."""

    @hookspec
    def after_save(self, instance: Any) -> None:
        """Fires after the store has acknowledged the instance; an error reaches the caller, the write stays."""

    @hookspec
    def after_load(self, instance: Any) -> None:
        """Fires when an instance was made of a stored document, or reloaded; an error reaches whoever reads."""

    @hookspec
    def before_find(self, model: type, filter: Document) -> None:
        """Fires before documents of `model` are read, found or counted; an error stops it."""

    @hookspec
    def before_update(self, model: type, filter: Document, update: MutableDocument) -> None:
        """Fires before a query update and may change `update` in place; an error stops the write."""

    @hookspec
    def after_update(self, model: type, filter: Document, update: Document, matched: int) -> None:
        """Fires after a query update has changed `matched` documents."""

    @hookspec
    def before_delete(self, model: type, filter: Document) -> None:
        """Fires before documents are deleted for good, by one instance or by a query; an error stops it."""

    @hookspec
    def after_delete(self, model: type, filter: Document, deleted: int) -> None:
        """Fires after `deleted` documents were deleted for good."""

    @hookspec
    def before_commit(self, writes: Sequence[Write]) -> None:
        """Fires before a transaction is committed, with what it wrote; an error undoes the transaction."""

    @hookspec
    def after_commit(self, writes: Sequence[Write]) -> None:
        """Fires when writes are certain: after their transaction, or after a write outside of one."""

    @hookspec
    def after_rollback(self, writes: Sequence[Write]) -> None:
        """Fires when a transaction came to nothing, with what it had written."""

    @hookspec
    def narrow_query(self, model: type) -> Document | None:
        """Fires for every read and query write, and returns a filter that must hold as well."""

    @hookspec(firstresult=True)
    def replace_delete(self, model: type) -> MutableDocument | None:
        """Fires before a delete, and returns the update to make instead; the first answer counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """The facts of a hook: the arguments it passes, in order; whether implementations must be `def`."""

    name: str
    arguments: tuple[str, ...]
    is_sync: bool
    is_first_result: bool


# These run while a class is defined, a query is built or a document is decoded, where nothing can be awaited.
_SYNC = frozenset(
    {
        "contribute_fields",
        "contribute_indexes",
        "on_register",
        "on_unregister",
        "check_model",
        "after_load",
        "narrow_query",
        "replace_delete",
    }
)


def _describe(name: str, function: Any) -> Hook:
    return Hook(
        name=name,
        arguments=tuple(signature(function).parameters)[1:],
        is_sync=name in _SYNC,
        is_first_result=bool(function.earnorm_spec["firstresult"]),
    )


HOOKS = MappingProxyType(
    {
        name: _describe(name, spec)
        for name, spec in vars(HookSpecs).items()
        if not name.startswith("_")
    }
)
"""Every hook by its name."""
