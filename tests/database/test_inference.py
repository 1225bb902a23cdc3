"""A model is proposed from the documents of a collection, with what was seen of each field."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Decimal128, ObjectId

from earnorm import Database, EmbeddedField, ListField, ModelProposal, ModelRegistry, connect


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    async with connect("sqlite:///:memory:", registry=ModelRegistry("inference")) as opened:
        yield opened


async def infer(database: Database, *documents: dict[str, Any], **options: Any) -> ModelProposal:
    for document in documents:
        document.setdefault("_id", ObjectId())
    await database.store.insert("users", list(documents))
    return await database.infer_model("users", **options)


def types_of(proposal: ModelProposal) -> dict[str, str]:
    return {name: type(field).__name__ for name, field in proposal.fields.items()}


async def test_each_type_gets_its_field(database: Database) -> None:
    proposal = await infer(
        database,
        {
            "name": "Ada",
            "age": 36,
            "size": 1.5,
            "is_open": True,
            "born": datetime(1815, 12, 10, tzinfo=UTC),
            "price": Decimal128("1.5"),
            "boss": ObjectId(),
            "data": b"x",
            "tags": ["a"],
            "address": {"city": "Rome"},
            "nothing": None,
        },
    )
    assert types_of(proposal) == {
        "name": "StringField",
        "age": "IntegerField",
        "size": "FloatField",
        "is_open": "BooleanField",
        "born": "DateTimeField",
        "price": "DecimalField",
        "boss": "ObjectIdField",
        "data": "BytesField",
        "tags": "ListField",
        "address": "EmbeddedField",
        "nothing": "AnyField",
    }
    assert proposal.remarks == ()


async def test_the_evidence_says_what_was_seen(database: Database) -> None:
    proposal = await infer(
        database,
        {"name": "Ada", "n": 1},
        {"name": "Bob", "n": None},
        {"name": "Cy" * 100, "n": 2.5},
        {"name": "Di"},
    )
    evidence = {one.path: one for one in proposal.evidence}
    assert (evidence["name"].seen, evidence["name"].among) == (4, 4)
    assert evidence["name"].is_required
    number = evidence["n"]
    assert (number.seen, number.among, number.nulls) == (3, 4, 1)
    assert dict(number.types) == {"int": 1, "null": 1, "double": 1}
    assert number.null_share == pytest.approx(1 / 3)
    assert not number.is_required
    assert types_of(proposal)["n"] == "FloatField"
    assert all(len(one.example) <= 80 for one in proposal.evidence)
    assert "seen 3 of 4" in str(proposal)


async def test_the_proposal_makes_a_model_that_reads_the_documents(database: Database) -> None:
    documents: list[dict[str, Any]] = [
        {
            "name": "Ada",
            "address": {"city": "Rome", "zip": None},
            "lines": [{"n": 1}, {"n": 2}],
            "first-name": "A",
        },
        {"name": "Bob", "address": {"city": "Bonn", "zip": "1"}, "lines": [], "class": "x"},
        {
            "name": "Cy",
            "address": {"city": "Oslo", "zip": "2"},
            "lines": [{"n": 3}],
            "mixed": 1,
            "free": {},
        },
        {
            "name": "Di",
            "address": {"city": "Riga", "zip": None},
            "lines": [],
            "mixed": "x",
            "free": {"a.b": 1},
        },
    ]
    proposal = await infer(database, *documents)
    home = ModelRegistry("made")
    model = home.create_model("User", fields=proposal.fields, meta=proposal.meta)
    metadata = home.get_metadata(model)
    assert metadata.collection == "users"
    assert {name for name, field in metadata.fields.items() if field.required} == {
        "name",
        "address",
        "lines",
    }
    for document in documents:
        stored = model.from_document(document).to_document()
        assert {key: value for key, value in stored.items() if value is not None} == document
    fields: Any = metadata.fields
    assert isinstance(fields["address"], EmbeddedField)
    assert isinstance(fields["lines"], ListField)
    paths = [one.path for one in proposal.evidence]
    assert paths.index("address") < paths.index("address.city") < paths.index("lines")
    assert {"lines.[]", "lines.[].n", "first-name"} <= set(paths)


async def test_what_no_model_can_be_is_remarked(database: Database) -> None:
    proposal = await infer(database, {"_id": "text", "name": "x", "id": 3})
    assert any("_id is of the type str" in remark for remark in proposal.remarks)
    assert any("'id'" in remark for remark in proposal.remarks)
    assert "id" not in proposal.fields


async def test_an_object_of_very_many_keys_is_a_map(database: Database) -> None:
    counts = {f"k{number}": number for number in range(500)}
    proposal = await infer(database, {"counts": counts})
    assert types_of(proposal) == {"counts": "DictField"}


async def test_only_the_sample_is_looked_at(database: Database) -> None:
    # of more than thirty-one, a server that sorts by chance may notice that its order is none
    proposal = await infer(database, *({"n": number} for number in range(30)), sample=10)
    assert proposal.documents == 10
    with pytest.raises(ValueError, match="one document at least"):
        await database.infer_model("users", sample=0)


async def test_an_empty_collection_proposes_nothing(database: Database) -> None:
    proposal = await database.infer_model("nobody")
    assert (proposal.documents, dict(proposal.fields), proposal.evidence) == (0, {}, ())
