"""Classes as they are, or as they are to be once an extension is applied."""

from collections.abc import Mapping
from typing import Any

__all__ = ["Draft"]


class Draft:
    """What classes say, and what was built of them, with what is to be added to both.

    Whoever builds a class reads its bases through this, so that nothing has to change before all is found right.
    """

    __slots__ = ("_added", "_built")

    def __init__(self, added: Mapping[type, Mapping[str, Any]] | None = None) -> None:
        """`added` is what is to be written into the bodies of classes."""
        self._added = added or {}
        self._built: dict[type, Mapping[str, Any]] = {}

    def namespace(self, model: type) -> Mapping[str, Any]:
        """The body of a class."""
        added = self._added.get(model)
        return vars(model) if added is None else {**vars(model), **added}

    def part(self, model: type, name: str) -> Any:
        """What was built of a class under this name, such as `__metadata__`; None for nothing."""
        built = self._built.get(model)
        return getattr(model, name, None) if built is None else built[name]

    def own_part(self, model: type, name: str) -> Any:
        """The same, without what the class inherits."""
        built = self._built.get(model)
        return vars(model).get(name) if built is None else built[name]

    def note(self, model: type, built: Mapping[str, Any]) -> None:
        """Takes down what a class is to be."""
        self._built[model] = built
