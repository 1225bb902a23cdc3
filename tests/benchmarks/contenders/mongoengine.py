"""MongoEngine: `Document`, and `validate` after the constructor, as `save` calls it."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

import mongoengine as me

from tests.benchmarks.contender import Contender

__all__ = ["CONTENDERS"]


class Address(me.EmbeddedDocument):
    street = me.StringField(required=True)
    city = me.StringField(required=True)
    zip = me.StringField(required=True)


def define(title):
    fields = {
        "name": me.StringField(required=True),
        "email": me.EmailField(required=True),
        "age": me.IntField(default=0),
        "score": me.FloatField(default=0.0),
        "born": me.DateTimeField(required=True),
        "active": me.BooleanField(default=True),
        "tags": me.ListField(me.StringField()),
        "address": me.EmbeddedDocumentField(Address, required=True),
    }
    # By call and not by statement: its registry knows a class by its bare name.
    return type(me.Document)(title, (me.Document,), {**fields, "__module__": __name__})


CONTENDERS = [
    Contender(
        name="MongoEngine",
        distributions=("mongoengine",),
        definer=lambda: define,
        names={"Address": Address},
        construct="user = User(**values); user.validate()",
        decode="user = User._from_son(document)",
        encode="user.to_mongo()",
        note="its own e-mail check; decoding a document, what a QuerySet does with each, checks nothing; "
        "set checks nothing before the next validate",
    ),
]
