"""The graph of relationships: who points at whom, in which order, and in which circles."""

import dataclasses
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnorm import (
    AmbiguousModelError,
    BaseModel,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    GraphEdge,
    GraphNode,
    ListField,
    ModelRegistry,
    ReferenceField,
    RelationshipGraph,
    TupleField,
    UnknownModelError,
    UnknownPackageError,
)
from tests.model_registry.conftest import define


@pytest.fixture
def shop(home: ModelRegistry) -> ModelRegistry:
    """Two packages; `Line` is embedded, `Customer` inherits `Account`."""

    class Line(EmbeddedModel, registry=home):
        product = ReferenceField("Product", on_delete="restrict")

    account = define(home, "shop.users.account.Account")
    type(
        "Customer",
        (account,),
        {
            "__module__": "shop.users.customer",
            "__qualname__": "Customer",
            "friend": ReferenceField("Customer", required=False),
        },
        registry=home,
    )
    define(home, "shop.orders.product.Product")
    define(
        home,
        "shop.orders.order.Order",
        customer=ReferenceField("Customer", on_delete="cascade"),
        lines=ListField(EmbeddedField(Line)),
        offers=ListField(ReferenceField("Product")),
        by_day=DictField(ReferenceField("Product")),
        pair=TupleField(ReferenceField("Product"), ReferenceField("Product")),
        coupon=ReferenceField("Coupon", required=False),
    )
    return home


def names(nodes: tuple[GraphNode, ...]) -> list[str]:
    return [node.name for node in nodes]


def test_an_edge_says_how_a_model_points_at_another(shop: ModelRegistry) -> None:
    edges = {
        edge.field: (edge.kind, edge.cardinality, edge.required, edge.on_delete)
        for edge in shop.graph().edges_from("Order")
    }

    assert edges == {
        "customer": ("reference", "one", True, "cascade"),
        "lines.product": ("embedded", "many", True, "restrict"),
        "offers": ("list", "many", True, "none"),
        "by_day": ("list", "many", True, "none"),
        "pair.0": ("list", "many", True, "none"),
        "pair.1": ("list", "many", True, "none"),
        "coupon": ("reference", "one", False, "none"),
    }


def test_a_child_of_a_concrete_model_points_at_its_parent(shop: ModelRegistry) -> None:
    inheritance, friend = shop.graph().edges_from("Customer")

    assert (inheritance.kind, inheritance.field) == ("inheritance", None)
    assert inheritance.target == "shop.users.account.Account"
    assert (friend.kind, friend.is_inherited) == ("reference", False)


def test_what_a_child_inherits_is_told_apart_from_what_it_declares(home: ModelRegistry) -> None:
    define(home, "app.Owner")
    animal = define(home, "app.Animal", owner=ReferenceField("Owner"))
    type(
        "Dog",
        (animal,),
        {"__module__": "app", "__qualname__": "Dog", "walker": ReferenceField("Owner")},
        registry=home,
    )

    found = {edge.field: edge.is_inherited for edge in home.graph().edges_from("Dog")}

    assert found == {None: False, "owner": True, "walker": False}


def test_a_node_knows_where_its_model_lies(shop: ModelRegistry) -> None:
    node = shop.graph().node("Order")

    assert dataclasses.asdict(node) == {
        "key": "shop.orders.order.Order",
        "name": "Order",
        "module": "shop.orders.order",
        "package": "shop.orders",
        "collection": "shop.orders.order.Order",
    }


def test_a_model_is_found_by_class_node_key_and_name(shop: ModelRegistry) -> None:
    graph = shop.graph()
    node = graph.node("shop.orders.order.Order")

    assert graph.node(shop.get_model("Order")) is node
    assert graph.node(node) is node
    assert graph.node("Order") is node
    assert "shop.orders.order.Order" in graph
    assert shop.get_model("Order") in graph
    with pytest.raises(UnknownModelError, match="Did you mean"):
        graph.node("Ordr")


def test_a_name_that_fits_several_models_is_refused(home: ModelRegistry) -> None:
    define(home, "one.User")
    define(home, "two.User")

    with pytest.raises(AmbiguousModelError):
        home.graph().dependents("User")


