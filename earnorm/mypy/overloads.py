"""Which overload of a field type's constructor a call means, and what it makes of the type variables."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat

from mypy.expandtype import expand_type
from mypy.nodes import (
    ARG_NAMED,
    ARG_OPT,
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    EllipsisExpr,
    Expression,
    NameExpr,
    RefExpr,
    TypeInfo,
)
from mypy.types import (
    CallableType,
    FunctionLike,
    Instance,
    LiteralType,
    Type,
    TypedDictType,
    TypeType,
    TypeVarId,
    TypeVarType,
    get_proper_type,
)
from mypy.typevars import fill_typevars_with_any

from earnorm.mypy.names import FIELD

__all__ = ["FieldCall", "declared_field"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCall:
    """The call of a field type, with its arguments as they are written."""

    field: TypeInfo
    positional: tuple[Expression, ...]
    named: dict[str, Expression]

    def argument(self, position: int, name: str) -> Expression | None:
        """What is given at this position or under this name."""
        if position < len(self.positional):
            return self.positional[position]
        return self.named.get(name)


def declared_field(call: FieldCall, read_inner: Callable[[Expression], Type]) -> Instance | None:
    """The field that the call makes, such as `StringField[str]`; None where no overload tells.

    `read_inner` gives the type of the values of a field that is an argument.
    """
    if not call.field.type_vars:
        return Instance(call.field, [])
    for overload in _overloads(call.field):
        match = _Match(overload=overload, read_inner=read_inner)
        if match.fits(call):
            made = get_proper_type(expand_type(overload.arg_types[0], match.bindings))
            return made if isinstance(made, Instance) and made.type is call.field else None
    return None


def _overloads(field_type: TypeInfo) -> Iterator[CallableType]:
    symbol = field_type.get("__init__")
    declared = get_proper_type(getattr(symbol.node, "type", None)) if symbol is not None else None
    if isinstance(declared, FunctionLike):
        yield from (item for item in declared.items if item.arg_types)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """One overload held against a call; `bindings` fills while it is."""

    overload: CallableType
    read_inner: Callable[[Expression], Type]
    bindings: dict[TypeVarId, Type] = field(default_factory=dict)

    def fits(self, call: FieldCall) -> bool:
        """Whether the overload takes the arguments of the call."""
        kinds, argument_names = self.overload.arg_kinds, self.overload.arg_names
        places = [n for n, kind in enumerate(kinds) if n and kind in (ARG_POS, ARG_OPT)]
        rest = [n for n, kind in enumerate(kinds) if kind == ARG_STAR]
        spread = chain(places, repeat(rest[0]) if rest else ())
        given = list(zip(spread, call.positional, strict=False))
        for name, value in call.named.items():
            if name in argument_names:
                given.append((argument_names.index(name), value))
            elif name not in self._options():
                return False
        needed = {n for n, kind in enumerate(kinds) if n and kind in (ARG_POS, ARG_NAMED)}
        is_complete = needed <= {n for n, _ in given} and (
            rest or len(call.positional) <= len(places)
        )
        return bool(is_complete) and all(self._takes(n, value) for n, value in given)

    def _options(self) -> Collection[str]:
        """The names that `**options: Unpack[...]` takes."""
        for kind, declared in zip(self.overload.arg_kinds, self.overload.arg_types, strict=True):
            options = get_proper_type(declared)
            if kind == ARG_STAR2 and isinstance(options, TypedDictType):
                return options.items.keys()
        return ()

    def _takes(self, position: int, value: Expression) -> bool:
        declared = get_proper_type(self.overload.arg_types[position])
        if isinstance(declared, LiteralType):
            return isinstance(value, NameExpr) and value.name == str(declared.value)
        if isinstance(declared, TypeType):
            return self._takes_class(declared, value)
        if isinstance(value, EllipsisExpr) != _is_ellipsis(declared):
            return False
        if isinstance(declared, Instance) and declared.type.has_base(FIELD):
            (inner,) = declared.args or (None,)
            if isinstance(inner, TypeVarType):
                self.bindings[inner.id] = self.read_inner(value)
            return True
        is_class = isinstance(value, RefExpr) and isinstance(value.node, TypeInfo)
        return not (is_class and isinstance(declared, Instance))

    def _takes_class(self, declared: TypeType, value: Expression) -> bool:
        if not (isinstance(value, RefExpr) and isinstance(value.node, TypeInfo)):
            return False
        if isinstance(declared.item, TypeVarType):
            self.bindings[declared.item.id] = fill_typevars_with_any(value.node)
        return True


def _is_ellipsis(declared: Type) -> bool:
    return isinstance(declared, Instance) and declared.type.name in ("EllipsisType", "ellipsis")
