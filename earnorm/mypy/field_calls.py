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
    AnyType,
    CallableType,
    Instance,
    NoneType,
    Type,
    TypeOfAny,
    UnionType,
    flatten_nested_unions,
    get_proper_type,
    has_type_vars,
)

from earnorm.mypy.names import (
    DICT_FIELD,
    EMBEDDED_FIELD,
    FIELD,
    LIST_FIELD,
    LIST_LIKE,
    OBJECT_ID,
    OBJECT_ID_FIELD,
)
from earnorm.mypy.overloads import FieldCall, declared_field

__all__ = ["UNKNOWN", "Accepted", "FieldReader"]

# The type of an argument, and whether it may be left out.
Accepted = tuple[Type, bool]

UNKNOWN: Accepted = AnyType(TypeOfAny.special_form), True
"""What may be a field, and cannot be read."""


class FieldReader:
    """Reads the calls that declare fields, by the overloads of the field types' constructors."""

    def __init__(self, api: SemanticAnalyzerPluginInterface) -> None:
        self._api = api

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
        return _union(self._named(OBJECT_ID), self._named("builtins.str"), NoneType())

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
            return AnyType(TypeOfAny.special_form)
        accepted = self._widened(call, made) or _assigned_type(made)
        return accepted if required else _union(accepted, NoneType())

    def _widened(self, call: FieldCall, made: Instance) -> Type | None:
        """What a constructor takes beyond what can be assigned; None where it is the same."""
        if call.field.has_base(LIST_FIELD) and (items := call.argument(0, "items")):
            item = self._inner(items)
            return _union(self._named(LIST_LIKE, item), self._named("builtins.tuple", item))
        if call.field.has_base(DICT_FIELD):
            return self._mapping(self._inner(call.argument(0, "values")))
        if call.field.has_base(EMBEDDED_FIELD):
            anything = self._mapping(AnyType(TypeOfAny.special_form))
            return _union(_assigned_type(made), anything)
        if call.field.has_base(OBJECT_ID_FIELD):
            return _union(_assigned_type(made), self._named("builtins.str"))
        return None

    def _inner(self, value: Expression | None) -> Type:
        """What a field inside another one takes."""
        return (self.read(value) or UNKNOWN)[0] if value is not None else UNKNOWN[0]

    def _value_type(self, value: Expression) -> Type:
        """What a field inside another one reads as."""
        field = _called_class(value) if isinstance(value, CallExpr) else None
        if not isinstance(value, CallExpr) or field is None or not field.has_base(FIELD):
            return UNKNOWN[0]
        call = _field_call(field, value)
        made = declared_field(call, self._value_type) if call is not None else None
        if made is None:
            return UNKNOWN[0]
        base = next(base for base in made.type.mro if base.fullname == FIELD)
        return map_instance_to_supertype(made, base).args[0]

    def _mapping(self, values: Type) -> Type:
        return self._named("typing.Mapping", self._named("builtins.str"), values)

    def _named(self, name: str, *arguments: Type) -> Type:
        return self._api.named_type_or_none(name, list(arguments)) or UNKNOWN[0]


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
    is_container = call.field.has_base(LIST_FIELD) or call.field.has_base(DICT_FIELD)
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
        return UNKNOWN[0]
    if len(declared.arg_types) != _SETTER_ARGUMENTS:
        return UNKNOWN[0]
    seen = map_instance_to_supertype(made, node.info)
    accepted = expand_type_by_instance(declared.arg_types[-1], seen)
    return UNKNOWN[0] if has_type_vars(accepted) else accepted


def _union(*members: Type) -> Type:
    """The members, each once and None last; Any when one of them is Any."""
    flat = [get_proper_type(member) for member in flatten_nested_unions(members)]
    if any(isinstance(member, AnyType) for member in flat):
        return UNKNOWN[0]
    ordered = sorted(dict.fromkeys(flat), key=lambda member: isinstance(member, NoneType))
    return UnionType.make_union(ordered)


_SETTER_ARGUMENTS = 3  # self, the instance, the value

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