def test_pending_and_ambiguous_edges_are_shown_and_lead_nowhere(home: ModelRegistry) -> None:
    define(home, "one.User")
    define(home, "two.User")
    define(home, "app.Order", user=ReferenceField("User"), coupon=ReferenceField("Coupon"))
    graph = home.graph()
    user, coupon = graph.edges_from("Order")

    assert (user.target, user.candidates) == ("User", ("one.User", "two.User"))
    assert (coupon.target, coupon.pending) == ("Coupon", True)
    assert not user.is_resolved
    assert not coupon.is_resolved
    assert graph.references("Order", transitive=True) == ()
    assert graph.dependents("one.User") == ()


def test_direct_answers_are_those_of_the_registry(shop: ModelRegistry) -> None:
    graph = shop.graph()

    assert names(graph.references("Order")) == ["Customer", "Product"]
    assert [model.__name__ for model in shop.get_references("Order")] == ["Customer", "Product"]
    assert names(graph.dependents("Product")) == ["Order"]
    assert names(graph.dependents("Customer")) == ["Order", "Customer"]


def test_a_chain_is_followed_nearest_first(shop: ModelRegistry) -> None:
    graph = shop.graph()

    assert names(graph.references("Order", transitive=True)) == ["Customer", "Product", "Account"]
    assert names(graph.dependents("Account", transitive=True)) == ["Customer", "Order"]


def test_what_is_pointed_at_comes_first(shop: ModelRegistry) -> None:
    assert names(shop.graph().order()) == ["Account", "Customer", "Product", "Order"]


def test_the_order_does_not_depend_on_that_of_registration(home: ModelRegistry) -> None:
    models = [
        define(home, "app.B", a=ReferenceField("A")),
        define(home, "app.A"),
        define(home, "app.C"),
    ]
    other = ModelRegistry()
    other.register_many(models[::-1])

    assert other.graph() == home.graph()
    assert names(other.graph().order()) == ["A", "B", "C"]


def test_a_cycle_is_told_with_its_edges(home: ModelRegistry) -> None:
    define(home, "app.Customer", address=ReferenceField("Address", required=False))
    define(home, "app.Address", customer=ReferenceField("Customer"))
    define(home, "app.Category", parent=ReferenceField("Category", required=False))
    define(home, "app.Order", customer=ReferenceField("Customer"))

    first, second = home.graph().cycles()

    assert names(first.nodes) == ["Address", "Customer"]
    assert [edge.name for edge in first.edges] == ["app.Address.customer", "app.Customer.address"]
    assert [edge.name for edge in second.edges] == ["app.Category.parent"]


def test_a_graph_does_not_change_when_the_registry_does(shop: ModelRegistry) -> None:
    before = shop.graph()
    shop.unregister("Product")

    assert "shop.orders.product.Product" in before
    assert all(edge.pending for edge in shop.graph().edges_from("Order")[1:])
    with pytest.raises(dataclasses.FrozenInstanceError):
        before.nodes = ()  # type: ignore[misc]


def test_a_graph_can_be_sent_to_another_process(shop: ModelRegistry) -> None:
    graph = shop.graph()
    sent = pickle.loads(pickle.dumps(graph))

    assert sent == graph
    assert names(sent.order()) == names(graph.order())


def test_a_part_has_the_models_that_were_asked_for(shop: ModelRegistry) -> None:
    graph = shop.graph()

    assert names(graph.subgraph(packages=["shop.users"]).nodes) == ["Account", "Customer"]
    assert names(graph.subgraph(packages=["shop"]).nodes) == names(graph.nodes)
    assert names(graph.subgraph(models=["Order", "Product"]).nodes) == ["Order", "Product"]
    assert names(graph.subgraph(around="Customer").nodes) == ["Order", "Account", "Customer"]
    assert names(graph.subgraph(around="Account", depth=2).nodes) == [
        "Order",
        "Account",
        "Customer",
    ]
    assert names(graph.subgraph(around="Order", depth=0).nodes) == ["Order"]
    assert names(graph.subgraph(around="Order", packages=["shop.users"]).nodes) == ["Customer"]


def test_a_part_keeps_pending_edges_and_loses_those_that_lead_out(shop: ModelRegistry) -> None:
    part = shop.graph().subgraph(models=["Order"])

    assert [edge.field for edge in part.edges] == ["coupon"]


