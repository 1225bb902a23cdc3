"""Fields that hold other fields' values: lists and dictionaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self, TypeVar, Unpack, overload

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.fields.arrays import ArrayField, with_empty
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.dynamic import copy_containers, encode_dynamic, recheck_dynamic
from earnorm.fields.extended_json import from_extended_json
from earnorm.fields.free_values import free_value
from earnorm.fields.keys import (
    check_key_field,
    check_typed_keys,
    decode_key,
    encode_key,
    key_schema,
)
from earnorm.fields.limits import check_key, is_nameable
from earnorm.fields.owner import FieldOwner
from earnorm.fields.pictures import ABSENT, DYNAMIC, DictionaryPicture, Difference, Pictured
from earnorm.fields.stored_values import decoder_of, read_stored

__all__ = ["DictField", "ListField"]

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class ListField(ArrayField[T]):
    """A list whose items all fit `items`; empty unless something else is given.

    A list or a tuple is accepted and copied. `min_length` and `max_length` count items.
    """

    expects = "a list"
    exact_types = (list,)

    @overload
    def __init__(
        self: ListField[list[V]],
        items: Field[V],
        *,
        required: Literal[True] = ...,
        min_length: int | None = ...,
        max_length: int | None = ...,
        **options: Unpack[FieldOptions[list[V]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ListField[list[V] | None],
        items: Field[V],
        *,
        required: Literal[False],
        min_length: int | None = ...,
        max_length: int | None = ...,
        **options: Unpack[OptionalFieldOptions[list[V]]],
    ) -> None: ...
    def __init__(
        self,
        items: Field[Any],
        *,
        required: bool = True,
        min_length: int | None = None,
        max_length: int | None = None,
        **options: Any,
    ) -> None:
        options = with_empty(options, list, required=required)
        limits = {"min_length": min_length, "max_length": max_length}
        super().__init__(items, required=required, **limits, **options)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(value, (list, tuple)):
            faults.append(self.type_fault(path, value))
            return value
        return [self.items.check(item, f"{path}.{n}", faults) for n, item in enumerate(value)]

    def recheck(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        if type(value) is not list:
            return self.check(value, path, faults)
        found = len(faults)
        value[:] = [self.items.recheck(item, f"{path}.{n}", faults) for n, item in enumerate(value)]
        if len(faults) == found:
            self.constrain(value, path, faults)
        return value

    def freeze(self, value: Any) -> Any:
        if not self.items.is_mutable:
            return tuple(value)
        freeze = self.items.freeze
        return tuple(None if item is None else freeze(item) for item in value)

    def thaw(self, picture: Any) -> Any:
        thaw = self.items.thaw
        return [None if item is None else thaw(item) for item in picture]


class DictField(Field[T]):
    """A dictionary; empty unless something else is given.

    Its values all fit `values`; without it they may be anything that BSON keeps, and come back as BSON
    gives them. Its keys all fit `keys`, and are strings without it. Documents have only texts for keys, so
    an integer is kept as its digits, and each other key as its JSON form.
    """

    expects = "a dictionary with string keys"
    exact_types = (dict,)
    has_keys = True

    @overload
    def __init__(
        self: DictField[dict[str, V]],
        values: Field[V],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[dict[str, V]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictField[dict[str, V] | None],
        values: Field[V],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[dict[str, V]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictField[dict[str, Any]],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[dict[str, Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictField[dict[str, Any] | None],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[dict[str, Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictField[dict[K, V]],
        values: Field[V],
        *,
        keys: Field[K],
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[dict[K, V]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictField[dict[K, V] | None],
        values: Field[V],
        *,
        keys: Field[K],
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[dict[K, V]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictField[dict[K, Any]],
        *,
        keys: Field[K],
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[dict[K, Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: DictField[dict[K, Any] | None],
        *,
        keys: Field[K],
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[dict[K, Any]]],
    ) -> None: ...
    def __init__(
        self,
        values: Field[Any] | None = None,
        *,
        keys: Field[Any] | None = None,
        required: bool = True,
        **options: Any,
    ) -> None:
        if values is not None and not isinstance(values, Field):
            raise FieldDefinitionError(
                f"DictField takes the field of its values, as in DictField(IntegerField()), not {values!r}"
            )
        if keys is not None:
            check_key_field(keys)
            self.expects = "a dictionary"
        super().__init__(required=required, **with_empty(options, dict, required=required))
        self.values = values
        self.keys = keys

    def bind(self, owner: FieldOwner, name: str, *, contributed_by: str | None = None) -> Self:
        bound = super().bind(owner, name, contributed_by=contributed_by)
        bound.values = self.values.bind(owner, name) if self.values is not None else None
        bound.keys = self.keys.bind(owner, name) if self.keys is not None else None
        if bound.values is not None:
            bound.values.secret = bound.values.secret or self.secret
        return bound

    def inner_fields(self) -> Iterator[tuple[str, Field[Any]]]:
        if self.values is not None:
            yield "", self.values

    def find_part(self, name: str) -> tuple[str, Field[Any]] | None:
        return name, self.values if self.values is not None else free_value(self)

    def key_text(self, key: object) -> str | None:
        if self.keys is None or isinstance(key, str):
            return super().key_text(key)
        return encode_key(self.keys, self.keys.assign(key))

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(value, Mapping):
            faults.append(self.type_fault(path, value))
            return value
        check = encode_dynamic if self.values is None else self.values.check
        if self.keys is not None:
            named = check_typed_keys(self.keys, value, path, faults)
            return {k: check(item, f"{path}.{text}", faults) for text, (k, item) in named.items()}
        return {
            key: check(item, f"{path}.{key}", faults)
            for key, item in value.items()
            if check_key(key, path, faults)
        }

    def recheck(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        if type(value) is not dict:
            return self.check(value, path, faults)
        recheck = recheck_dynamic if self.values is None else self.values.recheck
        found = len(faults)
        if self.keys is not None:
            self._recheck_typed(self.keys, value, path, faults)
        else:
            for key, item in value.items():
                if check_key(key, path, faults):
                    value[key] = recheck(item, f"{path}.{key}", faults)
        if len(faults) == found:
            self.constrain(value, path, faults)
        return value

    def encode(self, value: Any) -> Any:
        if self.values is None:
            return copy_containers(self._texts(value))
        encode = self.values.encode
        texts = self._texts(value)
        return {key: None if item is None else encode(item) for key, item in texts.items()}

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(stored, dict):
            return super().decode(stored, path, faults)
        if self.values is None:
            return self._typed(read_stored(stored), path, faults)
        decode = decoder_of(self.values)
        items = {key: decode(item, f"{path}.{key}", faults) for key, item in stored.items()}
        return self._typed(items, path, faults)

    def freeze(self, value: Any) -> Any:
        freeze = self._item.freeze
        return DictionaryPicture(
            (key, None if item is None else freeze(item))
            for key, item in self._texts(value).items()
        )

    def thaw(self, picture: Any) -> Any:
        thaw = self._item.thaw
        items = {key: None if item is None else thaw(item) for key, item in picture}
        return self._typed(items, self.name, [])

    def differences(
        self, picture: Any, value: Any, path: str, stored_path: str
    ) -> Iterator[Difference]:
        """One for each key that differs; one for the whole where an update could not name a key."""
        if isinstance(picture, DictionaryPicture) and isinstance(value, dict):
            before, after = dict(picture), self._texts(value)
            keys = dict.fromkeys((*before, *after))
            if all(map(is_nameable, keys)):
                for key in keys:
                    now = after.get(key, ABSENT)
                    yield from self._item.differences(
                        before.get(key, ABSENT), now, f"{path}.{key}", f"{stored_path}.{key}"
                    )
                return
        yield from super().differences(picture, value, path, stored_path)

    def to_json(self, value: Any) -> Any:
        texts = self._texts(value)
        if self.values is None:
            return self._extended_json(texts)
        form = self.values.to_json
        return {key: None if item is None else form(item) for key, item in texts.items()}

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        if data is None:
            return None
        if not isinstance(data, dict):
            faults.append(self.type_fault(path, data))
            return data
        read = from_extended_json if self.values is None else self.values.from_json
        items = {key: read(item, f"{path}.{key}", faults) for key, item in data.items()}
        return self._typed(items, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object"}
        if self.keys is not None:
            schema["propertyNames"] = key_schema(self.keys, definitions)
        if self.values is not None:
            schema["additionalProperties"] = self.values.json_schema(definitions)
        return schema

    @property
    def _item(self) -> Pictured:
        return DYNAMIC if self.values is None else self.values

    def _texts(self, value: dict[Any, Any]) -> dict[str, Any]:
        """The dictionary under the texts of its keys."""
        if self.keys is None:
            return value
        return {encode_key(self.keys, key): item for key, item in value.items()}

    def _typed(self, items: dict[str, Any], path: str, faults: list[FieldFault]) -> dict[Any, Any]:
        """The dictionary under its keys, from their texts."""
        if self.keys is None:
            return items
        return {decode_key(self.keys, k, path, faults): item for k, item in items.items()}

    def _recheck_typed(
        self, keys: Field[Any], value: dict[Any, Any], path: str, faults: list[FieldFault]
    ) -> None:
        recheck = recheck_dynamic if self.values is None else self.values.recheck
        found = len(faults)
        named = check_typed_keys(keys, value, path, faults)
        checked = {k: recheck(item, f"{path}.{text}", faults) for text, (k, item) in named.items()}
        if len(faults) == found:
            # A key may equal what it is converted to (3.0 and 3), so the dictionary is filled anew.
            value.clear()
            value.update(checked)
