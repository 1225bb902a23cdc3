"""What a constructor takes beyond what can be assigned to a field: a table by field class."""

from collections.abc import Callable
from dataclasses import dataclass

from mypy.nodes import EllipsisExpr, Expression
from mypy.plugin import SemanticAnalyzerPluginInterface
from mypy.types import (
    AnyType,
    Instance,
    NoneType,
    TupleType,
    Type,
    TypeOfAny,
    UnionType,
    flatten_nested_unions,
    get_proper_type,
)

from earnorm.mypy.names import LIST_LIKE
from earnorm.mypy.overloads import FieldCall

__all__ = ["UNTOLD", "Widening", "union"]

UNTOLD = AnyType(TypeOfAny.special_form)
"""The type of what cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """Makes types wider, as `earnorm.codegen.field_types` does for generated code.

    `inner` gives what a field that is an argument accepts.
    """

    api: SemanticAnalyzerPluginInterface
    inner: Callable[[Expression], Type]

    def widen(self, call: FieldCall, assigned: Type) -> Type:
        """The accepted type of a field to which `assigned` can be assigned."""
        for base in call.field.mro:
            rule = _RULES.get(base.fullname)
            if rule is not None:
                return rule(self, call, assigned)
        return assigned

    def named(self, name: str, *arguments: Type) -> Type:
        """The type of this name; untold where its module is not there."""
        return self.api.named_type_or_none(name, list(arguments)) or UNTOLD

    def with_names(self, assigned: Type, *names: str) -> Type:
        """The type, or one of these."""
        return union(assigned, *map(self.named, names))

    def embedded(self, call: FieldCall, assigned: Type) -> Type:
        """An instance, or a mapping of its values."""
        return union(assigned, self.named("typing.Mapping", self.named("builtins.str"), UNTOLD))

    def items(self, call: FieldCall, assigned: Type) -> Type:
        """A list or a tuple of what the items accept."""
        items = call.argument(0, "items")
        return self._listed(self.inner(items)) if items is not None else assigned

    def set_items(self, call: FieldCall, assigned: Type) -> Type:
        """A set, a list or a tuple of what the items accept."""
        items = call.argument(0, "items")
        if items is None:
            return assigned
        item = self.inner(items)
        return union(self.named("typing.AbstractSet", item), self._listed(item))

    def places(self, call: FieldCall, assigned: Type) -> Type:
        """A tuple, or a list of what any of its places accepts."""
        places = call.positional
        if places[1:] and isinstance(places[1], EllipsisExpr):
            return self._listed(self.inner(places[0]))
        known = get_proper_type(assigned)
        fallback = known.partial_fallback if isinstance(known, TupleType) else known
        if not places or not isinstance(fallback, Instance):
            return assigned
        accepted = list(map(self.inner, places))
        return union(TupleType(accepted, fallback), self.named(LIST_LIKE, union(*accepted)))

    def values(self, call: FieldCall, assigned: Type) -> Type:
        """A mapping to what the values accept; the type of its keys stays, as mappings have exactly one."""
        known = get_proper_type(assigned)
        keys = known.args[0] if isinstance(known, Instance) and known.args else UNTOLD
        values = call.argument(0, "values")
        accepted = self.inner(values) if values is not None else UNTOLD
        return self.named("typing.Mapping", keys, accepted)

    def _listed(self, item: Type) -> Type:
        return union(self.named(LIST_LIKE, item), self.named("builtins.tuple", item))


def union(*members: Type) -> Type:
    """The members, each once and None last; Any when one of them is Any."""
    flat = [get_proper_type(member) for member in flatten_nested_unions(members)]
    if any(isinstance(member, AnyType) for member in flat):
        return UNTOLD
    ordered = sorted(dict.fromkeys(flat), key=lambda member: isinstance(member, NoneType))
    return UnionType.make_union(ordered)


Rule = Callable[[Widening, FieldCall, Type], Type]


def _or(*names: str) -> Rule:
    return lambda widening, call, assigned: widening.with_names(assigned, *names)


_RULES: dict[str, Rule] = {
    "earnorm.fields.binary.BytesField": _or("builtins.bytearray", "builtins.memoryview"),
    "earnorm.fields.containers.DictField": Widening.values,
    "earnorm.fields.containers.ListField": Widening.items,
    "earnorm.fields.decimals.DecimalField": _or("builtins.int", "builtins.str"),
    "earnorm.fields.embedded.EmbeddedField": Widening.embedded,
    # The values of the members are not looked at.
    "earnorm.fields.enums.EnumField": _or("builtins.str", "builtins.int", "builtins.float"),
    "earnorm.fields.identity.ObjectIdField": _or("builtins.str"),
    "earnorm.fields.identity.UUIDField": _or("builtins.str"),
    "earnorm.fields.points.PointField": Widening.embedded,
    "earnorm.fields.sets.SetField": Widening.set_items,
    "earnorm.fields.tuples.TupleField": Widening.places,
    # Whatever holds numbers, the arrays of other libraries among them.
    "earnorm.fields.vectors.VectorField": lambda widening, call, assigned: UNTOLD,
}
