"""Models: the base classes, and how a class is built."""

from earnorm.models.base import BaseModel
from earnorm.models.changes import Change, PreparedWrite, adopt, memory_of
from earnorm.models.dynamic import DynamicModels
from earnorm.models.embedded import EmbeddedModel
from earnorm.models.inference import FieldEvidence, ModelProposal, ModelSketch
from earnorm.models.inspection import Inspection, inspect
from earnorm.models.json_form import from_json, json_schema, to_json
from earnorm.models.rules import DISCRIMINATOR, REVISION
from earnorm.models.state import Recorded
from earnorm.models.table import RESERVED
from earnorm.models.typed import TypedModel
from earnorm.models.validates import harmless_message, validates

__all__ = [
    "DISCRIMINATOR",
    "RESERVED",
    "REVISION",
    "BaseModel",
    "Change",
    "DynamicModels",
    "EmbeddedModel",
    "FieldEvidence",
    "Inspection",
    "ModelProposal",
    "ModelSketch",
    "PreparedWrite",
    "Recorded",
    "TypedModel",
    "adopt",
    "from_json",
    "inspect",
    "json_schema",
    "memory_of",
    "to_json",
    "harmless_message",
    "validates",
]
