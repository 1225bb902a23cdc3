"""The tree of errors: each names its culprit, carries it, and ends with the remedy."""

from earnorm.errors.base import (
    EarnORMError,
    EarnORMWarning,
)
from earnorm.errors.database import (
    AlreadyConnectedError,
    DocumentNotFoundError,
    DocumentTooLargeError,
    FilterError,
    IndexConflictError,
    InvalidDocumentError,
    NotConnectedError,
    NotFetchedError,
    StoreBusyError,
    StoreClosedError,
    StoreCorruptError,
    StoreURLError,
    StoreVersionError,
    UnsupportedError,
    UpdateError,
    WrongEventLoopError,
)
from earnorm.errors.definition import (
    FieldDefinitionError,
    ModelDefinitionError,
    ModelReplacedWarning,
)
from earnorm.errors.plugins import (
    HookBypassError,
    PluginCompatibilityError,
    PluginConflictError,
    PluginDefinitionError,
    PluginLoadError,
    PluginOrderError,
    PluginShadowedWarning,
    UnknownPluginError,
)
from earnorm.errors.registry import (
    AmbiguousModelError,
    DiscoveryError,
    UnknownModelError,
)
from earnorm.errors.suggestions import (
    near_names,
    suggestion,
)
from earnorm.errors.validation import (
    DocumentError,
    DuplicateKeyError,
    FieldFault,
    UnsetFieldError,
    ValidationError,
)

__all__ = [
    "AlreadyConnectedError",
    "AmbiguousModelError",
    "DiscoveryError",
    "DocumentError",
    "DocumentNotFoundError",
    "DocumentTooLargeError",
    "DuplicateKeyError",
    "EarnORMError",
    "EarnORMWarning",
    "FieldDefinitionError",
    "FieldFault",
    "FilterError",
    "HookBypassError",
    "IndexConflictError",
    "InvalidDocumentError",
    "ModelDefinitionError",
    "ModelReplacedWarning",
    "NotConnectedError",
    "NotFetchedError",
    "PluginCompatibilityError",
    "PluginConflictError",
    "PluginDefinitionError",
    "PluginLoadError",
    "PluginOrderError",
    "PluginShadowedWarning",
    "StoreBusyError",
    "StoreClosedError",
    "StoreCorruptError",
    "StoreURLError",
    "StoreVersionError",
    "UnknownModelError",
    "UnknownPluginError",
    "UnsetFieldError",
    "UnsupportedError",
    "UpdateError",
    "ValidationError",
    "WrongEventLoopError",
    "near_names",
    "suggestion",
]
