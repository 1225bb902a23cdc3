"""Locks the front door: a name that comes or goes is a decision, not an accident."""

import ast
import inspect
from pathlib import Path

import earnorm

PUBLIC = [
    "HistoryEntry",
    "HistoryError",
    "ModelChange",
    "ModelDocument",
    "ModelDocumentError",
    "ModelVersion",
    "Snapshot",
    "UnknownRevisionError",
    "UnknownVersionError",
    "Verdict",
    "because",
    "judge",
    "JsonValue",
    "ListenerFailed",
    "ListenerLoopError",
    "AsyncSubscription",
    "ModelChanged",
    "ModelRegistered",
    "ModelShape",
    "ModelUnregistered",
    "RegistryEvent",
    "Subscription",
    "EventRevisionError",
    "VectorField",
    "UUIDField",
    "URLField",
    "EmbeddedUnionField",
    "TupleField",
    "PointField",
    "Point",
    "LiteralField",
    "JsonField",
    "AnyField",
    "TimeDeltaField",
    "DateField",
    "BytesField",
    "to_json",
    "json_schema",
    "from_json",
    "SetField",
    "EnumField",
    "DecimalField",
    "CORE_API",
    "SECRET",
    "Aggregation",
    "AlreadyConnectedError",
    "AmbiguousModelError",
    "BaseModel",
    "BooleanField",
    "Change",
    "ChangeEvent",
    "ConflictError",
    "CopyError",
    "DanglingReference",
    "CursorError",
    "Database",
    "DateTimeField",
    "DeleteRestrictedError",
    "Dependents",
    "DictField",
    "DiscoveryError",
    "Document",
    "DocumentError",
    "DocumentNotFoundError",
    "DocumentTooLargeError",
    "DuplicateKeyError",
    "EarnORMError",
    "EarnORMWarning",
    "EmailField",
    "EmbeddedField",
    "EmbeddedModel",
    "Expression",
    "Field",
    "FieldDefinitionError",
    "FieldFault",
    "FilterError",
    "FloatField",
    "GraphCycle",
    "GraphEdge",
    "GraphNode",
    "HookBypassError",
    "HookRecursionError",
    "HookCall",
    "HookObserver",
    "HookStats",
    "HookTotals",
    "Index",
    "IndexChange",
    "IndexConflictError",
    "IndexModeError",
    "IndexProgress",
    "IndexWarning",
    "IntegerField",
    "InvalidDocumentError",
    "ListField",
    "ListLike",
    "Metadata",
    "Model",
    "ModelDefinitionError",
    "ModelInUseError",
    "ModelRegistry",
    "ModelReplacedWarning",
    "NotAuthorizedError",
    "MutableDocument",
    "NotConnectedError",
    "NotFetchedError",
    "OperationFailedError",
    "OperationOptions",
    "OperationTimeoutError",
    "PartialWriteError",
    "ObjectIdField",
    "SortOrder",
    "Page",
    "Path",
    "PluginCompatibilityError",
    "PluginConflictError",
    "PluginDefinitionError",
    "PluginDisabledError",
    "PluginFaultsError",
    "PluginIgnoredWarning",
    "PluginFields",
    "PluginInfo",
    "PluginLoadError",
    "PluginNotEnabledError",
    "PluginOptionsError",
    "PluginOrderError",
    "PluginReplacedWarning",
    "PluginShadowedWarning",
    "Query",
    "Reference",
    "ReferenceField",
    "Relationship",
    "RelationshipGraph",
    "StoreBusyError",
    "StoreClosedError",
    "StoreConnectionError",
    "StoreCorruptError",
    "Restriction",
    "ReverseReference",
    "StoreAccessError",
    "StoreURLError",
    "StoreVersionError",
    "TransactionConflictError",
    "TransactionError",
    "StringField",
    "TypedModel",
    "UniqueValidator",
    "UnbackedUniqueWarning",
    "UnknownModelError",
    "UnknownOptionError",
    "UnknownPackageError",
    "Explanation",
    "OptionOrigin",
    "UnknownPluginError",
    "UnknownReferenceError",
    "UnsetFieldError",
    "UnsupportedError",
    "Update",
    "UpdateError",
    "ValidationError",
    "Write",
    "WrongEventLoopError",
    "connect",
    "hookimpl",
    "inspect",
    "now",
    "registry",
    "validates",
]


def test_the_front_door_exports_exactly_these_names() -> None:
    assert sorted(earnorm.__all__) == sorted(PUBLIC)


def test_the_front_door_re_exports_and_nothing_else() -> None:
    tree = ast.parse(Path(inspect.getfile(earnorm)).read_text("utf-8"))
    kinds = {type(node) for node in tree.body[1:]}
    assert kinds == {ast.ImportFrom, ast.Assign}


def test_every_error_of_the_tree_leaves_by_the_front_door() -> None:
    errors = {
        name
        for name in earnorm.errors.__all__
        if inspect.isclass(getattr(earnorm.errors, name)) and name != "EarnORMWarning"
    }
    assert errors <= set(earnorm.__all__)


def test_every_error_is_also_the_builtin_that_a_caller_expects() -> None:
    for name in earnorm.errors.__all__:
        error = getattr(earnorm.errors, name)
        if (
            inspect.isclass(error)
            and issubclass(error, earnorm.EarnORMError)
            and error is not earnorm.EarnORMError
        ):
            builtin = [base for base in error.__mro__ if base.__module__ == "builtins"]
            assert any(base not in (Exception, BaseException, object) for base in builtin), name
