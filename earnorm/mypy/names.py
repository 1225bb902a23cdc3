"""The classes of EarnORM as mypy calls them."""

__all__ = [
    "BASE_MODEL",
    "DICT_FIELD",
    "EMBEDDED_FIELD",
    "EMBEDDED_MODEL",
    "FIELD",
    "LIST_FIELD",
    "LIST_LIKE",
    "OBJECT_ID",
    "OBJECT_ID_FIELD",
    "PLUGIN_FIELDS",
    "STRUCTURE",
    "TYPED_MODEL",
]

BASE_MODEL = "earnorm.models.base.BaseModel"
EMBEDDED_MODEL = "earnorm.models.embedded.EmbeddedModel"
STRUCTURE = "earnorm.models.structure.Structure"
TYPED_MODEL = "earnorm.models.typed.TypedModel"

FIELD = "earnorm.fields.base.Field"
DICT_FIELD = "earnorm.fields.containers.DictField"
EMBEDDED_FIELD = "earnorm.fields.embedded.EmbeddedField"
LIST_FIELD = "earnorm.fields.containers.ListField"
OBJECT_ID_FIELD = "earnorm.fields.identity.ObjectIdField"

PLUGIN_FIELDS = "earnorm.fields.contributed.PluginFields"
LIST_LIKE = "earnorm.typing.list_like.ListLike"
OBJECT_ID = "bson.objectid.ObjectId"
