"""References within and across modules, and fields of one's own."""

from decimal import Decimal
from typing import TYPE_CHECKING

from earnorm import (
    BaseModel,
    EmbeddedModel,
    Field,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
)
from tests.typing.shop.people import Person, registry

if TYPE_CHECKING:
    from tests.typing.shop._earnorm_types import (
        BasketTyping,
        OwnTyping,
        ProductTyping,
        orders_NoteTyping,
    )
else:
    orders_NoteTyping = EmbeddedModel
    BasketTyping = OwnTyping = ProductTyping = BaseModel


class Money(Field[Decimal]):
    """States what it accepts."""

    accepts = Decimal | int


class Grams(IntegerField[int]):
    """Says nothing, so it accepts what its base does."""


class Note(orders_NoteTyping, registry=registry):
    """The second of this name."""

    line = IntegerField()


class Product(ProductTyping, registry=registry):
    price = Money()
    weight = Grams(default=1)


class Basket(BasketTyping, registry=registry):
    owner = ReferenceField(Person)
    giver = ReferenceField("Person", required=False)
    items = ListField(ReferenceField("Product"))
    coming = ReferenceField("NotYet", required=False)


class Own(OwnTyping, registry=registry):
    """A constructor of its own is the one that counts."""

    name = StringField()

    def __init__(self, first: str, last: str) -> None:
        super().__init__(name=f"{first} {last}")


def make() -> type[BaseModel]:
    """A model that no other module can name."""

    class Local(BaseModel, registry=registry):
        name = StringField()

    return Local
