"""The mixin by which a plugin declares the fields that it brings."""

from typing import Any, ClassVar

from earnorm.errors import FieldDefinitionError

__all__ = ["PluginFields"]


class PluginFields:
    """The base of a mixin that declares a plugin's fields, for the plugin and for type checkers alike.

    `class Timestamped(PluginFields, plugin="timestamp")` holds the fields; the plugin returns the
    class from `contribute_fields`. A model may inherit it too, so that type checkers see the fields;
    the name in `Meta.plugins` stays what enables them, and without it the class line is an error.
    """

    __plugin__: ClassVar[str] = ""

    def __init_subclass__(cls, *, plugin: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if PluginFields not in cls.__bases__:
            return
        if not plugin:
            raise FieldDefinitionError(
                f"{cls.__qualname__} must say whose fields it holds: "
                f"class {cls.__name__}(PluginFields, plugin='name')"
            )
        cls.__plugin__ = plugin
