"""The table of field types in the documentation, row by row: what it says is what the code does.

Every example is constructed, stored in a database and loaded again, put into BSON and into JSON and
read back; what a row says is refused is refused.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions

import earnorm.fields
from earnorm import (
    BaseModel,
    Field,
    ModelRegistry,
    Reference,
    ValidationError,
    connect,
    from_json,
    json_schema,
    to_json,
)
from tests.fields.json_schema_check import fits

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "fields.md"
HEAD = "| Field | Python | BSON | JSON Schema | Accepts | Refuses |"
CODE = re.compile(r"`([^`]+)`")
EXAMPLE = re.compile(r"`([^`]+)`(?: → `([^`]+)`)?")

# bsonspec.org: the byte that says of what type an element is, under MongoDB's alias for the type.
BSON_TYPES = {
    0x01: "double", 0x02: "string", 0x03: "object", 0x04: "array", 0x05: "binData",
    0x07: "objectId", 0x08: "bool", 0x09: "date", 0x0A: "null", 0x10: "int", 0x12: "long",
    0x13: "decimal",
}  # fmt: skip
READERS: list[CodecOptions[dict[str, Any]]] = [
    CodecOptions(tz_aware=True),
    CodecOptions(tz_aware=True, uuid_representation=UuidRepresentation.STANDARD),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row as it stands in the documentation: source text, not yet run."""

    field: str
    python: str
    bson: frozenset[str]
    schema: dict[str, Any]
    accepts: tuple[tuple[str, str | None], ...]
    refuses: tuple[str, ...]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def examples(cell: str) -> Iterator[tuple[str, str | None]]:
    for match in EXAMPLE.finditer(cell):
        yield match[1], match[2]


def table() -> Iterator[Row]:
    lines = PAGE.read_text("utf-8").splitlines()
    start = lines.index(HEAD) + 2
    for line in lines[start:]:
        if not line.startswith("|"):
            return
        field, python, stored, schema, accepts, refuses = cells(line)
        yield Row(
            field=CODE.findall(field)[0],
            python=CODE.findall(python)[0],
            bson=frozenset(re.findall(r"[a-zA-Z]+", stored.partition("(")[0])),
            schema=json.loads(CODE.findall(schema)[0]),
            accepts=tuple(examples(accepts)),
            refuses=tuple(CODE.findall(refuses)),
        )


ROWS = list(table())
ACCEPTED = [(row, given, kept) for row in ROWS for given, kept in row.accepts]
REFUSED = [(row, given) for row in ROWS for given in row.refuses]


def setting() -> dict[str, Any]:
    """The names that the examples use: those of the page's first block."""
    block = re.search(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert block is not None
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(block[1], namespace)
    return namespace


NAMES = setting()


def holder(row: Row, **options: Any) -> Any:
    """A model whose field `value` is that of the row."""
    field = eval(row.field, dict(NAMES))
    for name, option in options.items():
        setattr(field, name, option)
    return type("Holder", (BaseModel,), {"value": field}, registry=ModelRegistry("a table"))


def value_of(source: str) -> Any:
    return eval(source, dict(NAMES))


def is_same(one: Any, other: Any) -> bool:
    """Equal and of one type; a reference is what it refers to."""
    if isinstance(one, Reference):
        return bool(str(getattr(other, "id", other)) == str(one.id))
    return type(one) is type(other) and bool(one == other)


def shown(value: Any) -> str:
    return value.field if isinstance(value, Row) else str(value)[:30]


def concrete_field_types() -> set[str]:
    return {
        name
        for name in earnorm.fields.__all__
        if name.endswith("Field") and getattr(earnorm.fields, name) is not Field
    }


def test_every_field_type_has_a_row() -> None:
    assert {re.split(r"[(\[]", row.field)[0] for row in ROWS} == concrete_field_types()


def test_every_row_has_examples_of_both_kinds() -> None:
    assert [row.field for row in ROWS if not row.accepts] == []
    assert [row.field for row in ROWS if not row.refuses and "AnyField" not in row.field] == []


@pytest.mark.parametrize(("row", "given", "kept"), ACCEPTED, ids=shown)
def test_an_accepted_value_is_kept_as_the_table_says(row: Row, given: str, kept: str) -> None:
    value = holder(row)(value=value_of(given)).value
    assert is_same(value, value_of(kept or given))
    assert row.python == "any" or type(value).__name__ in re.findall(r"\w+", row.python)


@pytest.mark.parametrize(("row", "given", "kept"), ACCEPTED, ids=shown)
async def test_an_accepted_value_comes_back_from_the_store(row: Row, given: str, kept: str) -> None:
    model = holder(row)
    async with connect("sqlite://", registry=model.__registry__):
        saved = await model.create(value=value_of(given))
        loaded = await model.get(saved.id)
        found = await model.find(model.value == saved.value)
    assert is_same(loaded.value, saved.value)
    assert found == [saved]
    assert loaded == saved


@pytest.mark.parametrize("reader", READERS, ids=["plain", "uuids"])
@pytest.mark.parametrize(("row", "given", "kept"), ACCEPTED, ids=shown)
def test_an_accepted_value_comes_back_from_bson(
    row: Row, given: str, kept: str, reader: CodecOptions[dict[str, Any]]
) -> None:
    model = holder(row)
    instance = model(value=value_of(given))
    stored = bson.encode(instance.to_document())
    assert row.bson in ({"any"}, row.bson | {BSON_TYPES[stored[4]]})
    loaded = model.from_document(bson.decode(stored, reader))
    assert is_same(loaded.value, instance.value)
    assert bson.encode(loaded.to_document()) == stored


@pytest.mark.parametrize(("row", "given", "kept"), ACCEPTED, ids=shown)
def test_an_accepted_value_comes_back_from_json(row: Row, given: str, kept: str) -> None:
    model = holder(row)
    instance = model(value=value_of(given))
    text = json.dumps(to_json(instance), allow_nan=False)
    schema = json_schema(model)
    assert fits(json.loads(text), schema, schema)
    assert is_same(from_json(model, text).value, instance.value)
    assert from_json(model, json.loads(text)) == instance


@pytest.mark.parametrize("row", ROWS, ids=shown)
def test_the_schema_is_the_one_in_the_table(row: Row) -> None:
    described = json_schema(holder(row))["properties"]["value"]
    assert {name: part for name, part in described.items() if name != "default"} == row.schema


@pytest.mark.parametrize(("row", "given"), REFUSED, ids=shown)
def test_what_the_table_refuses_is_refused(row: Row, given: str) -> None:
    with pytest.raises(ValidationError):
        holder(row)(value=value_of(given))


@pytest.mark.parametrize(("row", "given", "kept"), ACCEPTED, ids=shown)
def test_a_strict_field_refuses_what_would_be_converted(row: Row, given: str, kept: str) -> None:
    model = holder(row, strict=True)
    if kept is None and "ReferenceField" not in row.field:
        assert is_same(model(value=value_of(given)).value, value_of(given))
        return
    with pytest.raises(ValidationError) as caught:
        model(value=value_of(given))
    assert "strict" in {fault.code for fault in caught.value.errors}
