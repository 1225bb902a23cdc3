"""Every operator that expressions have here."""

from collections.abc import Mapping

from earnorm.stores.documents.computing.array_operators import ARRAY_OPERATORS
from earnorm.stores.documents.computing.date_operators import DATE_OPERATORS
from earnorm.stores.documents.computing.date_steps import DATE_STEPS
from earnorm.stores.documents.computing.expression import Compiler
from earnorm.stores.documents.computing.folding_operators import FOLDING_OPERATORS
from earnorm.stores.documents.computing.logic_operators import LOGIC_OPERATORS
from earnorm.stores.documents.computing.mapping_operators import MAPPING_OPERATORS
from earnorm.stores.documents.computing.number_operators import NUMBER_OPERATORS
from earnorm.stores.documents.computing.object_operators import OBJECT_OPERATORS
from earnorm.stores.documents.computing.regex_operators import REGEX_OPERATORS
from earnorm.stores.documents.computing.set_operators import SET_OPERATORS
from earnorm.stores.documents.computing.text_operators import TEXT_OPERATORS
from earnorm.stores.documents.computing.type_operators import TYPE_OPERATORS

__all__ = ["EXPRESSIONS"]

EXPRESSIONS: Mapping[str, Compiler] = {
    **LOGIC_OPERATORS,
    **NUMBER_OPERATORS,
    **FOLDING_OPERATORS,
    **ARRAY_OPERATORS,
    **MAPPING_OPERATORS,
    **SET_OPERATORS,
    **OBJECT_OPERATORS,
    **TEXT_OPERATORS,
    **REGEX_OPERATORS,
    **TYPE_OPERATORS,
    **DATE_OPERATORS,
    **DATE_STEPS,
}
