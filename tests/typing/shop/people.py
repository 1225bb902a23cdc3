"""Embedded, nested and inherited models; fields of plugins; names that mean something else elsewhere."""

from typing import TYPE_CHECKING, Generic, TypeVar

from earnorm import (
    BaseModel,
    BooleanField,
    DateTimeField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ObjectIdField,
    PluginFields,
    StringField,
)

if TYPE_CHECKING:
    from tests.typing.shop._earnorm_types import (
        AddressTyping,
        AdminTyping,
        AuditedTyping,
        BoxTyping,
        BuilderTyping,
        PageTyping,
        Person_PhoneTyping,
        PersonTyping,
        people_NoteTyping,
    )
else:
    AddressTyping = Person_PhoneTyping = people_NoteTyping = EmbeddedModel
    AuditedTyping = BoxTyping = BuilderTyping = PersonTyping = BaseModel

registry = ModelRegistry("the shop")
T = TypeVar("T")


class Address(AddressTyping, registry=registry):
    city = StringField()
    zip = StringField(required=False)


class Note(people_NoteTyping, registry=registry):
    text = StringField()


class Person(PersonTyping, registry=registry):
    class Phone(Person_PhoneTyping, registry=registry):
        number = StringField()

    name = StringField(alias="n")
    email = EmailField(required=False)
    age = IntegerField(default=0)
    height = FloatField(required=False)
    active = BooleanField(default=True)
    born = DateTimeField(required=False)
    badge = ObjectIdField(required=False)
    phone = EmbeddedField(Phone, required=False)
    address = EmbeddedField(Address)
    homes = DictField(ListField(EmbeddedField(Address)))
    notes = ListField(EmbeddedField(Note))
    tags = ListField(StringField(), required=False)
    data = DictField()

    class Meta:
        plugins = ["timestamp", "softdelete"]


if not TYPE_CHECKING:
    AdminTyping = Person


class Admin(AdminTyping):
    """Below a concrete model."""

    level = IntegerField()


HOME = Address(city="London")


class Titled(BaseModel, registry=registry):
    title = StringField()

    class Meta:
        abstract = True
        plugins = ["timestamp"]


if not TYPE_CHECKING:
    PageTyping = Titled


class Page(PageTyping):
    """Below an abstract base."""

    body = StringField()


class Builder(BuilderTyping, registry=registry):
    """A field has the name of the first argument of every method."""

    self = StringField()
    cls = IntegerField(default=0)


class Box(BoxTyping, Generic[T], registry=registry):
    """Generic in what it is used for; its fields are not."""

    size = IntegerField()


@registry.plugin("journal")
class Audit:
    """A plugin whose mixin has no name that others could import."""

    def contribute_fields(self, model: type) -> type[PluginFields]:
        class Hidden(PluginFields, plugin="journal"):
            list = ListField(StringField())
            typing = IntegerField(default=1)

        return Hidden


class Audited(AuditedTyping, registry=registry):
    words = ListField(StringField())

    class Meta:
        plugins = ["journal"]
