"""What is named by the paths of a projection, as a tree: names, each with what is meant below it."""

from typing import Union

from earnorm.stores.documents.computing import Evaluate
from earnorm.stores.documents.refusals import bad_value

__all__ = ["Branch", "Tree"]

Branch = Union[Evaluate, "Tree", None]
"""What computes the value of a field, what is named inside of it, or None for one that is named only."""


class Tree:
    """The named fields of a document, in the order of their naming; `computes` if one of them is computed."""

    __slots__ = ("computes", "fields")

    def __init__(self) -> None:
        self.fields: dict[str, Branch] = {}
        self.computes = False

    def put(self, path: tuple[str, ...], leaf: Evaluate | None) -> None:
        """Names a path; raises PyMongo's `OperationFailure` for one that is named already, or lies in one."""
        *above, last = path
        level = self
        level.computes |= leaf is not None
        for name in above:
            inner = level.fields.setdefault(name, Tree())
            if not isinstance(inner, Tree):
                raise bad_value(
                    f"a projection names {'.'.join(path)!r} and what it lies in.", 31249
                )
            level = inner
            level.computes |= leaf is not None
        if last in level.fields:
            raise bad_value(
                f"a projection names {'.'.join(path)!r} twice, or what lies in it.", 31250
            )
        level.fields[last] = leaf
