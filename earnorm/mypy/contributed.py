"""The fields of the plugins that a model names: mypy finds the mixins that their distributions export."""

from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from mypy.nodes import (
    AssignmentStmt,
    ClassDef,
    Expression,
    Import,
    ImportAll,
    ImportFrom,
    ListExpr,
    MypyFile,
    NameExpr,
    StrExpr,
    TupleExpr,
    TypeInfo,
)
from mypy.plugin import ClassDefContext, SemanticAnalyzerPluginInterface

from earnorm.mypy.names import BASE_MODEL, PLUGIN_FIELDS
from earnorm.plugins import installed

__all__ = ["add_mixins", "imports_earnorm", "note_plugin_name", "plugin_modules"]

_METADATA = "earnorm"


@cache
def plugin_modules() -> dict[str, str]:
    """The module of each installed plugin, by the plugin's name; nothing is imported.

    Left out are names that several distributions advertise, and modules that mypy would complain of.
    """
    found = {}
    for name, candidates in installed.all().items():
        # An entry point that is spelt wrongly has no `module`.
        module = candidates[0].entry_point.value.partition(":")[0].strip()
        if len(candidates) == 1 and _is_typed(module):
            found[name] = module
    return found


def imports_earnorm(file: MypyFile) -> bool:
    """Whether the file could define models; the plugins' own modules and EarnORM's are none of those."""
    own = file.fullname.partition(".")[0]
    if own == "earnorm" or own in {
        module.partition(".")[0] for module in plugin_modules().values()
    }:
        return False
    return any(name.partition(".")[0] == "earnorm" for name in _imported(file))


def note_plugin_name(ctx: ClassDefContext) -> None:
    """Keeps what `class Mixin(PluginFields, plugin="name")` says, which no cache would know."""
    name = _string(ctx.cls.keywords.get("plugin"), ctx.api)
    ctx.cls.info.metadata[_METADATA] = {"plugin": name}


def add_mixins(ctx: ClassDefContext) -> None:
    """Puts the mixins of the named plugins among the ancestors of a model, as if it inherited them."""
    info = ctx.cls.info
    if info.bad_mro or not info.has_base(BASE_MODEL):
        return
    for name in _named_plugins(ctx.cls):
        mixin = _find_mixin(name, ctx.api)
        if mixin is None or mixin.bad_mro:
            continue
        missing = [base for base in mixin.mro[:-1] if base not in info.mro]
        # Behind the class itself, and so before BaseModel; `object` stays last.
        info.mro[1:1] = missing


def _is_typed(module: str) -> bool:
    """Whether the module is there, in a package that says that it has types (PEP 561)."""
    path: list[str] | None = None
    has_types = False
    parts = module.split(".")
    for depth in range(len(parts)):
        # Only along `sys.path`, where mypy looks too; nothing is imported.
        spec = PathFinder.find_spec(".".join(parts[: depth + 1]), path)
        if spec is None:
            return False
        path = list(spec.submodule_search_locations or ())
        has_types = has_types or any(Path(place, "py.typed").is_file() for place in path)
    return has_types


def _imported(file: MypyFile) -> Iterator[str]:
    for statement in file.imports:
        if isinstance(statement, Import):
            yield from (name for name, _ in statement.ids)
        elif isinstance(statement, (ImportAll, ImportFrom)):
            yield statement.id


def _named_plugins(cls: ClassDef) -> Iterator[str]:
    """The names in `Meta.plugins`, as far as they are written there as strings."""
    for meta in cls.defs.body:
        if isinstance(meta, ClassDef) and meta.name == "Meta":
            for statement in meta.defs.body:
                if isinstance(statement, AssignmentStmt) and _assigns(statement, "plugins"):
                    yield from _strings(statement.rvalue)


def _assigns(statement: AssignmentStmt, name: str) -> bool:
    return any(isinstance(to, NameExpr) and to.name == name for to in statement.lvalues)


def _strings(value: Expression) -> Iterator[str]:
    if isinstance(value, (ListExpr, TupleExpr)):
        yield from (item.value for item in value.items if isinstance(item, StrExpr))


def _find_mixin(name: str, api: SemanticAnalyzerPluginInterface) -> TypeInfo | None:
    """The mixin of this plugin in the module that its entry point names, or the only one there."""
    module = api.modules.get(plugin_modules().get(name, ""))
    if module is None:
        return None
    mixins = {node.fullname: node for node in _mixins_in(module)}
    named = [mixin for mixin in mixins.values() if _plugin_of(mixin) == name]
    unread = [mixin for mixin in mixins.values() if _plugin_of(mixin) is None]
    return next(iter(named or (unread if len(mixins) == 1 else ())), None)


def _mixins_in(module: MypyFile) -> Iterator[TypeInfo]:
    for symbol in module.names.values():
        node = symbol.node
        is_class = isinstance(node, TypeInfo) and node.fullname != PLUGIN_FIELDS
        if isinstance(node, TypeInfo) and is_class and node.has_base(PLUGIN_FIELDS):
            yield node


def _plugin_of(mixin: TypeInfo) -> str | None:
    """The plugin whose fields the mixin declares; None where its name is not written as a string."""
    for base in mixin.mro:
        if _METADATA in base.metadata:
            name: str | None = base.metadata[_METADATA].get("plugin")
            return name
    return None


def _string(value: Expression | None, api: SemanticAnalyzerPluginInterface) -> str | None:
    """The string, also where a name of the same module stands for it."""
    if isinstance(value, StrExpr):
        return value.value
    module = api.modules.get(api.cur_mod_id)
    if not isinstance(value, NameExpr) or module is None:
        return None
    for statement in module.defs:
        if isinstance(statement, AssignmentStmt) and _assigns(statement, value.name):
            return statement.rvalue.value if isinstance(statement.rvalue, StrExpr) else None
    return None
