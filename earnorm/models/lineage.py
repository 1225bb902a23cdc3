"""What a model inherits from concrete ones: at most one, and with it the collection."""

import gc
from collections.abc import Mapping, Sequence
from typing import Any

from earnorm.errors import ModelDefinitionError
from earnorm.fields import Field
from earnorm.metadata import Metadata
from earnorm.model_registry import ModelRegistry
from earnorm.models.draft import Draft
from earnorm.models.rules import DISCRIMINATOR
from earnorm.models.tree import Tree
from earnorm.plugins import Plans, ResolvedPlugin

__all__ = ["check_child", "check_plugins", "check_tree_fields", "concrete_base"]


def concrete_base(model: type[Any], *, key: str) -> Any:
    """The nearest concrete model that `model` inherits, or None.

    Raises `ModelDefinitionError` for two of them, unless one is a base of the other.
    """
    nearest: Any = None
    for base in model.__mro__[1:]:
        metadata = vars(base).get("__metadata__")
        if not isinstance(metadata, Metadata) or metadata.abstract:
            continue
        if nearest is None:
            nearest = base
        elif not issubclass(nearest, base):
            fault = (
                f"inherits from {nearest.__metadata__.key} and from {metadata.key}, which are both concrete, and "
                "a document belongs to one class. Inherit one of them, and move what the other shares to a base "
                "with abstract = True in its Meta."
            )
            raise ModelDefinitionError(fault, model=key)
    return nearest


def check_child(parent: Any, collection: object, home: ModelRegistry, *, key: str) -> None:
    """Raises when a child of `parent` would not live where its root does.

    `collection` is what the child itself names, None for nothing.
    """
    root = parent.__tree__.root
    own = root.__metadata__.collection
    if collection is not None and collection != own:
        fault = (
            f"names the collection {collection!r}, and inherits {root.__metadata__.key}, whose documents and "
            f"those of all its children lie in {own!r}. Leave the collection out, or inherit from an abstract base."
        )
        raise ModelDefinitionError(fault, model=key)
    if root.__registry__ is not home:
        fault = (
            f"belongs to {home.name}, and inherits {root.__metadata__.key}, which belongs to "
            f"{root.__registry__.name}: their documents would lie in different databases. Leave registry= out."
        )
        raise ModelDefinitionError(fault, model=key)


def check_plugins(
    parent: Any, plugins: Sequence[ResolvedPlugin], draft: Draft, *, key: str
) -> None:
    """Raises when a child of `parent`, None for no child, runs a plugin of it with other options."""
    plans: Plans | None = None if parent is None else draft.part(parent, "__plans__")
    of_parent = {} if plans is None else {one.name: one for one in plans.plugins}
    for plugin in plugins:
        other = of_parent.get(plugin.name, plugin)
        if other.options != plugin.options:
            fault = (
                f"gives other options to the plugin {plugin.name!r} ({plugin.source}) than {parent.__metadata__.key}, "
                "which it inherits and whose documents lie in the same collection. Give them there."
            )
            raise ModelDefinitionError(fault, model=key)


def check_tree_fields(
    tree: Tree, fields: Mapping[str, Field[Any]], draft: Draft, *, key: str
) -> None:
    """Raises when a field cannot be told from another one in the documents of the tree.

    One name has one stored name in the whole tree, so that a filter of the root means one thing.
    """
    for name, field in fields.items():
        if field.stored_name == DISCRIMINATOR:
            fault = (
                f"the field {name!r} is stored as {DISCRIMINATOR!r}, which tells the classes of one collection "
                "apart. Give it another alias."
            )
            raise ModelDefinitionError(fault, model=key)
    clash = _find_clash(tree, fields, draft, key)
    if clash is not None and "<locals>" in clash[1]:
        # What is left of a local class until it is collected must not decide whether this one is refused.
        gc.collect()
        clash = _find_clash(tree, fields, draft, key)
    if clash is not None:
        fault, other = clash
        raise ModelDefinitionError(
            f"{fault} in {other}, which has the same collection. Use the same alias.", model=key
        )


def _find_clash(
    tree: Tree, fields: Mapping[str, Field[Any]], draft: Draft, key: str
) -> tuple[str, str] | None:
    """A field that another member stores elsewhere, or another field in its place; and that member's key."""
    names = {field.stored_name: name for name, field in fields.items()}
    for member in tree.all_members():
        metadata = draft.part(member, "__metadata__")
        if metadata is None or metadata.key == key:
            continue  # the model itself, or the one that it replaces
        for name, other in metadata.fields.items():
            stored = other.stored_name
            if name in fields and fields[name].stored_name != stored:
                own = fields[name].stored_name
                return f"the field {name!r} is stored as {own!r}, and as {stored!r}", metadata.key
            if names.get(stored, name) != name:
                own = names[stored]
                return (
                    f"the field {own!r} is stored as {stored!r}, and so is {name!r}",
                    metadata.key,
                )
    return None
