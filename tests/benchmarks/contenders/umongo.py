"""uMongo: `Document` on an instance without a database; `required_validate` after the constructor."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

from umongo import Document, EmbeddedDocument, fields
from umongo.frameworks import PyMongoInstance

from tests.benchmarks.contender import Contender

__all__ = ["CONTENDERS"]


def definer():
    instance = PyMongoInstance()

    @instance.register
    class Address(EmbeddedDocument):
        street = fields.StrField(required=True)
        city = fields.StrField(required=True)
        zip = fields.StrField(required=True)

    def define(title):
        declared = {
            "name": fields.StrField(required=True),
            "email": fields.EmailField(required=True),
            "age": fields.IntField(default=0),
            "score": fields.FloatField(default=0.0),
            "born": fields.DateTimeField(required=True),
            "active": fields.BoolField(default=True),
            "tags": fields.ListField(fields.StrField(), default=list),
            "address": fields.EmbeddedField(Address, required=True),
        }
        # By call and not by statement: an instance refuses a second class of one bare name.
        return instance.register(type(Document)(title, (Document,), declared))

    return define


CONTENDERS = [
    Contender(
        name="uMongo",
        distributions=("umongo", "marshmallow"),
        definer=definer,
        construct="user = User(**values); user.required_validate()",
        decode="user = User.build_from_mongo(document)",
        encode="user.to_mongo()",
        note="its own e-mail check; decoding a document checks nothing",
    ),
]
