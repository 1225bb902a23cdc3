"""What is known of a model: pure values."""

from earnorm.metadata.explanation import (
    Explanation,
    OptionOrigin,
)
from earnorm.metadata.metadata import (
    Metadata,
    Validator,
)
from earnorm.metadata.options import (
    OPTIONS,
    Merge,
    Option,
    OptionSource,
)
from earnorm.metadata.relationship import (
    Relationship,
)

__all__ = [
    "OPTIONS",
    "Explanation",
    "Merge",
    "Metadata",
    "Option",
    "OptionOrigin",
    "OptionSource",
    "Relationship",
    "Validator",
]
