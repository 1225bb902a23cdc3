"""An audit log for EarnORM models: who changed what, when, with the values before and after."""

from earnorm_audit.actor import acting_as
from earnorm_audit.entry import AuditChange, AuditEntry
from earnorm_audit.history import (
    UnknownVersionError,
    history,
    purge_history,
    restore_version,
    version_of,
)
from earnorm_audit.options import AuditOptions
from earnorm_audit.plugin import AuditPlugin

__all__ = [
    "AuditChange",
    "AuditEntry",
    "AuditOptions",
    "AuditPlugin",
    "UnknownVersionError",
    "acting_as",
    "history",
    "purge_history",
    "restore_version",
    "version_of",
]
