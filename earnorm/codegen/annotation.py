"""Types as source code, and the modules that they need."""

import builtins
import enum
import sys
import types
import typing
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

__all__ = ["Annotation", "Annotator", "written_name"]

# The arguments of the builtin generics, which do not say themselves how many they take.
_BARE: dict[Any, tuple[Any, ...]] = {
    dict: (Any, Any),
    frozenset: (Any,),
    list: (Any,),
    set: (Any,),
    tuple: (Any, ...),
    type: (Any,),
}
# The last is what a `type` statement makes, from Python 3.12 on.
_NAMED: Any = (type, NewType, getattr(typing, "TypeAliasType", NewType))


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A type as source, and the modules that have to be imported for it."""

    source: str
    modules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotator:
    """Writes types as annotations.

    `taken` are names that mean something else where the annotations will stand. What cannot be
    written, such as a class inside a function or a type variable, is written as `Any`.
    """

    taken: Collection[str] = ()

    def write(self, form: Any) -> Annotation:
        """The type as source."""
        if form is None or form is types.NoneType:
            return Annotation(source="None")
        if form is Ellipsis:
            return Annotation(source="...")
        origin, arguments = get_origin(form), get_args(form)
        if origin is Annotated:
            return self.write(arguments[0])
        if origin in (Union, types.UnionType):
            return self._union(map(self.write, arguments))
        if origin is Literal:
            return self._literal(arguments)
        return self._generic(form, ()) if origin is None else self._generic(origin, arguments)

    def write_self(self) -> Annotation:
        """`Self`, which is no type outside of a class."""
        return Annotation(source=f"{self._alias('typing')}.Self", modules=frozenset({"typing"}))

    def import_statement(self, module: str) -> str:
        """The line that makes the module known as the annotations call it."""
        alias = self._alias(module)
        return f"import {module}" if alias == module else f"import {module} as {alias}"

    def _any(self) -> Annotation:
        return Annotation(source=f"{self._alias('typing')}.Any", modules=frozenset({"typing"}))

    def _union(self, members: Iterable[Annotation]) -> Annotation:
        """The members in their order, each once, None last; Any when one of them is Any."""
        written = {member.source: member for member in members}
        if self._any().source in written:
            return self._any()
        sources = sorted(written, key=lambda source: source == "None")
        return _joined(" | ".join(sources), written.values())

    def _literal(self, values: Iterable[Any]) -> Annotation:
        written = [self._literal_value(value) for value in values]
        if None in written:
            return self._any()
        known = [value for value in written if value is not None]
        head = f"{self._alias('typing')}.Literal"
        joined = _joined(f"{head}[{', '.join(value.source for value in known)}]", known)
        return Annotation(source=joined.source, modules=joined.modules | {"typing"})

    def _literal_value(self, value: object) -> Annotation | None:
        if not isinstance(value, enum.Enum):
            return Annotation(source=repr(value))
        owner = self._name(type(value))
        return owner and Annotation(source=f"{owner.source}.{value.name}", modules=owner.modules)

    def _generic(self, origin: Any, arguments: tuple[Any, ...]) -> Annotation:
        """The class with its arguments; with Any for each of those that it lacks."""
        head = None if origin is Any else self._name(origin)
        if head is None:
            return self._any()
        if not arguments and isinstance(origin, type):
            arguments = _BARE.get(origin, (Any,) * len(getattr(origin, "__parameters__", ())))
        if not arguments:
            return head
        inside = [self._argument(argument) for argument in arguments]
        source = f"{head.source}[{', '.join(argument.source for argument in inside)}]"
        return _joined(source, [head, *inside])

    def _argument(self, argument: Any) -> Annotation:
        if not isinstance(argument, list):
            return self.write(argument)
        inside = [self.write(item) for item in argument]
        return _joined(f"[{', '.join(item.source for item in inside)}]", inside)

    def _name(self, thing: Any) -> Annotation | None:
        if (found := written_name(thing)) is None:
            return None
        module, name = found
        if module == "builtins" and name not in self.taken:
            return Annotation(source=name)
        return Annotation(source=f"{self._alias(module)}.{name}", modules=frozenset({module}))

    def _alias(self, module: str) -> str:
        """What the module is called: something else where its own name is taken."""
        head = module.partition(".")[0]
        is_taken = module == "builtins" or head in self.taken or hasattr(builtins, head)
        # No field and no class of a generated module starts with an underscore.
        return f"_{module.replace('.', '_')}" if is_taken else module


def written_name(thing: Any) -> tuple[str, str] | None:
    """The module and the name under which others can import it; None when there is no such place."""
    if not isinstance(thing, _NAMED):
        return None
    module: str = thing.__module__
    name: str = getattr(thing, "__qualname__", thing.__name__)
    if _lookup(module, name) is not thing:
        return None
    return _public_home(module, name, thing), name


def _joined(source: str, parts: Iterable[Annotation]) -> Annotation:
    return Annotation(source=source, modules=frozenset().union(*(part.modules for part in parts)))


def _lookup(module: str, qualname: str) -> Any:
    """What stands under this name in the module; None when nothing does."""
    found: Any = sys.modules.get(module)
    for name in qualname.split("."):
        found = getattr(found, "__dict__", {}).get(name)
    return found


def _public_home(module: str, name: str, thing: Any) -> str:
    """The outermost package that lists the thing in its `__all__`, else the module that defines it."""
    parts = module.split(".")
    for length in range(1, len(parts)):
        package = sys.modules.get(".".join(parts[:length]))
        if name in getattr(package, "__all__", ()) and getattr(package, name, None) is thing:
            return ".".join(parts[:length])
    return module
