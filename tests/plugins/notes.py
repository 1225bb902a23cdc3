"""A model with one text, to try plugins on."""

from typing import Any

from earnorm import BaseModel, ModelRegistry, StringField

__all__ = ["define_note"]


def define_note(
    home: ModelRegistry,
    *plugins: str,
    options: Any = None,
    name: str = "Note",
    bases: tuple[type, ...] = (BaseModel,),
) -> Any:
    """Defines a model with these plugins, and with options for them where there are some."""
    given = {} if options is None else {"plugin_options": options}
    inner = type("Meta", (), {"plugins": plugins, **given})
    return type(name, bases, {"text": StringField(), "Meta": inner}, registry=home)
