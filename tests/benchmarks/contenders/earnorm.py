"""EarnORM: the product as it is, and its interpreted path alone."""

from typing import Any

from earnorm import (
    BaseModel,
    BooleanField,
    DateTimeField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
)
from earnorm.errors import DocumentError, FieldFault
from earnorm.models.codec import ModelCodec
from tests.benchmarks.contender import Contender, Define

__all__ = ["CONTENDERS", "definer"]


class Address(EmbeddedModel):
    street = StringField()
    city = StringField()
    zip = StringField()


def definer(*plugins: str) -> Define:
    registry = ModelRegistry("benchmark")

    def define(title: str) -> Any:
        class User(BaseModel, registry=registry):
            # A class of a module, as a user's models are, and not one of this function.
            __qualname__ = title

            class Meta:
                collection = title.lower()

            Meta.plugins = plugins  # type: ignore[attr-defined]

            name = StringField()
            email = EmailField()
            age = IntegerField(default=0)
            score = FloatField(default=0.0)
            born = DateTimeField()
            active = BooleanField(default=True)
            tags = ListField(StringField())
            address = EmbeddedField(Address)

        return User

    return define


def check(faults: list[FieldFault]) -> None:
    """What `from_document` does with faults."""
    if faults:
        raise DocumentError("Sample", None, faults)


_sample = definer()("Sample")
_slow = ModelCodec(_sample, _sample.__codec__.fields)
_has_trusted = hasattr(_sample.__codec__, "decode_trusted")

CONTENDERS = [
    Contender(
        name="EarnORM",
        distributions=("earnorm",),
        definer=definer,
        construct="user = User(**values)",
        decode="user = User.from_document(document)",
        trusted="user = User.__codec__.decode_trusted(document)" if _has_trusted else None,
        encode="user.to_document()",
        aware=True,
        note="dirty tracking, defaults and missing keys are in, as in every program that uses it; "
        "decoding checks types and leaves the other constraints to the next save",
    ),
    Contender(
        name="EarnORM, interpreted",
        distributions=("earnorm",),
        definer=lambda: lambda title: _sample,
        names={"codec": _slow, "new": object.__new__, "check": check},
        construct="user = new(User); codec.initialise(user, values)",
        decode="faults = []; user = codec.decode(document, '', faults); check(faults)",
        encode="codec.encode(user)",
        aware=True,
        has_classes=False,
        note="the reference that the generated code is held equal to; embedded models inside it are "
        "generated; get, set and defining a class are the same as above",
    ),
]
