"""What is done with a store as a whole: it is examined, copied to another one, and its registry exported and restored."""

from earnorm.upkeep.copy_report import (
    CollectionCopy,
    CopyProgress,
    CopyReport,
    Difference,
)
from earnorm.upkeep.copying import copy_store
from earnorm.upkeep.examination import examine_indexes, examine_store, examine_versions
from earnorm.upkeep.exporting import ExportReport, export_registry
from earnorm.upkeep.importing import (
    CollectionPlan,
    ImportPlan,
    ModelPlan,
    import_registry,
    plan_import,
)
from earnorm.upkeep.readability import Readability, check_readable

__all__ = [
    "Readability",
    "check_readable",
    "CollectionPlan",
    "ExportReport",
    "ImportPlan",
    "ModelPlan",
    "export_registry",
    "import_registry",
    "plan_import",
    "CollectionCopy",
    "CopyProgress",
    "CopyReport",
    "Difference",
    "copy_store",
    "examine_indexes",
    "examine_store",
    "examine_versions",
]
