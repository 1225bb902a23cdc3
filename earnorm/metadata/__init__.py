"""What is known of a model: pure values."""

from earnorm.metadata.canonical import canonical_json
from earnorm.metadata.chain import (
    BEGINNING,
    Checkpoint,
    HistoryEntry,
    State,
    digest_of,
    operation_between,
    rebuild,
    replay,
)
from earnorm.metadata.changes import (
    FactChanged,
    FieldAdded,
    FieldChanged,
    FieldRemoved,
    IndexAdded,
    IndexRemoved,
    ModelChange,
    PluginAdded,
    PluginChanged,
    PluginRemoved,
    ValidatorAdded,
    ValidatorRemoved,
    compare_documents,
)
from earnorm.metadata.describing import describe_model
from earnorm.metadata.explanation import (
    Explanation,
    OptionOrigin,
)
from earnorm.metadata.export_lines import EXPORT_FORMAT, ExportSums, history_lines
from earnorm.metadata.export_reading import DATA, ExportContent, read_export, read_lines
from earnorm.metadata.finding import Finding, FindingLevel
from earnorm.metadata.json_patch import apply_patch, make_patch, patch_in_place
from earnorm.metadata.judge import Level, Reason, Verdict, judge
from earnorm.metadata.metadata import (
    Metadata,
    Validator,
)
from earnorm.metadata.model_document import DIALECT, EXTENSION, FORMAT, ModelDocument
from earnorm.metadata.options import (
    OPTIONS,
    Merge,
    Option,
    OptionSource,
)
from earnorm.metadata.registry_history import RegistryHistory
from earnorm.metadata.relationship import (
    Relationship,
)
from earnorm.metadata.snapshot import Snapshot, place_document
from earnorm.metadata.version import ModelVersion, compare_versions

__all__ = [
    "DATA",
    "EXPORT_FORMAT",
    "ExportContent",
    "ExportSums",
    "history_lines",
    "read_export",
    "read_lines",
    "BEGINNING",
    "DIALECT",
    "EXTENSION",
    "FORMAT",
    "OPTIONS",
    "Checkpoint",
    "Explanation",
    "FactChanged",
    "FieldAdded",
    "FieldChanged",
    "FieldRemoved",
    "Finding",
    "FindingLevel",
    "HistoryEntry",
    "IndexAdded",
    "IndexRemoved",
    "Level",
    "Merge",
    "Metadata",
    "ModelChange",
    "ModelDocument",
    "ModelVersion",
    "Option",
    "OptionOrigin",
    "OptionSource",
    "PluginAdded",
    "PluginChanged",
    "PluginRemoved",
    "Reason",
    "RegistryHistory",
    "Relationship",
    "Snapshot",
    "State",
    "Validator",
    "ValidatorAdded",
    "ValidatorRemoved",
    "Verdict",
    "apply_patch",
    "canonical_json",
    "compare_documents",
    "compare_versions",
    "digest_of",
    "describe_model",
    "judge",
    "make_patch",
    "operation_between",
    "patch_in_place",
    "place_document",
    "rebuild",
    "replay",
]
