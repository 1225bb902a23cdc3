"""What a call such as `IntegerField(required=False)` says of the type that the field accepts."""

from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    ARG_NAMED,
    ARG_POS,
    BytesExpr,
    CallExpr,
    ComplexExpr,
    DictExpr,
    Expression,
    FloatExpr,
    FuncDef,
    IntExpr,
    LambdaExpr,
    ListExpr,
    MypyFile,
    NameExpr,
    OverloadedFuncDef,
    RefExpr,
    SetExpr,
    StrExpr,
    TupleExpr,
    TypeAlias,
    TypeInfo,
)
from mypy.plugin import SemanticAnalyzerPluginInterface
from mypy.types import (
    CallableType,
    Instance,
    NoneType,
    Type,
    get_proper_type,
    has_type_vars,
)
from mypy.types_utils import remove_optional

from earnorm.mypy.names import FIELD, OBJECT_ID
from earnorm.mypy.overloads import FieldCall, declared_field
from earnorm.mypy.widening import UNTOLD, Widening, union

__all__ = ["UNKNOWN", "Accepted", "FieldReader"]

# The type of an argument, and whether it may be left out.
Accepted = tuple[Type, bool]

UNKNOWN: Accepted = UNTOLD, True
"""What may be a field, and cannot be read."""


class FieldReader:
    """Reads the calls that declare fields, by the overloads of the field types' constructors."""

    def __init__(self, api: SemanticAnalyzerPluginInterface) -> None:
        self._widening = Widening(api=api, inner=self._inner)

    def read(self, value: Expression) -> Accepted | None:
        """What the field takes; None for what is no field, `UNKNOWN` for what nobody can tell."""
        if isinstance(value, CallExpr):
            return self._read_call(value)
        if isinstance(value, RefExpr):
            is_builtin = value.fullname.startswith("builtins.")  # None, True, False
            return None if is_builtin or isinstance(value.node, _NO_VARIABLES) else UNKNOWN
        return None if isinstance(value, _NO_FIELDS) else UNKNOWN

    def id_type(self) -> Type:
        """What every model takes as its id."""
        named = self._widening.named
        return union(named(OBJECT_ID), named("builtins.str"), NoneType())

    def _read_call(self, value: CallExpr) -> Accepted | None:
        called = _called_class(value)
        if called is None:
            return UNKNOWN
        if not called.has_base(FIELD):
            return UNKNOWN if called.fallback_to_any else None
        call = _field_call(called, value)
        return UNKNOWN if call is None else (self._accepted(call), _is_optional(call))

    def _accepted(self, call: FieldCall) -> Type:
        required = _truth(call.named.get("required"), otherwise=True)
        made = declared_field(call, self._value_type) if required is not None else None
        if made is None:
            return UNTOLD
        is_strict = _truth(call.named.get("strict"), otherwise=False)
        accepted = _assigned_type(made)
        if not is_strict:
            accepted = self._widening.widen(call, remove_optional(accepted))
        return accepted if required else union(accepted, NoneType())

    def _inner(self, value: Expression) -> Type:
        """What a field inside another one takes."""
        return (self.read(value) or UNKNOWN)[0]

    def _value_type(self, value: Expression) -> Type:
        """What a field inside another one reads as."""
        field = _called_class(value) if isinstance(value, CallExpr) else None
        if not isinstance(value, CallExpr) or field is None or not field.has_base(FIELD):
            return UNTOLD
        call = _field_call(field, value)
        made = declared_field(call, self._value_type) if call is not None else None
        if made is None:
            return UNTOLD
        base = next(base for base in made.type.mro if base.fullname == FIELD)
        return map_instance_to_supertype(made, base).args[0]


def _called_class(value: CallExpr) -> TypeInfo | None:
    node = value.callee.node if isinstance(value.callee, RefExpr) else None
    return node if isinstance(node, TypeInfo) else None


def _field_call(field: TypeInfo, value: CallExpr) -> FieldCall | None:
    """The call with its arguments sorted; None when some are spread out with `*` or `**`."""
    positional = []
    named = {}
    for argument, kind, name in zip(value.args, value.arg_kinds, value.arg_names, strict=True):
        if kind == ARG_POS:
            positional.append(argument)
        elif kind == ARG_NAMED and name is not None:
            named[name] = argument
        else:
            return None
    return FieldCall(field=field, positional=tuple(positional), named=named)


def _is_optional(call: FieldCall) -> bool:
    """Whether an instance gets a value when none is given."""
    has_default = "default" in call.named or "default_factory" in call.named
    is_container = any(map(call.field.has_base, _EMPTY_BY_DEFAULT))
    return (
        has_default
        or is_container
        or _truth(call.named.get("required"), otherwise=True) is not True
    )


def _truth(value: Expression | None, *, otherwise: bool) -> bool | None:
    """What `True` or `False` says; None for any other expression."""
    if value is None:
        return otherwise
    known = {"builtins.True": True, "builtins.False": False}
    return known.get(value.fullname) if isinstance(value, NameExpr) else None


def _assigned_type(made: Instance) -> Type:
    """What the field's `__set__` takes, which is what type checkers let be assigned."""
    symbol = made.type.get("__set__")
    node = symbol.node if symbol is not None else None
    declared = get_proper_type(node.type) if isinstance(node, FuncDef) else None
    if not isinstance(node, FuncDef) or not isinstance(declared, CallableType):
        return UNTOLD
    if len(declared.arg_types) != _SETTER_ARGUMENTS:
        return UNTOLD
    seen = map_instance_to_supertype(made, node.info)
    accepted = expand_type_by_instance(declared.arg_types[-1], seen)
    return UNTOLD if has_type_vars(accepted) else accepted


_SETTER_ARGUMENTS = 3  # self, the instance, the value

_EMPTY_BY_DEFAULT = (
    "earnorm.fields.containers.DictField",
    "earnorm.fields.containers.ListField",
    "earnorm.fields.sets.SetField",
)

# Expressions that give no field.
_NO_FIELDS = (
    BytesExpr,
    ComplexExpr,
    DictExpr,
    FloatExpr,
    IntExpr,
    LambdaExpr,
    ListExpr,
    SetExpr,
    StrExpr,
    TupleExpr,
)
# What a name may stand for that is no variable, and so no field.
_NO_VARIABLES = (FuncDef, MypyFile, OverloadedFuncDef, TypeAlias, TypeInfo)