def test_a_misspelt_package_is_refused(shop: ModelRegistry) -> None:
    with pytest.raises(UnknownPackageError, match=r"Did you mean 'shop\.orders'") as refused:
        shop.graph().subgraph(packages=["shop.ordrs"])

    assert refused.value.name == "shop.ordrs"


def test_a_negative_depth_is_refused(shop: ModelRegistry) -> None:
    with pytest.raises(ValueError, match="depth=-1"):
        shop.graph().subgraph(around="Order", depth=-1)


def test_ten_thousand_models_in_a_row_exhaust_no_stack() -> None:
    size = 10_000
    graph = made([(n, n + 1) for n in range(size - 1)], size)

    assert [node.key for node in graph.order()] == [key(n) for n in reversed(range(size))]
    assert graph.cycles() == ()
    assert len(graph.dependents(key(size - 1), transitive=True)) == size - 1
    ring = made([(n, (n + 1) % size) for n in range(size)], size)
    (cycle,) = ring.cycles()
    assert len(cycle.nodes) == len(cycle.edges) == size


# --- any graph ---


def key(number: int) -> str:
    return f"app.M{number:05}"


def made(pairs: list[tuple[int, int]], size: int) -> RelationshipGraph:
    nodes = tuple(
        GraphNode(
            key=key(n), name=f"M{n:05}", module="app", package="app", collection=f"collection_{n}"
        )
        for n in range(size)
    )
    edges = tuple(
        GraphEdge(
            source=key(one),
            field=f"f{n}",
            target=key(other),
            kind="reference",
            many=False,
            required=True,
        )
        for n, (one, other) in enumerate(sorted(pairs))
    )
    return RelationshipGraph(nodes=nodes, edges=edges)


SIZE = 9
numbers = st.integers(0, SIZE - 1)
graphs = st.lists(st.tuples(numbers, numbers), max_size=20).map(lambda pairs: made(pairs, SIZE))


def closure(graph: RelationshipGraph) -> dict[str, set[str]]:
    """What each model leads to, found by adding until nothing is added (Warshall)."""
    reached = {node.key: {edge.target for edge in graph.edges_from(node)} for node in graph.nodes}
    for middle, beyond in reached.items():
        for targets in reached.values():
            if middle in targets:
                targets.update(beyond)
    return reached


@given(graphs)
def test_transitive_answers_are_the_closure(graph: RelationshipGraph) -> None:
    reached = closure(graph)

    for node in graph.nodes:
        forward = {one.key for one in graph.references(node, transitive=True)}
        backward = {one.key for one in graph.dependents(node, transitive=True)}
        assert forward == reached[node.key]
        assert backward == {one for one, targets in reached.items() if node.key in targets}


@given(graphs)
def test_the_order_respects_every_edge_outside_of_cycles(graph: RelationshipGraph) -> None:
    order = [node.key for node in graph.order()]
    reached = closure(graph)

    assert sorted(order) == [node.key for node in graph.nodes]
    for edge in graph.edges:
        if edge.source not in reached[edge.target]:
            assert order.index(edge.target) < order.index(edge.source)


@given(graphs)
def test_cycles_are_the_models_that_reach_each_other(graph: RelationshipGraph) -> None:
    reached = closure(graph)
    expected = {
        frozenset(other for other in reached[one] if one in reached[other])
        for one in reached
        if one in reached[one]
    }
    cycles = graph.cycles()
    order = [node.key for node in graph.order()]

    assert {frozenset(node.key for node in cycle.nodes) for cycle in cycles} == expected
    for cycle in cycles:
        keys = [node.key for node in cycle.nodes]
        start = order.index(keys[0])
        assert order[start : start + len(keys)] == keys
        for edge in cycle.edges:
            assert {edge.source, edge.target} <= set(keys)


@given(graphs, st.sets(numbers))
def test_a_part_has_exactly_the_edges_between_its_models(
    graph: RelationshipGraph, chosen: set[int]
) -> None:
    keys = {key(n) for n in chosen}
    part = graph.subgraph(models=keys)

    assert {node.key for node in part.nodes} == keys
    assert set(part.edges) == {
        edge for edge in graph.edges if edge.source in keys and edge.target in keys
    }


def test_models_of_functions_are_in_the_graph_while_they_live() -> None:
    home = ModelRegistry()

    class Local(BaseModel, registry=home):
        pass

    assert names(home.graph().nodes) == ["Local"]
    assert Local in home.graph()
