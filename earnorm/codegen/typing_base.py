"""What the typing base of one model consists of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from earnorm.codegen.annotation import written_name
from earnorm.codegen.field_types import accepted_type, value_type
from earnorm.fields import Field
from earnorm.models import BaseModel, EmbeddedModel

__all__ = ["Argument", "TypingBase", "describe_typing_base"]

# As a value: no type checker is to follow what it is filled with.
_Field: Any = Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """An argument of the constructor; `type` is what the field accepts."""

    name: str
    type: Any
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingBase:
    """The class that stands for a model's own base where type checkers look.

    `bases` are that base, and the mixins of the plugins that the model does not inherit itself.
    `attributes` maps the contributed fields that no importable mixin declares to their types.
    `arguments` is None for a model that has a constructor of its own; `has_create` says whether there is
    a `create` that takes the same arguments.
    """

    bases: tuple[type[Any], ...]
    attributes: dict[str, Any]
    arguments: tuple[Argument, ...] | None
    has_create: bool


def describe_typing_base(model: type[Any]) -> TypingBase:
    """What type checkers cannot see of a model or an embedded model by themselves."""
    root = EmbeddedModel if model.__embedded__ else BaseModel
    mixins = _missing_mixins(model)
    has_own_constructor = _has_own_constructor(model, root)
    return TypingBase(
        bases=(_written_base(model, root), *mixins),
        attributes=dict(_loose_attributes(model, mixins)),
        arguments=None if has_own_constructor else tuple(_arguments(model)),
        has_create=not (model.__embedded__ or has_own_constructor or _overrides_create(model)),
    )


def _has_own_constructor(model: type[Any], root: type[Any]) -> bool:
    own = (vars(base).get("__init__") for base in model.__mro__ if base not in root.__mro__)
    # A generated one is as good as none, and so is that of every model.
    inherited = (None, root.__init__)
    return any(init not in inherited and not hasattr(init, "__earnorm__") for init in own)


def _written_base(model: type[Any], root: type[Any]) -> type[Any]:
    """The base that the typing base takes the place of: the last one that is a model."""
    base = [base for base in model.__bases__ if issubclass(base, root)][-1]
    return base if written_name(base) is not None else root


def _missing_mixins(model: type[Any]) -> tuple[type[Any], ...]:
    if model.__embedded__:
        return ()
    contributed = (mixin for _, mixin in model.__plans__.contribute_fields.run_sync(model))
    missing = (mixin for mixin in contributed if mixin not in model.__mro__)
    return tuple(mixin for mixin in missing if written_name(mixin) is not None)


def _loose_attributes(model: type[Any], mixins: tuple[type[Any], ...]) -> Iterator[tuple[str, Any]]:
    for name, field in _fields(model):
        is_seen = any(name in vars(base) for base in (*mixins, *model.__mro__[1:]))
        if field.contributed_by is not None and not is_seen:
            yield name, _Field[value_type(field)]


def _arguments(model: type[Any]) -> Iterator[Argument]:
    """Every field that the constructor takes: as declared, `id` last."""
    fields = [(name, field) for name, field in _fields(model) if field.contributed_by is None]
    for name, field in sorted(fields, key=lambda item: item[1].stored_name == "_id"):
        yield Argument(name=name, type=accepted_type(field), required=not field.has_default)


def _fields(model: type[Any]) -> list[tuple[str, Field[Any]]]:
    return list(model.__codec__.fields.items())


def _overrides_create(model: type[Any]) -> bool:
    return bool(model.create.__func__ is not BaseModel.create.__func__)  # type: ignore[attr-defined]
