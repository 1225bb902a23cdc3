"""The four blocks that must run as they are written, each alone, and what must hold afterwards.

Each is a whole program: `PRELUDE`, the models that the block names and does not define, the block as
it stands in the design, and the checks. The wheel tests run them too, in environments of their own.
"""

__all__ = ["BLOCKS", "program"]

PRELUDE = """
import asyncio
from datetime import UTC, datetime, timedelta
from earnorm import (
    BaseModel, EmailField, ListField, ModelRegistry, ReferenceField, StringField, UniqueValidator,
    connect, registry,
)
"""

REGISTRATION = (
    """
class Order(BaseModel): ...
class Product(BaseModel): ...
""",
    """
class User(BaseModel):                                # 1. automatic registration
    _collection = "users"
    name = StringField()
    email = EmailField()

registry = ModelRegistry()                            # manual registration
registry.register(User)
registry.register_many([Order, Product])
user_model = registry.get_model("User")
all_models = registry.get_all_models()
""",
    """
assert user_model is User
assert all_models == [User, Order, Product]
assert registry.get_metadata(User).collection == "users"
""",
)

METADATA = (
    "",
    """
class User(BaseModel):                                # 2. metadata
    name = StringField()
    email = EmailField()
    class Meta:
        collection = "users"
        indexes = [{"fields": [("email", 1)], "unique": True}]
        validators = [UniqueValidator("email")]
        plugins = ["timestamp", "softdelete"]
metadata = registry.get_metadata(User)
collection = metadata.collection
indexes = metadata.indexes
""",
    """
assert collection == "users"
assert [(index.fields, index.unique) for index in indexes] == [((("email", 1),), True)]
assert metadata.validators == (UniqueValidator("email"),)
assert [plugin.name for plugin in metadata.plugins] == ["timestamp", "softdelete"]
""",
)

RELATIONSHIPS = (
    """
class User(BaseModel): ...
class Product(BaseModel): ...
""",
    """
class Order(BaseModel):                               # 3. relationships
    user = ReferenceField("User")
    items = ListField(ReferenceField("Product"))
relations = registry.get_relationships(Order)
dependent_models = registry.get_dependents(User)      # models that refer to User
referenced_models = registry.get_references(User)     # models that User refers to
""",
    """
assert [(r.field, r.target, r.many) for r in relations] == [
    ("user", "__main__.User", False), ("items", "__main__.Product", True),
]
assert dependent_models == [Order]
assert referenced_models == []
assert registry.get_references(Order) == [User, Product]
""",
)

IN_PROCESS_PLUGIN = (
    "",
    """
@registry.plugin("timestamp")                         # 4. an in-process plugin: plain methods, no marker
class TimestampPlugin:
    def before_save(self, instance):
        instance.updated_at = datetime.now()
        if not instance.id:
            instance.created_at = datetime.now()
class User(BaseModel):
    class Meta:
        plugins = ["timestamp"]
""",
    """
async def main():
    async with connect("sqlite://"):
        user = User()
        before = datetime.now(UTC) - timedelta(milliseconds=1)
        await user.save()
        assert before <= user.created_at <= datetime.now(UTC)
        loaded = await User.get(user.id)
        assert loaded == user
        assert (loaded.created_at, loaded.updated_at) == (user.created_at, user.updated_at)
        created = user.created_at
        await loaded.save()
        assert loaded.created_at == created
        assert await User.find({"created_at": created}).count() == 1

asyncio.run(main())
assert registry.get_metadata(User).plugins[0].distribution is None
""",
)

BLOCKS = {
    "registration": REGISTRATION,
    "metadata": METADATA,
    "relationships": RELATIONSHIPS,
    "in_process_plugin": IN_PROCESS_PLUGIN,
}


def program(name: str) -> str:
    """The block `name` as a whole program."""
    models, block, checks = BLOCKS[name]
    return f"{PRELUDE}{models}{block}{checks}"
