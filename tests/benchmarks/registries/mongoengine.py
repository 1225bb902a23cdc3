"""MongoEngine's registry of documents."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

import mongoengine as me
from mongoengine.base import get_document

__all__ = ["define", "find"]

find = get_document


def define(number):
    namespace = {
        "__module__": "many",
        "name": me.StringField(),
        "to": me.ReferenceField(f"Model{max(number - 1, 0)}"),
        "half": me.ReferenceField(f"Model{number // 2}"),
        "others": me.ListField(me.ReferenceField(f"Model{max(number - 2, 0)}")),
    }
    type(f"Model{number}", (me.Document,), namespace)
