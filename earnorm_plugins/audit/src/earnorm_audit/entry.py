"""The model of entries: one for each registry and collection, made when it is first needed."""

import threading
import types
from typing import Any, cast

from earnorm import (
    SECRET,
    AnyField,
    BaseModel,
    BooleanField,
    DateTimeField,
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    LiteralField,
    ModelRegistry,
    StringField,
)
from earnorm_audit.values import ABSENT, Difference

__all__ = ["AuditChange", "AuditEntry", "entry_model"]


class AuditChange(EmbeddedModel):
    """What one write changed at one path of the stored document.

    `kind` says whether the value was added, changed or removed, of a secret too, whose values are
    not kept: `before` and `after` are `***` where there was one.
    """

    path = StringField()
    kind = LiteralField("added", "changed", "removed")
    before = AnyField(required=False)
    after = AnyField(required=False)
    is_secret = BooleanField(required=False)

    @classmethod
    def of(cls, difference: Difference) -> "AuditChange":
        """The change that a difference is."""
        had, has = difference.before is not ABSENT, difference.after is not ABSENT
        hidden = str(SECRET) if difference.is_secret else None
        return cls(
            path=difference.path,
            kind="changed" if had and has else "added" if has else "removed",
            before=(hidden or difference.before) if had else None,
            after=(hidden or difference.after) if has else None,
            is_secret=True if difference.is_secret else None,
        )

    @property
    def undone(self) -> Any:
        """What was there before, `ABSENT` for nothing."""
        return ABSENT if self.kind == "added" else self.before

    @property
    def done(self) -> Any:
        """What was there afterwards, `ABSENT` for nothing."""
        return ABSENT if self.kind == "removed" else self.after


class AuditEntry(BaseModel):
    """One write of one document: who changed what, and when.

    `collection` and `document_id` say which document, `kind` of which child class, if it has one. Its entries have
    the `version` 1, 2, 3, and so on, without gaps.
    """

    collection = StringField()
    document_id = AnyField()
    kind = StringField(required=False)
    version = IntegerField(minimum=1)
    operation = LiteralField("insert", "update", "delete")
    at = DateTimeField()
    actor = StringField(required=False)
    changes = ListField(EmbeddedField(AuditChange))
    expires_at = DateTimeField(required=False)

    class Meta:  # noqa: D106  # EarnORM's own word for a model's options
        abstract = True


def entry_model(registry: ModelRegistry, collection: str) -> type[AuditEntry]:
    """The model of the entries that this registry's models keep in `collection`."""
    name = f"AuditEntry_{collection}"
    key = f"{__name__}.{name}"
    with _lock:
        if key in registry:
            return cast("type[AuditEntry]", registry.get_model(key))
        meta = type("Meta", (), {"collection": collection, "indexes": _INDEXES})
        body = {"__module__": __name__, "__qualname__": name, "Meta": meta}
        made = types.new_class(
            name, (AuditEntry,), {"registry": registry}, lambda space: space.update(body)
        )
        return cast("type[AuditEntry]", made)


_lock = threading.RLock()  # the plugins of the entries may define models that are logged
_INDEXES = [
    {"fields": [("collection", 1), ("document_id", 1), ("version", 1)]},
    {"fields": [("collection", 1), ("at", 1)]},
    {"fields": ["expires_at"], "expire_after": 0},
]
