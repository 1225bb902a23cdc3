"""The order of plugins: that of the names, unless a plugin must run later; or an error that says why."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnorm.errors import PluginCompatibilityError, PluginConflictError, PluginOrderError
from earnorm.plugins import PluginInfo, PluginManager
from earnorm.plugins.manifest import ResolvedPlugin, read_manifest
from earnorm.plugins.ordering import incompatibilities, order_plugins, place_plugins


def plugin(name: str, version: str | None = "1.0", **declared: Any) -> ResolvedPlugin:
    info = PluginInfo(name=name, distribution=version and f"dist-{name}", version=version)
    thing = type(name, (), declared)()
    return ResolvedPlugin(
        info=info, manifest=read_manifest(thing, info), plugin=thing, implementations={}
    )


def names(plugins: Any) -> list[str]:
    return [one.name for one in plugins]


def check(plugins: list[ResolvedPlugin], *, model: str) -> None:
    for fault in incompatibilities(plugins, model=model):
        raise fault


def test_the_order_is_that_of_the_names() -> None:
    assert names(order_plugins([plugin("b"), plugin("a")], model="M")) == ["b", "a"]


def test_a_plugin_runs_after_what_it_asks_for_and_the_others_stay() -> None:
    plugins = [plugin("a", after=["c"]), plugin("b"), plugin("c"), plugin("d")]
    assert names(order_plugins(plugins, model="M")) == ["b", "c", "a", "d"]


def test_what_is_required_runs_first() -> None:
    plugins = [plugin("audit", requires={"timestamp": ">=1"}), plugin("timestamp")]
    assert names(order_plugins(plugins, model="M")) == ["timestamp", "audit"]


def test_after_a_plugin_that_is_not_enabled_means_nothing() -> None:
    assert names(order_plugins([plugin("a", after=["elsewhere"]), plugin("b")], model="M")) == [
        "a",
        "b",
    ]


def test_a_cycle_is_printed() -> None:
    plugins = [
        plugin("x"),
        plugin("a", after=["b"]),
        plugin("b", after=["c"]),
        plugin("c", after=["a"]),
    ]
    with pytest.raises(PluginOrderError, match="a -> b -> c -> a") as caught:
        order_plugins(plugins, model="shop.User")
    assert caught.value.cycle == ("a", "b", "c")
    assert "shop.User" in str(caught.value)


NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1)


PAIRS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=12)


@given(NAMES, PAIRS, PAIRS)
def test_any_constraints_give_the_documented_order_or_a_shortest_cycle(
    named: list[str], afters: list[tuple[str, str]], befores: list[tuple[str, str]]
) -> None:
    plugins = [
        plugin(
            name,
            after=sorted({first for first, then in afters if then == name}),
            before=sorted({then for first, then in befores if first == name}),
        )
        for name in named
    ]
    earlier = {
        name: {first for first, then in afters + befores if then == name} & set(named)
        for name in named
    }
    try:
        ordered = names(order_plugins(plugins, model="M"))
    except PluginOrderError as error:
        ring = [*error.cycle, error.cycle[0]]
        assert all(first in earlier[then] for then, first in pairwise(ring))
        assert len(ring) - 1 == shortest_cycle(earlier)
        return
    assert sorted(ordered) == sorted(named)
    for position, name in enumerate(ordered):
        placed = set(ordered[:position])
        assert earlier[name] <= placed
        ready = [other for other in named if other not in placed and earlier[other] <= placed]
        assert name == ready[0]


Constraints = list[tuple[str, str, str]]  # who declares it, in which attribute, about whom

CONSTRAINTS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(["requires", "after", "before"]),
        st.sampled_from("abcdefgh"),  # some that are not enabled
    ),
    max_size=8,
    unique=True,
)


def declaring(named: list[str], constraints: Constraints) -> list[ResolvedPlugin]:
    """Plugins of these names that declare these constraints."""

    def declared(name: str, attribute: str) -> list[str]:
        return [other for by, what, other in constraints if (by, what) == (name, attribute)]

    return [
        plugin(
            name,
            requires=dict.fromkeys(declared(name, "requires"), ""),
            after=declared(name, "after"),
            before=declared(name, "before"),
        )
        for name in named
    ]


@given(st.permutations("abcdef"), CONSTRAINTS)
def test_the_reasons_of_an_order_are_true(named: list[str], constraints: Constraints) -> None:
    plugins = declaring(named, constraints)
    try:
        ordered = names(order_plugins(plugins, model="M"))
    except PluginOrderError:
        with pytest.raises(PluginOrderError):
            place_plugins(plugins, model="M")
        return
    placements = place_plugins(plugins, model="M")

    assert [placement.plugin.name for placement in placements] == ordered
    assert [placement.previous for placement in placements] == [None, *ordered[:-1]]
    told = [constraint for placement in placements for constraint in placement.constraints]
    assert {
        (one.declared_by, one.attribute, one.earlier if one.later == one.declared_by else one.later)
        for one in told
    } == {constraint for constraint in constraints if constraint[2] in named}
    assert all(ordered.index(one.earlier) < ordered.index(one.later) for one in told)
    for placement in placements:
        name, previous = placement.plugin.name, placement.previous
        assert all(constraint.later == name for constraint in placement.constraints)
        if previous is None:
            assert placement.constraints == ()
            assert placement.is_as_given == (name == named[0])
            waiting = named[: named.index(name)]
            assert all(any(one.later == other for one in told) for other in waiting)
            continue
        assert placement.is_as_given == (named.index(previous) < named.index(name))
        between = [one for one in placement.constraints if one.earlier == previous]
        if not placement.is_as_given:
            assert between


@given(st.permutations("abcdef"), CONSTRAINTS)
def test_without_the_constraint_that_is_the_reason_the_order_is_another(
    named: list[str], constraints: Constraints
) -> None:
    try:
        placements = place_plugins(declaring(named, constraints), model="M")
    except PluginOrderError:
        return
    ordered = [placement.plugin.name for placement in placements]
    for placement in placements:
        if placement.is_as_given or placement.previous is None:
            continue
        pair = {placement.plugin.name, placement.previous}
        left = [one for one in constraints if {one[0], one[2]} != pair]
        assert names(order_plugins(declaring(named, left), model="M")) != ordered


def shortest_cycle(earlier: dict[str, set[str]]) -> int:
    """Its length: how often one has to go back until a plugin is reached from itself."""
    reached = {name: set(others) for name, others in earlier.items()}
    length = 1
    while not any(name in others for name, others in reached.items()):
        reached = {
            name: {further for other in others for further in earlier[other]}
            for name, others in reached.items()
        }
        length += 1
    return length


def test_a_requirement_of_another_version_is_refused() -> None:
    plugins = [plugin("audit", requires={"timestamp": ">=2"}), plugin("timestamp", "1.4")]
    with pytest.raises(
        PluginCompatibilityError, match=r"requires 'timestamp' >=2, and dist-timestamp 1\.4 is"
    ):
        check(plugins, model="M")


def test_a_plugin_of_this_process_has_no_version_and_satisfies_every_range() -> None:
    check([plugin("audit", requires={"t": ">=2"}), plugin("t", None)], model="M")


def test_plugins_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(PluginConflictError, match="'a'.*and 'b'.*cannot be enabled together"):
        check([plugin("a", conflicts=["b"]), plugin("b")], model="M")


def test_a_plugin_for_another_core_is_refused() -> None:
    with pytest.raises(
        PluginCompatibilityError, match="knows the core API >=2, and this EarnORM has 1"
    ):
        check([plugin("future", api=">=2")], model="M")


def test_a_model_that_names_a_plugin_twice_has_it_once() -> None:
    manager = PluginManager("a test")
    manager.register("a", type("A", (), {}))
    assert names(manager.resolve(["a", "a"], model="M").plugins) == ["a"]
