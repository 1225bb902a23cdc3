"""Questions, and what was said to them."""

from enum import StrEnum

from earnorm import EnumField, IntegerField, ReferenceField, ReverseReference, StringField
from shop.orders import Order
from shop.record import Record
from shop.support.team import Team
from shop.users import Account, Customer, Employee


class TicketState(StrEnum):
    """Whose turn it is."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


class Ticket(Record):
    """A question of a customer, often about an order."""

    subject = StringField(min_length=1, max_length=200)
    customer = ReferenceField(Customer, on_delete="cascade")
    order = ReferenceField(Order, required=False, on_delete="nullify")
    team = ReferenceField(Team, on_delete="restrict")
    assignee = ReferenceField(Employee, required=False, on_delete="nullify")
    state = EnumField(TicketState, default=TicketState.OPEN)
    messages = ReverseReference("Message", "ticket")

    class Meta:
        collection = "tickets"
        indexes = [
            {"fields": ["customer"]},
            {"fields": ["order"], "sparse": True},
            {"fields": ["team", "state"]},
            {"fields": ["assignee"], "sparse": True},
        ]


class Message(Record):
    """What somebody wrote in a ticket: the customer, or an employee."""

    ticket = ReferenceField(Ticket, on_delete="cascade")
    author = ReferenceField(Account, on_delete="restrict")
    text = StringField(min_length=1)

    class Meta:
        collection = "messages"
        indexes = [{"fields": ["ticket", "created_at"]}, {"fields": ["author"]}]


class Rating(Record):
    """How content the customer was."""

    ticket = ReferenceField(Ticket, on_delete="cascade")
    stars = IntegerField(minimum=1, maximum=5)
    comment = StringField(default="")

    class Meta:
        collection = "ratings"
        indexes = [{"fields": ["ticket"], "unique": True}]
