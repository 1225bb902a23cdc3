"""What a probe is: one feature, tried with real PyMongo and held against MongoDB's manual."""

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database

Document = dict[str, Any]
Client = MongoClient[Document]
Documents = Collection[Document]
Probe = Callable[[Database[Document]], None]
"""Passes on a server that has the feature; fails or raises on one that lacks it or gets it wrong."""


def fill(database: Database[Document], documents: Iterable[Mapping[str, Any]]) -> Documents:
    """The collection `things`, with these documents; the `_id` of each is its place, from 1 on."""
    things = database["things"]
    things.insert_many([{"_id": place, **each} for place, each in enumerate(documents, 1)])
    return things


def ids(things: Documents, query: Mapping[str, Any], **options: Any) -> list[Any]:
    """The `_id` of each document found, in the order of `_id`."""
    return [each["_id"] for each in things.find(query, **options).sort("_id")]


def probes_of(modules: Iterable[ModuleType]) -> dict[str, Probe]:
    """The public functions that the modules define, by their names: the names of the features."""
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and value.__module__ == module.__name__
    }
