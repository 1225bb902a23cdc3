"""What is known of a model: pure values."""

from earnorm.metadata.metadata import (
    Metadata,
    Validator,
)
from earnorm.metadata.relationship import (
    Relationship,
)

__all__ = [
    "Metadata",
    "Relationship",
    "Validator",
]
