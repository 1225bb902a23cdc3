"""Who is logged in."""

from earnorm import DateTimeField, ReferenceField, StringField, UniqueValidator
from shop.record import Record
from shop.users.account import Account


class Session(Record):
    """A log-in, until it expires."""

    account = ReferenceField(Account, on_delete="cascade")
    token_hash = StringField(secret=True)
    expires_at = DateTimeField()

    class Meta:
        collection = "sessions"
        indexes = [
            {"fields": ["account"]},
            {"fields": ["token_hash"], "unique": True},
            {"fields": ["expires_at"], "expire_after": 0},
        ]
        validators = [UniqueValidator("token_hash")]
