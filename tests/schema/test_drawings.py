"""What a graph looks like in SVG and in Mermaid, whatever its models are called."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import (
    ListField,
    ModelRegistry,
    PictureTooLargeError,
    ReferenceField,
    RelationshipGraph,
)
from earnorm.plugins import PluginManager
from earnorm.schema import to_mermaid, to_svg
from tests.model_registry.conftest import define
from tests.schema.graphs import HOSTILE, graphs, made

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "style", "rect", "text", "g", "path", "circle"}
ATTRIBUTES = {
    "aria-label",
    "class",
    "cx",
    "cy",
    "d",
    "fill",
    "height",
    "r",
    "role",
    "rx",
    "stroke",
    "stroke-dasharray",
    "stroke-linejoin",
    "stroke-opacity",
    "stroke-width",
    "text-anchor",
    "transform",
    "viewBox",
    "width",
    "x",
    "y",
}

# All that our Mermaid consists of. In quotes there are letters, digits, a few harmless signs, and entities.
QUOTED = r'"(?:[^\W_]|[ _.,:()\[\]?/+]|#\d+;)+"'
MERMAID = [
    r"flowchart LR",
    rf"  subgraph p\d+\[{QUOTED}\]",
    r"    direction LR",
    rf"    m\d+\[{QUOTED}\]",
    r"  end",
    r"  classDef missing stroke-dasharray: 4 4",
    rf"  x\d+\(\[{QUOTED}\]\):::missing",
    rf"  m\d+ (?:-->|-\.->)\|{QUOTED}\| [mx]\d+",
]
LINE = re.compile("|".join(MERMAID))


@pytest.fixture
def home() -> ModelRegistry:
    registry = ModelRegistry("a test", manager=PluginManager("a test"))
    account = define(registry, "app.users.Account")
    type(
        "Customer",
        (account,),
        {"__module__": "app.users", "__qualname__": "Customer"},
        registry=registry,
    )
    define(
        registry,
        "app.orders.Order",
        customer=ReferenceField("Customer", on_delete="restrict"),
        gifts=ListField(ReferenceField("Gift")),
        note=ReferenceField("Order", required=False),
    )
    return registry


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def entities(mermaid: str) -> str:
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), mermaid)


def test_the_picture_names_packages_models_and_fields(home: ModelRegistry) -> None:
    shown = texts(to_svg(home.graph()))

    assert shown[0] == "3 models, 4 relationships"
    for text in (
        "app.users",
        "Order",
        "customer",
        "restrict",
        "gifts[]",
        "note?",
        "inherits",
        "Gift",
    ):
        assert text in shown
    assert "not registered" in shown


def test_a_picture_can_have_a_title_of_its_own(home: ModelRegistry) -> None:
    assert texts(to_svg(home.graph(), title="The <shop>"))[0] == "The <shop>"


def test_an_edge_tells_in_full_what_it_connects(home: ModelRegistry) -> None:
    root = ET.fromstring(to_svg(home.graph()))
    titles = {element.text for element in root.iter(f"{SVG}title")}

    assert "app.orders.Order.customer → app.users.Customer" in titles
    assert "app.users.Customer → app.users.Account" in titles


def test_what_a_child_inherits_is_drawn_once(home: ModelRegistry) -> None:
    parent = home.get_model("Order")
    type(
        "Gift",
        (parent,),
        {"__module__": "app.orders", "__qualname__": "Gift"},
        registry=home,
    )

    assert texts(to_svg(home.graph())).count("customer") == 1
    assert texts(to_svg(home.graph().subgraph(models=["Gift", "Customer"]))).count("customer") == 1


def test_mermaid_has_a_subgraph_for_each_package(home: ModelRegistry) -> None:
    define(home, "shop.Shelf")

    assert to_mermaid(home.graph()).splitlines() == [
        "flowchart LR",
        '  subgraph p0["app"]',
        "    direction LR",
        '    m0["Order"]',
        '    m1["Account"]',
        '    m2["Customer"]',
        "  end",
        '  subgraph p1["shop"]',
        "    direction LR",
        '    m3["Shelf"]',
        "  end",
        "  classDef missing stroke-dasharray: 4 4",
        '  x0(["Gift (not registered)"]):::missing',
        '  m0 -->|"customer"| m2',
        '  m0 -.->|"gifts[]"| x0',
        '  m0 -->|"note?"| m0',
        '  m2 -.->|"inherits"| m1',
    ]


def test_models_of_one_package_are_told_apart_by_module(home: ModelRegistry) -> None:
    lines = to_mermaid(home.graph().subgraph(packages=["app"])).splitlines()

    assert [line for line in lines if "subgraph" in line] == [
        '  subgraph p0["app.orders"]',
        '  subgraph p1["app.users"]',
    ]


def test_a_graph_without_models_can_be_drawn() -> None:
    empty = RelationshipGraph(nodes=(), edges=())

    assert to_mermaid(empty) == "flowchart LR\n"
    assert texts(to_svg(empty))[0] == "0 models, 0 relationships"


def test_a_graph_that_nobody_could_read_is_refused() -> None:
    large = made([("app", f"M{n}") for n in range(1001)], [])

    with pytest.raises(PictureTooLargeError, match=r"1001 models.*subgraph") as refused:
        to_svg(large)

    assert (refused.value.models, refused.value.most) == (1001, 1000)


def check(graph: RelationshipGraph) -> None:
    """Fails when a name is anything but text in either drawing."""
    root = ET.fromstring(to_svg(graph, title=graph.nodes[0].name))
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES
    drawn = to_mermaid(graph)
    for line in drawn.split("\n")[:-1]:
        assert LINE.fullmatch(line), line
    assert drawn.count("    m") == len(graph.nodes)
    to_svg(graph).encode("utf-8")


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_is_text_and_nothing_else(name: str) -> None:
    check(made([(name, name), ("app", name)], [(0, 1), (1, 1)], missing=[(0, name), (1, name)]))


@settings(deadline=None, max_examples=150)
@given(graphs(st.one_of(st.text(min_size=1, max_size=12), st.sampled_from(HOSTILE))))
def test_any_names_are_text_and_nothing_else(graph: RelationshipGraph) -> None:
    check(graph)


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20))
def test_a_name_that_can_be_printed_is_shown_as_it_is(name: str) -> None:
    graph = made([("app", name)], [])

    assert name in texts(to_svg(graph))
    assert f'"{name}"' in entities(to_mermaid(graph))
