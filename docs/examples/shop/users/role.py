"""What an employee may do."""

from earnorm import SetField, StringField, UniqueValidator
from shop.record import Record


class Role(Record):
    """A name for a set of permissions."""

    name = StringField(min_length=1)
    permissions = SetField(StringField(min_length=1))

    class Meta:
        collection = "roles"
        indexes = [{"fields": ["name"], "unique": True}]
        validators = [UniqueValidator("name")]
