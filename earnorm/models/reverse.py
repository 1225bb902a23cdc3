"""Checks where a class declares the ways back from its documents."""

from typing import Any

from earnorm.errors import ModelDefinitionError
from earnorm.models.table import RESERVED
from earnorm.queries import ReverseReference

__all__ = ["check_reverse_references"]


def check_reverse_references(model: Any, *, key: str) -> None:
    """Raises `ModelDefinitionError` for a reverse reference that could never be read."""
    for name, value in vars(model).items():
        if isinstance(value, type) and issubclass(value, ReverseReference):
            fault = f"{name!r} is the class ReverseReference. Write {name} = ReverseReference('Order', 'user')."
            raise ModelDefinitionError(fault, model=key)
        if not isinstance(value, ReverseReference):
            continue
        if model.__embedded__:
            fault = (
                f"declares the reverse reference {name!r}, and is embedded: it has no id that other "
                "documents could refer to. Declare it on the model that holds it."
            )
            raise ModelDefinitionError(fault, model=key)
        if name in RESERVED:
            fault = f"the reverse reference {name!r} has a name that EarnORM reserves. Rename it."
            raise ModelDefinitionError(fault, model=key)
