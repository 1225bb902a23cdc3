"""Connecting, and the walk of a document between model, plugins and store."""

from earnorm.database.checking import (
    CheckProgress,
)
from earnorm.database.connect import (
    DATABASE_URL,
    DEFAULT_URL,
    Connection,
    connect,
)
from earnorm.database.dangling import (
    DanglingReference,
)
from earnorm.database.database import (
    Database,
)
from earnorm.database.folding import HistoryFold
from earnorm.database.index_building import (
    IndexProgress,
)
from earnorm.database.index_changes import (
    IndexChange,
    describe_index,
)
from earnorm.database.indexes import (
    Indexes,
    IndexMode,
    IndexWarning,
)
from earnorm.database.pruning import PruneCandidate
from earnorm.database.recording import (
    HistoryMode,
    HistoryWarning,
)
from earnorm.database.usage import ModelUsage
from earnorm.database.watching import (
    ChangeEvent,
)

__all__ = [
    "ModelUsage",
    "PruneCandidate",
    "ChangeEvent",
    "CheckProgress",
    "Connection",
    "DATABASE_URL",
    "DEFAULT_URL",
    "DanglingReference",
    "Database",
    "HistoryFold",
    "HistoryMode",
    "HistoryWarning",
    "IndexChange",
    "IndexMode",
    "IndexProgress",
    "IndexWarning",
    "Indexes",
    "connect",
    "describe_index",
]
