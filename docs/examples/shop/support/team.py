"""Who answers."""

from earnorm import ListField, ReferenceField, StringField, UniqueValidator
from shop.record import Record
from shop.users import Employee


class Team(Record):
    """Employees who share a queue of tickets."""

    name = StringField(min_length=1)
    lead = ReferenceField(Employee, on_delete="restrict")
    members = ListField(ReferenceField(Employee, on_delete="nullify"))

    class Meta:
        collection = "teams"
        indexes = [
            {"fields": ["name"], "unique": True},
            {"fields": ["lead"]},
            {"fields": ["members"]},
        ]
        validators = [UniqueValidator("name")]
