"""The classes of EarnORM, and others, as mypy calls them."""

__all__ = [
    "BASE_MODEL",
    "FIELD",
    "LIST_LIKE",
    "OBJECT_ID",
    "PLUGIN_FIELDS",
    "STRUCTURE",
    "TYPED_MODEL",
]

BASE_MODEL = "earnorm.models.base.BaseModel"
STRUCTURE = "earnorm.models.structure.Structure"
TYPED_MODEL = "earnorm.models.typed.TypedModel"

FIELD = "earnorm.fields.base.Field"
PLUGIN_FIELDS = "earnorm.fields.contributed.PluginFields"

LIST_LIKE = "earnorm.typing.list_like.ListLike"
OBJECT_ID = "bson.objectid.ObjectId"
