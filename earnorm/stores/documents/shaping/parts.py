"""Takes documents apart along a tree: what it names, what it does not name, and what it computes."""

from collections.abc import Mapping
from typing import Any

from earnorm.stores.documents.computing import Variables
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.shaping.tree import Tree
from earnorm.typing import Document, MutableDocument

__all__ = ["added", "excluded", "included"]


def included(document: Document, tree: Tree) -> MutableDocument:
    """The parts of a document that the tree names and does not compute; through arrays, of each document in them."""
    fields = tree.fields
    found: MutableDocument = {}
    for name, value in document.items():
        if name not in fields:
            continue
        branch = fields[name]
        if branch is None:
            found[name] = value
        elif isinstance(branch, Tree) and (kept := _included_in(value, branch)) is not MISSING:
            found[name] = kept
    return found


def excluded(document: Document, tree: Tree) -> MutableDocument:
    """The document without the parts that the tree names."""
    fields = tree.fields
    found: MutableDocument = {}
    for name, value in document.items():
        if name not in fields:
            found[name] = value
        elif isinstance(branch := fields[name], Tree):
            found[name] = _excluded_in(value, branch)
    return found


def added(
    document: MutableDocument, tree: Tree, root: Document, variables: Variables
) -> MutableDocument:
    """The document, itself changed, with the fields that the tree computes from `root`.

    A field whose expression has no value is removed. What the document holds is copied before it changes.
    """
    for name, branch in tree.fields.items():
        if isinstance(branch, Tree):
            if branch.computes:
                document[name] = _added_in(document.get(name, MISSING), branch, root, variables)
        elif branch is not None:
            value = branch(root, variables)
            if value is MISSING:
                document.pop(name, None)
            else:
                document[name] = value
    return document


def _included_in(value: Any, tree: Tree) -> Any:
    if (document := as_document(value)) is not None:
        return included(document, tree)
    elements = as_array(value)
    if elements is None:
        return MISSING
    kept = [_included_in(element, tree) for element in elements]
    if tree.computes:
        return kept  # where there is nothing to include, there may be something to compute
    return [element for element in kept if element is not MISSING]


def _excluded_in(value: Any, tree: Tree) -> Any:
    if (document := as_document(value)) is not None:
        return excluded(document, tree)
    elements = as_array(value)
    return value if elements is None else [_excluded_in(element, tree) for element in elements]


def _added_in(value: Any, tree: Tree, root: Document, variables: Variables) -> Any:
    elements = as_array(value)
    if elements is not None:
        return [_added_in(element, tree, root, variables) for element in elements]
    # a plain value on the way gives place to a document, as a missing one does
    fields: Mapping[str, Any] = as_document(value) or {}
    return added(dict(fields), tree, root, variables)
