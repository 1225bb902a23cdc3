"""Names for the shapes that travel between the rooms."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, Union

__all__ = ["Document", "JsonInput", "JsonValue", "MutableDocument", "PrefetchPath", "SortKey"]

Document = Mapping[str, Any]
"""A document, a filter or an update in MongoDB's terms; read only. Documents are under stored names."""

MutableDocument = dict[str, Any]
"""The same, for whoever made it and may change it."""

SortKey = tuple[str, int]
"""A stored name and a direction: 1 ascends, -1 descends."""

JsonValue: TypeAlias = Union[  # noqa: UP007 # a name that stands for itself is text until it is read
    bool, int, float, str, list["JsonValue"], dict[str, "JsonValue"], None
]
"""What JSON has: the values of a `JsonField`."""

JsonInput: TypeAlias = Union[  # noqa: UP007 # a name that stands for itself is text until it is read
    bool, int, float, str, Sequence["JsonInput"], Mapping[str, "JsonInput"], None
]
"""What can be assigned to a `JsonField`: the same, of whatever lists and dictionaries."""

PrefetchPath = tuple[tuple[str, ...], ...]
"""References to follow one after the other, each by the attributes that lead to it."""
