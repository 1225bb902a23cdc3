"""Reads the names that `prefetch` is given: which references they lead along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, runtime_checkable

from earnorm.errors import FilterError, UnknownReferenceError
from earnorm.expressions import Path
from earnorm.fields import Field, ReferenceField
from earnorm.typing import PrefetchPath

__all__ = ["PrefetchName", "Reverse", "follow"]


@runtime_checkable
class Reverse(Protocol):
    """A declared way back; `earnorm.queries.ReverseReference` is one."""

    name: str

    def find_source(self, model: Any) -> Any:
        """The model that refers to `model`."""
        ...


PrefetchName = str | Path[Any] | Reverse
"""`"user"`, `"user.company"`, `Order.user`, `User.orders`."""


def follow(model: Any, name: object) -> PrefetchPath:
    """The references that the dotted name leads along, starting at `model`.

    Raises `UnknownReferenceError` for a part that is no reference, `UnknownModelError` when the way leads
    through a model that is still pending.
    """
    hops: list[tuple[str, ...]] = []
    hop: tuple[str, ...] = ()
    level: _Level | None = _Level([model])
    references: list[Any] = []
    for part in _parts(name):
        if level is None:
            level = _Level([_target(model, one) for one in references])
        declared = level.find(part)
        if not declared:
            raise level.error(part)
        hop = (*hop, declared[0].name)
        references = list(_references(declared))
        if references:
            hops, hop, model, level = [*hops, hop], (), level.models[0], None
        else:
            level = level.below(part, declared)
    if level is not None:
        raise level.error("", f"holds references at {name!r}, and is none itself")
    return tuple(hops)


class _Level:
    """Where a name has led to: models, or what they embed."""

    def __init__(
        self, models: list[Any], path: str = "", fields: Iterable[Field[Any]] | None = None
    ) -> None:
        self.models = models
        self.path = path
        self.declared: list[Any] = (
            list(fields) if fields is not None else [d for m in models for d in _declarations(m)]
        )

    def find(self, name: str) -> list[Any]:
        """What is declared under this name, or stored under it."""
        named = [one for one in self.declared if one.name == name]
        return named or [
            one for one in self.declared if isinstance(one, Field) and one.stored_name == name
        ]

    def below(self, part: str, declared: list[Any]) -> _Level:
        """What these fields embed."""
        inside = [inner for field in declared for inner in _embedded(field)]
        level = _Level(self.models, f"{self.path}{part}.", inside)
        if not any(map(_leads_on, inside)):
            raise self.error(part, f"has no reference {self.path + part!r}, it is a plain field")
        return level

    def error(self, part: str, fault: str = "") -> UnknownReferenceError:
        """The error for a part that leads nowhere."""
        known = sorted({f"{self.path}{one.name}" for one in self.declared if _leads_on(one)})
        key = self.models[0].__metadata__.key
        return UnknownReferenceError(f"{self.path}{part}", model=key, known=known, fault=fault)


def _parts(name: object) -> list[str]:
    text = name.__written__ if isinstance(name, Path) else name
    text = text if isinstance(text, str) else getattr(text, "name", None)
    if not isinstance(text, str) or not isinstance(name, (str, Path, Reverse)):
        raise FilterError(
            f"prefetch takes names of references such as 'user' or 'user.company', not {name!r}"
        )
    return text.split(".")


def _declarations(model: Any) -> Iterator[Any]:
    """What the model declares, and what the models that inherit it add: its queries find those too."""
    members = model.__tree__.all_members()
    for one in dict.fromkeys((model, *(one for one in members if issubclass(one, model)))):
        yield from _own_declarations(one)


def _own_declarations(model: Any) -> Iterator[Any]:
    yield from model.__codec__.fields.values()
    seen: set[str] = set()
    for base in model.__mro__:
        for name, value in vars(base).items():
            if name not in seen and isinstance(value, Reverse) and not isinstance(value, type):
                yield value
            seen.add(name)


def _references(declared: Iterable[Any]) -> Iterator[Any]:
    """The references that these are, or that their lists and dictionaries hold."""
    for one in declared:
        if isinstance(one, ReferenceField) or not isinstance(one, Field):
            yield one
        else:
            yield from _references(inner for name, inner in one.inner_fields() if _is_item(name))


def _embedded(field: Field[Any]) -> Iterator[Field[Any]]:
    for name, inner in field.inner_fields():
        if not _is_item(name):
            yield inner
        else:
            yield from _embedded(inner)


def _is_item(name: str) -> bool:
    """Whether an inner field is that of all items, or of one place in a tuple: names pass both over."""
    return not name or name.isdigit()


def _leads_on(declared: Any) -> bool:
    """Whether it is a reference, or holds one at any depth."""
    if isinstance(declared, ReferenceField) or not isinstance(declared, Field):
        return True
    return any(_leads_on(inner) for _, inner in declared.inner_fields())


def _target(model: Any, reference: Any) -> Any:
    if isinstance(reference, Field):
        return reference.find_target()  # type: ignore[attr-defined] # only references come here
    return reference.find_source(model)
