"""Checks what a class says of its references, and of the ways back from its documents."""

from collections.abc import Mapping
from typing import Any

from earnorm.errors import ModelDefinitionError
from earnorm.fields import Field, ReferencePath, find_references
from earnorm.models.draft import Draft
from earnorm.models.table import RESERVED
from earnorm.queries import ReverseReference

__all__ = ["check_references"]


def check_references(
    model: Any, fields: Mapping[str, Field[Any]], draft: Draft, *, key: str
) -> None:
    """Raises `ModelDefinitionError` for a rule that cannot be kept, or a way back that cannot be read."""
    inherited = _inherited_rules(model, draft)
    for path in find_references(fields):
        rule = path.field.on_delete
        if inherited.get(path.path, rule) != rule:
            fault = (
                f"redeclares the reference {path.path!r} with on_delete={rule!r}, and the concrete model that "
                f"it inherits says {inherited[path.path]!r}: one collection has one rule. Say the same."
            )
            raise ModelDefinitionError(fault, model=key)
        if rule == "nullify":
            _check_nullify(path, key)
    _check_reverse_references(model, draft.namespace(model), key)


def _inherited_rules(model: Any, draft: Draft) -> dict[str, str]:
    """The `on_delete` of each reference of the concrete models that this one inherits, by path."""
    metadata = (draft.own_part(base, "__metadata__") for base in reversed(model.__mro__[1:]))
    return {
        relationship.field: relationship.on_delete
        for one in metadata
        if one is not None and not one.abstract
        for relationship in one.relationships
    }


def _check_nullify(path: ReferencePath, key: str) -> None:
    """Raises unless the reference can be taken away, whatever the document holds."""
    if path.container is None:
        if path.field.required:
            fault = (
                f"the reference {path.path!r} is required, so on_delete='nullify' has nothing to put in its "
                "place. Make it required=False, or choose 'cascade' or 'restrict'."
            )
            raise ModelDefinitionError(fault, model=key)
    elif getattr(path.container, "min_length", None):
        fault = (
            f"{path.path!r} has a min_length, which on_delete='nullify' would break by taking references "
            "out. Leave min_length out, or choose 'cascade' or 'restrict'."
        )
        raise ModelDefinitionError(fault, model=key)


def _check_reverse_references(model: Any, namespace: Mapping[str, Any], key: str) -> None:
    for name, value in namespace.items():
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
