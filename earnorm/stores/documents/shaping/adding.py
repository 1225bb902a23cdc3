"""`$addFields` (also called `$set`), `$unset`, `$replaceRoot` and `$replaceWith`."""

from collections.abc import Collection, Mapping
from typing import Any

from earnorm.stores.documents.computing import (
    Variables,
    compile_normalized_expression,
    normalized_value,
)
from earnorm.stores.documents.computing.field_paths import check_field_name, field_path
from earnorm.stores.documents.computing.values import kind_of
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.shaping.parts import added, excluded
from earnorm.stores.documents.shaping.projecting import Shape
from earnorm.stores.documents.shaping.tree import Tree
from earnorm.typing import Document, MutableDocument

__all__ = ["compile_added_fields", "compile_replaced_root", "compile_replacement", "compile_unset"]


def compile_added_fields(specification: Any, variables: Collection[str] = ()) -> Shape:
    """A function that gives the document with computed fields; one without a value is removed."""
    fields = as_document(normalized_value(specification, "the new fields"))
    if fields is None:
        raise bad_value(f"$set takes a document of fields, not {specification!r}.", 40272)
    if not fields:
        raise bad_value("$set needs at least one field.", 40177)
    tree = Tree()
    for name, value in fields.items():
        _add(tree, field_path(name), value, variables)
    return lambda document, values: added(dict(document), tree, document, values)


def compile_unset(specification: Any, variables: Collection[str] = ()) -> Shape:
    """A function that gives the document without the fields that are named, one or several."""
    names = as_array(specification)
    if names is None:
        names = [specification]
    elif not names:
        raise bad_value("$unset needs at least one field.", 31119)
    tree = Tree()
    for name in names:
        if not isinstance(name, str):
            raise bad_value(f"$unset takes the name of a field or several, not {name!r}.", 31120)
        tree.put(field_path(name), None)
    return lambda document, values: excluded(document, tree)


def compile_replaced_root(specification: Any, variables: Collection[str] = ()) -> Shape:
    """A function that gives the document that `newRoot` computes."""
    arguments = as_document(specification)
    if arguments is None:
        raise bad_value(
            f"$replaceRoot takes a document with newRoot, not {specification!r}.", 40229
        )
    for name in arguments:
        if name != "newRoot":
            raise bad_value(f"$replaceRoot has no argument {name!r}. It takes newRoot.", 40415)
    if "newRoot" not in arguments:
        raise bad_value("$replaceRoot needs the argument newRoot.", 40231)
    return compile_replacement(arguments["newRoot"], variables)


def compile_replacement(expression: Any, variables: Collection[str] = ()) -> Shape:
    """A function that gives the document that the expression computes; raises where it computes none."""
    evaluate = compile_normalized_expression(
        normalized_value(expression, "the new document"), variables
    )

    def shape(document: Document, values: Variables) -> MutableDocument:
        value = evaluate(document, values)
        fields: Mapping[str, Any] | None = as_document(value)
        if fields is None:
            raise bad_value(
                f"the new document has to be a document, and is {kind_of(value)} for the one with "
                f"_id {document.get('_id')!r}. Merge it with one: {{'$mergeObjects': [{{}}, ...]}}.",
                40228,
            )
        return dict(fields)

    return shape


def _add(tree: Tree, path: tuple[str, ...], value: Any, variables: Collection[str]) -> None:
    fields = as_document(value)
    if fields is None or next(iter(fields), "").startswith("$"):
        tree.put(path, compile_normalized_expression(value, variables))
        return
    if not fields:
        raise bad_value(
            f"the value of {'.'.join(path)!r} is an empty document: write it as a $literal.", 40180
        )
    for name, inner in fields.items():
        check_field_name(name)
        _add(tree, (*path, name), inner, variables)
