"""Queries over a model that has children: whose documents they mean, and under which names."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from earnorm.metadata import Metadata
from earnorm.models import DISCRIMINATOR
from earnorm.typing import MutableDocument

__all__ = [
    "all_fields",
    "batch_metadata",
    "kind_filter",
    "kinds_below",
    "plugins_below",
    "with_kinds",
]


def kind_filter(model: Any) -> MutableDocument:
    """The filter of the documents that are the model's or a child's; empty for a root, which has all."""
    if model.__tree__.is_root(model):
        return {}
    return with_kinds(model.__tree__.discriminators(model))


def with_kinds(discriminators: Iterable[str]) -> MutableDocument:
    """The filter of documents that carry one of these."""
    known = sorted(discriminators)
    return {DISCRIMINATOR: known[0] if len(known) == 1 else {"$in": known}}


def kinds_below(model: Any) -> Iterator[Any]:
    """The concrete models that inherit the model."""
    for _, member in model.__tree__.members():
        if member is not model and issubclass(member, model):
            yield member


def plugins_below(model: Any) -> set[str]:
    """The names of the plugins that the model or a child enables."""
    models = (model, *kinds_below(model))
    return {plugin.name for one in models for plugin in one.__plans__.plugins}


def all_fields(model: Any) -> Metadata:
    """The model's metadata with the fields of its children as well, for the names in a filter."""
    metadata: Metadata = model.__metadata__
    below = list(kinds_below(model))
    if not below:
        return metadata
    fields = {name: f for one in below for name, f in one.__metadata__.fields.items()}
    return replace(metadata, fields={**fields, **metadata.fields})


def batch_metadata(instances: Sequence[Any]) -> Metadata:
    """The metadata of the instances' model; of several classes of one tree, the root's with all that they add."""
    models: dict[Any, None] = dict.fromkeys(map(type, instances))
    first = next(iter(models))
    metadata: Metadata = first.__metadata__
    if len(models) == 1:
        return metadata
    root: Metadata = first.__tree__.root.__metadata__
    fields = {name: f for one in models for name, f in one.__metadata__.fields.items()}
    indexes = dict.fromkeys(index for one in models for index in one.__metadata__.indexes)
    return replace(root, fields=fields, indexes=tuple(indexes))
