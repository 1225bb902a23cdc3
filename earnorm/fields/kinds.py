"""Which of several embedded models a stored or given mapping means."""

from collections.abc import Iterator, Mapping
from typing import Any

from earnorm.errors import FieldFault, suggestion

__all__ = ["DISCRIMINATOR", "Kinds"]

DISCRIMINATOR = "_type"
"""The key, stored and in mappings, under which the name of a class stands."""

_LONGEST_GUESSED = 100


class Kinds:
    """The models of a union, with all of their subclasses: those that are defined later count as well."""

    __slots__ = ("_roots",)

    def __init__(self, roots: tuple[type[Any], ...]) -> None:
        self._roots = roots

    def models(self) -> Iterator[Any]:
        """The models in their order, then the classes below them, each once; of one name, the newest."""
        yield from self._by_name().values()

    def name_of(self, instance: Any, path: str, faults: list[FieldFault]) -> str | None:
        """The name under which the instance would be stored; None, and a fault, if it is another class's."""
        model: Any = type(instance)
        name: str = model.__discriminator__
        if self._find(name) is model:
            return name
        message = (
            f"is of the class {model.__qualname__}, and another class is stored as {name!r}: give one of "
            "them a discriminator of its own"
        )
        faults.append(FieldFault(path=path, code="discriminator", message=message, input=instance))
        return None

    def model_of(
        self, mapping: Mapping[Any, Any], path: str, faults: list[FieldFault]
    ) -> Any | None:
        """The model whose name stands in the mapping; None, and a fault, when there is none."""
        name = mapping.get(DISCRIMINATOR)
        model = self._find(name) if isinstance(name, str) else None
        if model is None:
            below = f"{path}.{DISCRIMINATOR}" if path else DISCRIMINATOR
            message = self._lack(name) if DISCRIMINATOR in mapping else self._missing()
            faults.append(FieldFault(path=below, code="discriminator", message=message, input=name))
        return model

    def _find(self, name: str) -> Any | None:
        for model in self._roots:
            known: Any = model
            if known.__discriminator__ == name:
                return known
        return self._by_name().get(name)

    def _by_name(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for model in self._roots:
            found.setdefault(model.__discriminator__, model)
        roots = set(found.values())
        for root in self._roots:
            for model in _below(root):
                if found.get(model.__discriminator__) not in roots:
                    found[model.__discriminator__] = model
        return found

    def _missing(self) -> str:
        return f"is missing, which says what the value is: {self._shown()}"

    def _lack(self, name: object) -> str:
        if not isinstance(name, str):
            return f"must be {self._shown()}, not {type(name).__name__}"
        hint = suggestion(name, self._by_name()) if len(name) <= _LONGEST_GUESSED else ""
        return f"must be {self._shown()}.{hint}" if hint else f"must be {self._shown()}"

    def _shown(self) -> str:
        return " or ".join(map(repr, self._by_name()))


def _below(model: Any) -> Iterator[Any]:
    for child in model.__subclasses__():
        yield child
        yield from _below(child)
