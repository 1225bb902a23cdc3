"""The hooks that mypy calls."""

from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from mypy.nodes import MypyFile, TypeInfo
from mypy.plugin import ClassDefContext, MethodSigContext, Plugin, ReportConfigContext
from mypy.types import FunctionLike

from earnorm.mypy.constructor import add_constructor, create_signature
from earnorm.mypy.contributed import (
    add_mixins,
    imports_earnorm,
    note_plugin_name,
    plugin_modules,
)
from earnorm.mypy.names import PLUGIN_FIELDS, STRUCTURE

__all__ = ["ModelPlugin", "plugin"]


class ModelPlugin(Plugin):
    """Gives models their exact constructors, and the fields of the plugins that `Meta.plugins` names.

    What it cannot read it leaves as it is; it reports nothing itself.
    """

    def report_config_data(self, ctx: ReportConfigContext) -> object:
        """EarnORM's version and the installed plugins: when one changes, what mypy has cached is void."""
        return [_version(), *(list(item) for item in sorted(plugin_modules().items()))]

    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """The modules of the installed plugins, for a file that may define models."""
        # Its classes are not parsed yet, so it may name any of them.
        if not imports_earnorm(file):
            return []
        modules = {module for module in plugin_modules().values() if module != file.fullname}
        return [(_PRIORITY, module, -1) for module in sorted(modules)]

    def get_customize_class_mro_hook(
        self, fullname: str
    ) -> Callable[[ClassDefContext], None] | None:
        """Adds the mixins of the plugins that the class names."""
        return None if fullname.startswith("earnorm.") else add_mixins

    def get_base_class_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """Adds the constructor to models and embedded models; remembers whose fields a mixin declares."""
        if fullname == PLUGIN_FIELDS:
            return note_plugin_name
        symbol = self.lookup_fully_qualified(fullname)
        if symbol is None or not isinstance(symbol.node, TypeInfo):
            return None
        return add_constructor if symbol.node.has_base(STRUCTURE) else None

    def get_method_signature_hook(
        self, fullname: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        """Gives `create` the arguments of the constructor."""
        return create_signature if fullname.endswith(".create") else None


def plugin(mypy_version: str) -> type[Plugin]:
    """The plugin, for any version of mypy; mypy looks this function up."""
    return ModelPlugin


@cache
def _version() -> str:
    try:
        return version("earnorm")
    except PackageNotFoundError:
        return "a checkout"


# That of an import inside a function, which mypy's documentation of plugins proposes.
_PRIORITY = 10
