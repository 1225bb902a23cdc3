"""Soft deletes for EarnORM models: a deleted document is marked, left out, and can be restored."""

from earnorm_softdelete.plugin import LIVING, SoftDeletable, SoftDeleteOptions, SoftDeletePlugin
from earnorm_softdelete.queries import only_deleted, purge, restore, with_deleted

__all__ = [
    "LIVING",
    "SoftDeletable",
    "SoftDeleteOptions",
    "SoftDeletePlugin",
    "only_deleted",
    "purge",
    "restore",
    "with_deleted",
]
