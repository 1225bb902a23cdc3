"""attrs with validators, and cattrs to read and write documents."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

from datetime import datetime

import attrs
import cattrs
from attrs.validators import deep_iterable, instance_of, matches_re
from bson import ObjectId
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from tests.benchmarks.contender import Contender
from tests.benchmarks.document import EMAIL_PATTERN

__all__ = ["CONTENDERS"]


@attrs.define
class Address:
    street: str = attrs.field(validator=instance_of(str))
    city: str = attrs.field(validator=instance_of(str))
    zip: str = attrs.field(validator=instance_of(str))


converter = cattrs.Converter()
for kept in (datetime, ObjectId):
    converter.register_structure_hook(kept, lambda value, kind: value)
    converter.register_unstructure_hook(kept, lambda value: value)


def define(title):
    @attrs.define(kw_only=True)
    class User:
        __qualname__ = title

        id: ObjectId | None = None
        name: str = attrs.field(validator=instance_of(str))
        email: str = attrs.field(validator=[instance_of(str), matches_re(EMAIL_PATTERN)])
        age: int = attrs.field(default=0, validator=instance_of(int))
        score: float = attrs.field(default=0.0, validator=instance_of(float))
        born: datetime = attrs.field(validator=instance_of(datetime))
        active: bool = attrs.field(default=True, validator=instance_of(bool))
        tags: list[str] = attrs.field(
            factory=list, validator=deep_iterable(instance_of(str), instance_of(list))
        )
        address: Address = attrs.field(validator=instance_of(Address))

    renamed = {"id": override(rename="_id")}
    converter.register_structure_hook(User, make_dict_structure_fn(User, converter, **renamed))
    converter.register_unstructure_hook(User, make_dict_unstructure_fn(User, converter, **renamed))
    return User


CONTENDERS = [
    Contender(
        name="attrs + cattrs",
        distributions=("attrs", "cattrs"),
        definer=lambda: define,
        names={"Address": Address, "structure": converter.structure, "dump": converter.unstructure},
        construct="user = User(**{**values, 'address': Address(**values['address'])})",
        decode="user = structure(document, User)",
        encode="dump(user)",
        note="no document mapper; defining a class includes its two cattrs functions",
    ),
]
