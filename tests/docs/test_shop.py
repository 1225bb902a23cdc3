"""The shop of the documentation: forty models over six packages, found in one call and without a fault."""

import json
from typing import Any

import pytest

from tests.docs.shop_process import EXAMPLES, run_beside_shop

pytestmark = pytest.mark.once

DISCOVER = """
import json
from earnorm import UniqueValidator, registry

found = registry.discover("shop")
print(json.dumps([
    {
        "key": model.__metadata__.key,
        "collection": model.__metadata__.collection,
        "root": model.__metadata__.root,
        "documented": bool(vars(model).get("__doc__")),
        "unbacked": [
            one.fields
            for one in model.__metadata__.validators
            if isinstance(one, UniqueValidator) and not model.__metadata__.has_index_behind(one)
        ],
        "indexes": [index.fields for index in model.__metadata__.indexes],
        "references": [
            {"field": one.field, "on_delete": one.on_delete, "target": one.target}
            for one in registry.get_relationships(model)
        ],
        "unresolved": [
            one.field
            for one in registry.get_relationships(model)
            if one.pending or one.candidates
        ],
    }
    for model in found
]))
"""


REBUILD = """
import json
from earnorm import ModelRegistry, registry
from earnorm.metadata import ModelDocument, Snapshot

registry.discover("shop")
snapshot = registry.snapshot()
read = {key: ModelDocument(document.text) for key, document in snapshot.documents.items()}
again = ModelRegistry.from_snapshot(Snapshot.of(snapshot.revision, read), imports=["shop"])
print(json.dumps([
    {key: one.fingerprint for key, one in made.snapshot().documents.items()}
    for made in (registry, again)
]))
"""


@pytest.fixture(scope="module")
def models() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run_beside_shop("-c", DISCOVER))
    return found


def test_one_call_discovers_forty_models_of_six_packages(models: list[dict[str, Any]]) -> None:
    assert len(models) == 40
    assert {model["key"].split(".")[1] for model in models} == {
        "users",
        "catalogue",
        "orders",
        "payments",
        "shipping",
        "support",
    }
    assert all(model["documented"] for model in models)


def test_every_reference_of_the_shop_finds_its_model(models: list[dict[str, Any]]) -> None:
    assert {model["key"]: model["unresolved"] for model in models if model["unresolved"]} == {}


def test_models_share_a_collection_only_with_what_they_inherit(
    models: list[dict[str, Any]],
) -> None:
    roots = [model["collection"] for model in models if model["root"] is None]

    assert len(set(roots)) == len(roots) == 36


def test_what_the_shop_declares_unique_has_its_index(models: list[dict[str, Any]]) -> None:
    assert {model["key"] for model in models if model["unbacked"]} == set()


def test_no_index_of_the_shop_makes_another_useless(models: list[dict[str, Any]]) -> None:
    for model in models:
        indexes = model["indexes"]
        for index in indexes:
            longer = [one for one in indexes if one != index and one[: len(index)] == index]
            assert longer == [], model["key"]


def test_every_rule_of_the_shop_has_an_index_to_look_with(models: list[dict[str, Any]]) -> None:
    for model in models:
        first = {index[0][0] for index in model["indexes"]}
        ruled = {one["field"] for one in model["references"] if one["on_delete"] != "none"}
        assert ruled <= first, model["key"]


def test_the_models_are_built_again_from_their_documents_with_the_same_fingerprints() -> None:
    first, again = json.loads(run_beside_shop("-c", REBUILD))

    assert len(first) == 40
    assert again == first


def test_the_picture_in_the_guide_is_that_of_the_shop() -> None:
    program = (
        "import sys; from earnorm import registry; from earnorm.schema import to_svg;"
        "registry.discover('shop'); sys.stdout.write(to_svg(registry.graph(), title='The shop'))"
    )
    shown = EXAMPLES.parent / "guide" / "registry-graph.svg"

    assert run_beside_shop("-c", program) == shown.read_text("utf-8")


def test_an_order_is_placed_and_loaded_again() -> None:
    assert run_beside_shop("buying.py") == (
        "2026-000001: 2 × Engine for Ada Lovelace, 39.80 EUR\n1 order of 40 models\n"
    )
