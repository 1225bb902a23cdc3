"""Where documents are kept: what every store must do, and the way to one through its URL's scheme."""

from earnorm.stores.capabilities import Capability
from earnorm.stores.opening import open_store
from earnorm.stores.operations import (
    BulkOperation,
    BulkResult,
    Delete,
    Insert,
    Replace,
    Update,
    UpdateDocument,
    UpdateResult,
)
from earnorm.stores.protocol import (
    BuildingStore,
    ChangeStream,
    Documents,
    IndexBuild,
    MaintainedStore,
    Returned,
    Store,
    StoreDescription,
    Transaction,
)

__all__ = [
    "BuildingStore",
    "BulkOperation",
    "BulkResult",
    "Capability",
    "ChangeStream",
    "Delete",
    "Documents",
    "IndexBuild",
    "Insert",
    "MaintainedStore",
    "Replace",
    "Returned",
    "Store",
    "StoreDescription",
    "Transaction",
    "Update",
    "UpdateDocument",
    "UpdateResult",
    "open_store",
]
