"""What a model may say of its log."""

from earnorm import EmbeddedModel, IntegerField, ListField, StringField

__all__ = ["AuditOptions"]


class AuditOptions(EmbeddedModel):
    """The options in `Meta.plugin_options = {"audit": {...}}`.

    `only` names the fields that are logged, `exclude` those that are not; `collection` is where the entries are,
    and `keep_days` how long, for good if it is not said.
    """

    only = ListField(StringField())
    exclude = ListField(StringField())
    collection = StringField(default="audit", min_length=1)
    keep_days = IntegerField(required=False, minimum=1)
