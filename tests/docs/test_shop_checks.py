"""The shop is without a fault, and two planted ones of each kind are found, each with what to do about it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.docs.shop_process import EXAMPLES, run_beside_shop

pytestmark = pytest.mark.once

CHECK = """
import json
from dataclasses import asdict
from earnorm import registry
print(json.dumps([asdict(one) for one in registry.check()]))
"""

DISCOVER = "from earnorm import registry; registry.discover('shop')\n"

PLANTED = """
import warnings
from earnorm import (
    BaseModel, IntegerField, ListField, ModelRegistry, ReferenceField, StringField, UniqueValidator, registry
)
from shop.catalogue.product import Product

warnings.simplefilter("ignore")

def plant(key, **namespace):
    module, _, name = key.rpartition(".")
    options = {"collection": key.lower(), **namespace.pop("meta", {})}
    namespace |= {"__module__": module, "__qualname__": name, "Meta": type("Meta", (), options)}
    return type(name, (BaseModel,), namespace, registry=namespace.pop("registry", registry))

def linked():
    return ReferenceField(Product)

def required():
    return {"product": linked()}

# R001, R002, R003
plant("shop.planted.Wish", product=ReferenceField("Prodct"), friends=ListField(ReferenceField("Friend")))
plant("erp.Product", **required())
plant("erp.Order", **required())
plant("planted.Ambiguous", product=ReferenceField("Product"), orders=ListField(ReferenceField("Order")))
elsewhere = ModelRegistry("elsewhere")
alien = plant("elsewhere.Alien", registry=elsewhere)
gone = plant("shop.planted.Gone", **required())
plant("shop.planted.Dangling", alien=ReferenceField(alien), gone=ReferenceField("Gone"))
registry.unregister(gone)
# R004
plant("shop.planted.Hen", egg=ReferenceField("Egg"))
plant("shop.planted.Egg", hen=ReferenceField("Hen"))
plant("shop.planted.Node", above=ReferenceField("Node"))
# N001, N002
plant("shop.planted.Log", meta={"collection": "earnorm_log"}, **required())
plant("shop.planted.Note", meta={"collection": "earnorm_note"}, **required())
plant("shop.planted.Hidden", a=StringField(alias="_a"), b=StringField(alias="_b"), **required())
# C001, C002
plant("shop.planted.Twin", meta={"collection": "orders"}, number=IntegerField(), state=IntegerField(), **required())
plant("shop.planted.Double", meta={"collection": "products"}, **required())
# I001, I002
plant("shop.planted.Shelf", a=StringField(), b=StringField(), c=StringField(), **required(), meta={
    "indexes": [{"fields": ["a"]}, {"fields": ["a", "b"]}, {"fields": ["a", "b", "c"]}],
    "validators": [UniqueValidator("b"), UniqueValidator("c")],
})
# P003
@registry.plugin("unsure")
class Unsure:
    def check_model(self, model):
        raise RuntimeError("no idea")

for name in ("Unsure", "Unsurer"):
    plant(f"shop.planted.{name}", **required(), meta={"plugins": ["unsure"]})
# P001, P002
for name in ("old", "older"):
    registry.plugin(name)(type(name, (), {"deprecated": "Use timestamp."}))
    plant(f"shop.planted.Uses{name}", meta={"plugins": [name]}, **required())
plant("shop.planted.Open", meta={"plugins": ["open_one", "open_two"]}, **required())
# U001
plant("shop.planted.Alone")
plant("shop.planted.Alonely")
"""


def findings(tmp_path: Path, *, planted: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        run_beside_shop("-c", f"{DISCOVER}{planted}{CHECK}", site=tmp_path)
    )
    return found


def install(site: Path, name: str) -> None:
    """Makes a distribution look installed whose plugin says that any core will do, from 1 on."""
    folder = site / f"{name}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8"
    )
    (folder / "entry_points.txt").write_text(f"[earnorm.plugins]\n{name} = {name}:Open\n", "utf-8")
    (site / f"{name}.py").write_text('class Open:\n    api = ">=1"\n', "utf-8")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    site = tmp_path_factory.mktemp("site")
    for name in ("open_one", "open_two"):
        install(site, name)
    by_id: dict[str, list[dict[str, Any]]] = {}
    for finding in findings(site, planted=PLANTED):
        by_id.setdefault(finding["id"].removeprefix("earnorm."), []).append(finding)
    return by_id


def test_the_shop_is_without_a_fault(tmp_path: Path) -> None:
    assert findings(tmp_path) == []


@pytest.mark.parametrize(
    ("check", "level", "subjects", "hint"),
    [
        ("R001", "error", ["Wish.friends", "Wish.product"], "mend the name"),
        ("R002", "error", ["Ambiguous.orders", "Ambiguous.product"], "Write the key"),
        ("R003", "error", ["Dangling.alien", "Dangling.gone"], "Register that model here"),
        ("R004", "warning", ["Egg.hen", "Node.above"], "required=False"),
        ("N001", "error", ["Log", "Note"], "another Meta.collection"),
        ("N002", "warning", ["Hidden.a", "Hidden.b"], "alias without the underscore"),
        ("N003", "info", ["Order", "Product"], "Refer to them by their keys"),
        ("C001", "error", ["Twin.number", "Twin.state"], "one type"),
        ("C002", "warning", ["Double", "Twin"], "inherit one model"),
        ("I001", "warning", ["Shelf.a", "Shelf.a"], "every write has to keep it up"),
        ("I002", "warning", ["Shelf.b", "Shelf.c"], "'unique': True"),
        ("P001", "warning", ["Usesold", "Usesolder"], "Use timestamp."),
        ("P002", "info", ["Open", "Open"], "pin its version"),
        ("P003", "error", ["Unsure", "Unsurer"], "Mend the plugin"),
        ("U001", "info", ["Alone", "Alonely"], "silence this check"),
    ],
)
def test_two_planted_faults_are_found_with_their_hint(
    planted: dict[str, list[dict[str, Any]]],
    check: str,
    level: str,
    subjects: list[str],
    hint: str,
) -> None:
    found = planted[check]
    assert [_bare(one) for one in found] == subjects
    assert {one["level"] for one in found} == {level}
    assert all(hint in one["hint"] for one in found)


def test_every_kind_of_check_has_its_planted_faults(
    planted: dict[str, list[dict[str, Any]]],
) -> None:
    page = (EXAMPLES.parent / "guide" / "registry-checks.md").read_text("utf-8")
    told = {row.split("`")[1] for row in page.splitlines() if row.startswith("| `earnorm.")}
    assert {one.removeprefix("earnorm.") for one in told if ".D" not in one} == planted.keys()


def _bare(finding: dict[str, Any]) -> str:
    model = finding["model"].rpartition(".")[2]
    return f"{model}.{finding['field']}" if finding["field"] else model
