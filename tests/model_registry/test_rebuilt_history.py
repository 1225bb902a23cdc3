"""Whatever becomes of the models of a registry, each of its revisions is built again with the same fingerprints."""

import warnings
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from earnorm import (
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    ModelReplacedWarning,
    ReferenceField,
    StringField,
)


class Address(EmbeddedModel):
    city = StringField()


NAMES = ["Ant", "Bee", "Cat", "Dog"]
FIELDS: list[Any] = [
    lambda other: StringField(max_length=9),
    lambda other: IntegerField(required=False, alias="n"),
    lambda other: ReferenceField(other, required=False),
    lambda other: ListField(ReferenceField(other)),
    lambda other: EmbeddedField(Address),
    lambda other: ListField(EmbeddedField(Address), default_factory=list),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"extra": "forbid"},
    {"revision": True},
    {"plugins": ["timestamp"]},
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "create", "child", "extend", "unregister"]),
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.integers(0, len(FIELDS) - 1),
        st.sampled_from(OPTIONS),
    ),
    max_size=12,
)


def parents(model: Any) -> list[str]:
    return [one.__metadata__.key for one in model.__mro__[1:-1] if hasattr(one, "__metadata__")]


def take(home: ModelRegistry, step: tuple[Any, ...]) -> None:
    """Does one thing to the registry, or nothing where it is refused."""
    what, name, other, number, options = step
    key = f"zoo.{name}"
    fields = {f"field{number}": FIELDS[number](other)}
    # A class whose parent is defined again keeps the old one, of which no document tells.
    if what in ("create", "child") and any(key in parents(one) for one in home.get_all_models()):
        return
    if what == "create":
        home.create_model(name, module="zoo", fields=fields, meta=options)
    elif what == "child" and f"zoo.{other}" in home and name != other:
        home.create_model(
            name, module="zoo", fields=fields, bases=(home.get_model(f"zoo.{other}"),)
        )
    elif what == "extend" and key in home:
        home.extend(key, fields={f"more{number}": IntegerField(default=number)})
    elif what == "unregister" and key in home:
        home.unregister(key, dependents="cascade")


@settings(max_examples=40, deadline=None)
@example(
    steps=[
        ("create", "Cat", "Ant", 0, {}),
        ("child", "Ant", "Cat", 1, {}),
        ("extend", "Cat", "Ant", 2, {}),
    ]
)
@example(
    steps=[
        ("create", "Ant", "Cat", 2, {}),
        ("child", "Cat", "Ant", 0, {}),
        ("unregister", "Cat", "Ant", 0, {}),
    ]
)
@given(steps=STEPS)
def test_every_revision_is_built_again(steps: list[tuple[Any, ...]]) -> None:
    home = ModelRegistry("a test")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelReplacedWarning)
        for step in steps:
            try:
                take(home, step)
            except ModelDefinitionError:
                continue  # a field that is there, a child of a parent that is gone
    for revision in {entry.revision for entry in home.history()}:
        snapshot = home.at(revision)
        made = ModelRegistry.from_snapshot(snapshot)
        assert made.snapshot() == snapshot
        assert made.snapshot().fingerprint == snapshot.fingerprint
