"""The models that keep their documents in one collection, told apart by `_type`."""

import gc
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from earnorm.errors import FieldFault, ModelDefinitionError, suggestion
from earnorm.models.rules import DISCRIMINATOR

__all__ = ["Tree", "joined_tree"]


class Tree:
    """A root, which inherits no concrete model, and all concrete models below it, held weakly.

    Each member but the root has a discriminator, which its documents carry. Safe across threads: a
    member may be defined while queries run.
    """

    __slots__ = ("_members", "_root")

    def __init__(self, root: type[Any]) -> None:
        self._root = weakref.ref(root)
        self._members: dict[str, weakref.ref[type[Any]]] = {}  # discriminator -> member

    @property
    def root(self) -> type[Any]:
        """The model whose collection it is."""
        root = self._root()
        assert root is not None, "a member keeps its bases alive"
        return root

    def join(self, model: type[Any], discriminator: str) -> "weakref.ref[type[Any]] | None":
        """Adds a member; returns the one that had its key and its discriminator before.

        Raises `ModelDefinitionError` when another class has the discriminator.
        """
        with _LOCK:
            self._refuse_taken(model, discriminator)
            previous = self._members.get(discriminator)
            self._members[discriminator] = weakref.ref(model)
            return previous

    def leave(self, discriminator: str, previous: "weakref.ref[type[Any]] | None") -> None:
        """Undoes a `join`, for a class that could not be completed."""
        with _LOCK:
            if previous is not None:
                self._members[discriminator] = previous
            else:
                self._members.pop(discriminator, None)

    def members(self) -> Iterator[tuple[str, type[Any]]]:
        """Each discriminator with its class."""
        for discriminator, held in list(self._members.items()):
            if (member := held()) is not None:
                yield discriminator, member

    def all_members(self) -> Iterator[type[Any]]:
        """The root and all below it, each once."""
        yield self.root
        yield from (member for _, member in self.members() if member is not self.root)

    def discriminators(self, model: type[Any]) -> list[str]:
        """What the documents of a member, and of those below it, carry."""
        return [one for one, member in self.members() if issubclass(member, model)]

    def is_root(self, model: type[Any]) -> bool:
        """Whether documents without a discriminator are the model's."""
        return self._root() is model

    def choose(self, model: type[Any], document: Mapping[str, Any]) -> Any:
        """The class of a document that was found among those of `model`, or what is wrong with it."""
        kind = document.get(DISCRIMINATOR)
        if kind is None:
            if self.is_root(model):
                return model
            message = f"is missing, and a document without it belongs to {self.root.__qualname__}"
            return _fault(message, None)
        held = self._members.get(kind) if isinstance(kind, str) else None
        found = held() if held is not None else None
        if found is None and self.is_root(model) and kind == model.__name__:
            return model
        if found is None:
            return _fault(self._unknown(kind), kind)
        if not issubclass(found, model):
            message = (
                f"says {found.__qualname__}, which is no {model.__qualname__}; "
                f"{self.root.__qualname__} reads it as what it is"
            )
            return _fault(message, kind)
        return found

    def _unknown(self, kind: object) -> str:
        known = [discriminator for discriminator, _ in self.members()]
        hint = suggestion(kind, known) if isinstance(kind, str) else ""
        return (
            f"names no class that inherits {self.root.__qualname__}.{hint} Import the module that defines "
            f"it before you query. If it is a value of your own, declare a field with "
            f"alias={DISCRIMINATOR!r}"
        )

    def _refuse_taken(self, model: type[Any], discriminator: str) -> None:
        other = self._other(model, discriminator)
        if other is not None and "<locals>" in other.__qualname__:
            # What is left of a local class until it is collected must not decide whether this one is refused.
            other = None
            gc.collect()
            other = self._other(model, discriminator)
        if other is not None:
            fault = (
                f"has the discriminator {discriminator!r}, and so has {_key(other)}: their documents could not "
                "be told apart. Give one of them a value of its own: discriminator = '...' in its Meta."
            )
            raise ModelDefinitionError(fault, model=_key(model))

    def _other(self, model: type[Any], discriminator: str) -> type[Any] | None:
        """The class that has the discriminator, unless it is the model, or was under its key before."""
        held = self._members.get(discriminator)
        found = held() if held is not None else None
        is_other = found is not None and found is not model and _key(found) != _key(model)
        return found if is_other else None


@contextmanager
def joined_tree(model: Any) -> Iterator[None]:
    """Makes the model a member of its tree; an error within the block undoes that."""
    discriminator = model.__metadata__.discriminator
    if discriminator is None:
        yield
        return
    previous = model.__tree__.join(model, discriminator)
    try:
        yield
    except BaseException:
        model.__tree__.leave(discriminator, previous)
        raise


_LOCK = threading.Lock()


def _key(model: type[Any]) -> str:
    return f"{model.__module__}.{model.__qualname__}"


def _fault(message: str, kind: object) -> FieldFault:
    return FieldFault(path=DISCRIMINATOR, code="kind", message=message, input=kind)
