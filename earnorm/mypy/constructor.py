"""The exact constructor of a model, made of the calls that declare its fields."""

from mypy.nodes import (
    ARG_NAMED,
    ARG_NAMED_OPT,
    Argument,
    AssignmentStmt,
    ClassDef,
    Expression,
    FuncDef,
    NameExpr,
    TypeInfo,
    Var,
)
from mypy.plugin import ClassDefContext, MethodSigContext
from mypy.plugins.common import add_method_to_class
from mypy.server.trigger import make_wildcard_trigger
from mypy.types import (
    CallableType,
    FunctionLike,
    Instance,
    NoneType,
    Type,
    TypeType,
    get_proper_type,
)

from earnorm.mypy.field_calls import UNKNOWN, Accepted, FieldReader
from earnorm.mypy.names import BASE_MODEL, PLUGIN_FIELDS, STRUCTURE, TYPED_MODEL

__all__ = ["add_constructor", "create_signature"]

Arguments = dict[str, Accepted]


def add_constructor(ctx: ClassDefContext) -> None:
    """Gives a model or an embedded model an `__init__` that takes its fields, and nothing else.

    A class that has one of its own, or inherits one, keeps it; so does a `TypedModel`.
    """
    info = ctx.cls.info
    is_readable = not (info.bad_mro or info.fallback_to_any or info.has_base(TYPED_MODEL))
    if info.fullname.startswith(_OURS) or not is_readable or _has_own_constructor(info):
        return
    arguments: Arguments = {}
    for base in reversed(info.mro[1:]):
        _inherit(arguments, base)
        ctx.api.add_plugin_dependency(make_wildcard_trigger(base.fullname))
    reader = FieldReader(ctx.api)
    _declare(arguments, info, _values(ctx.cls), reader)
    if info.has_base(BASE_MODEL):
        arguments.pop("id", None)
        arguments["id"] = reader.id_type(), True
    if "self" not in arguments:
        made = list(map(_argument, arguments, arguments.values()))
        add_method_to_class(ctx.api, ctx.cls, "__init__", made, NoneType())


def create_signature(ctx: MethodSigContext) -> FunctionLike:
    """The signature of a model's `create`: that of its constructor, where that is known."""
    info = _class_of(ctx.type)
    default = ctx.default_signature
    if info is None or not isinstance(default, CallableType) or not info.has_base(BASE_MODEL):
        return default
    owner = info.get_containing_type_info("create")
    init = _generated_init(info.get_containing_type_info("__init__"))
    if owner is None or owner.fullname != BASE_MODEL or init is None:
        return default
    return default.copy_modified(
        arg_types=init.arg_types[1:], arg_kinds=init.arg_kinds[1:], arg_names=init.arg_names[1:]
    )


def _has_own_constructor(info: TypeInfo) -> bool:
    for base in info.mro:
        if base.fullname == STRUCTURE:
            return False
        symbol = base.names.get("__init__")
        if symbol is not None and not symbol.plugin_generated:
            return True
    return False


def _inherit(arguments: Arguments, base: TypeInfo) -> None:
    """What a base adds to the arguments, and what it takes away by giving a name another meaning."""
    if base.fullname.startswith(_OURS):
        return
    init = _generated_init(base)
    known = _named_arguments(init) if init is not None else {}
    is_contributed = base.has_base(PLUGIN_FIELDS)
    for name in _public_names(base):
        arguments.pop(name, None)
        if name in known:
            arguments[name] = known[name]
        elif init is None and not is_contributed and _is_variable(base, name):
            # A class without a model's base may hold fields, and nobody has looked.
            arguments[name] = UNKNOWN


def _declare(
    arguments: Arguments, info: TypeInfo, values: dict[str, Expression], reader: FieldReader
) -> None:
    """What the class itself adds and takes away."""
    for name in _public_names(info):
        arguments.pop(name, None)
        if not _is_variable(info, name):
            continue
        if name not in values:
            # Assigned below an `if`, in a loop, or together with others.
            arguments[name] = UNKNOWN
        elif (found := reader.read(values[name])) is not None:
            arguments[name] = found


def _values(cls: ClassDef) -> dict[str, Expression]:
    """What the plain assignments of the class body assign, the last one for each name."""
    found = {}
    for statement in cls.defs.body:
        if isinstance(statement, AssignmentStmt) and len(statement.lvalues) == 1:
            target = statement.lvalues[0]
            if isinstance(target, NameExpr):
                found[target.name] = statement.rvalue
    return found


def _public_names(info: TypeInfo) -> list[str]:
    return [
        name
        for name, symbol in info.names.items()
        if not (name.startswith("_") or symbol.implicit or symbol.plugin_generated)
    ]


def _is_variable(info: TypeInfo, name: str) -> bool:
    node = info.names[name].node
    return isinstance(node, Var) and not node.is_classvar


def _generated_init(info: TypeInfo | None) -> CallableType | None:
    symbol = info.names.get("__init__") if info is not None else None
    if symbol is None or not symbol.plugin_generated or not isinstance(symbol.node, FuncDef):
        return None
    made = get_proper_type(symbol.node.type)
    return made if isinstance(made, CallableType) else None


def _named_arguments(init: CallableType) -> Arguments:
    parts = zip(init.arg_names[1:], init.arg_types[1:], init.arg_kinds[1:], strict=True)
    return {name: (kind, how == ARG_NAMED_OPT) for name, kind, how in parts if name is not None}


def _argument(name: str, argument: Accepted) -> Argument:
    accepted, is_optional = argument
    kind = ARG_NAMED_OPT if is_optional else ARG_NAMED
    return Argument(Var(name, accepted), accepted, None, kind)


def _class_of(called: Type) -> TypeInfo | None:
    """The class whose method is called, on the class itself or on a variable that holds it."""
    called = get_proper_type(called)
    if isinstance(called, CallableType) and called.is_type_obj():
        called = get_proper_type(called.ret_type)
    elif isinstance(called, TypeType):
        called = called.item
    return called.type if isinstance(called, Instance) else None


_OURS = ("earnorm.", "builtins.", "typing.", "typing_extensions.")
