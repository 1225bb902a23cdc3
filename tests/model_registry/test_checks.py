"""What `registry.check()` finds, and with which hint: two planted faults for each kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    EmailField,
    Finding,
    IntegerField,
    ListField,
    ModelRegistry,
    PluginDefinitionError,
    ReferenceField,
    StringField,
    UnbackedUniqueWarning,
    UniqueValidator,
)
from earnorm.plugins import PluginManager
from tests.model_registry.conftest import define, define_plain


def of(home: ModelRegistry, id: str) -> list[Finding]:
    return [one for one in home.check() if one.id == f"earnorm.{id}"]


def told(home: ModelRegistry, id: str) -> list[tuple[str | None, str | None]]:
    return [(one.model, one.field) for one in of(home, id)]


def meta(**options: Any) -> type:
    return type("Meta", (), options)


def test_models_without_a_fault_give_no_finding(home: ModelRegistry) -> None:
    define(home, "shop.User", email=EmailField())
    define(home, "shop.Order", user=ReferenceField("User"))
    assert home.check() == []


def test_a_reference_that_no_model_answers_is_told_with_the_name_that_is_near(
    home: ModelRegistry,
) -> None:
    define(home, "shop.User")
    define(home, "shop.Order", user=ReferenceField("Usr"), items=ListField(ReferenceField("Thing")))
    found = of(home, "R001")
    assert [(one.model, one.field, one.level) for one in found] == [
        ("shop.Order", "items", "error"),
        ("shop.Order", "user", "error"),
    ]
    assert "'Thing'" in found[0].message
    assert "Did you mean 'User'?" in (found[1].hint or "")


def test_an_ambiguous_reference_is_told_with_the_key_to_write(home: ModelRegistry) -> None:
    define(home, "shop.users.User")
    define(home, "crm.User")
    define(
        home, "desk.Order", user=ReferenceField("User"), buyers=ListField(ReferenceField("User"))
    )
    assert told(home, "R002") == [("desk.Order", "buyers"), ("desk.Order", "user")]
    assert "ReferenceField('crm.User')" in (of(home, "R002")[0].hint or "")


def test_a_reference_to_a_model_of_another_registry_dangles(home: ModelRegistry) -> None:
    other = ModelRegistry("the other one", manager=PluginManager("the other one"))
    user = define(other, "crm.User")
    define(home, "shop.Order", user=ReferenceField(user))
    (finding,) = of(home, "R003")
    assert (finding.model, finding.field) == ("shop.Order", "user")
    assert "registered on the other one" in finding.message
    assert "Register that model here as well" in (finding.hint or "")


def test_a_reference_to_a_model_that_was_unregistered_dangles(home: ModelRegistry) -> None:
    define(home, "shop.User")
    define(home, "shop.Order", user=ReferenceField("User"))
    home.unregister("User")
    assert told(home, "R003") == [("shop.Order", "user")]
    assert told(home, "R001") == []


def test_circles_of_required_references_are_told_once_each(home: ModelRegistry) -> None:
    define(home, "shop.Hen", egg=ReferenceField("Egg"))
    define(home, "shop.Egg", hen=ReferenceField("Hen"))
    define(home, "shop.Node", above=ReferenceField("Node"))
    define(home, "shop.Tree", above=ReferenceField("Tree", required=False))
    define(home, "shop.Club", members=ListField(ReferenceField("Club")))
    assert told(home, "R004") == [("shop.Egg", "hen"), ("shop.Node", "above")]
    assert "shop.Hen.egg" in of(home, "R004")[0].message
    assert "required=False" in (of(home, "R004")[0].hint or "")


def test_collections_and_stored_names_of_ours_are_reserved(home: ModelRegistry) -> None:
    define_plain(home, "shop.Log", _collection="earnorm_registry")
    define_plain(home, "shop.Note", _collection="earnorm_notes")
    define(home, "shop.A", kind=StringField(alias="_kind"), rank=IntegerField(alias="_rank"))
    assert told(home, "N001") == [("shop.Log", None), ("shop.Note", None)]
    assert told(home, "N002") == [("shop.A", "kind"), ("shop.A", "rank")]
    assert all("Give it another" in (one.hint or "") for one in of(home, "N001"))


def test_a_bare_name_in_two_packages_is_told_with_both_keys(home: ModelRegistry) -> None:
    for key in ("shop.User", "crm.User", "shop.Order", "erp.Order", "shop.a.Same", "shop.b.Same"):
        define(home, key)
    assert told(home, "N003") == [("crm.User", None), ("erp.Order", None)]
    assert "shop.User" in of(home, "N003")[0].message


def test_fields_of_one_stored_name_and_two_types_clash(home: ModelRegistry) -> None:
    define_plain(
        home,
        "shop.Old",
        _collection="things",
        size=StringField(),
        mail=EmailField(),
        rank=StringField(alias="r"),
    )
    define_plain(
        home,
        "shop.New",
        _collection="things",
        size=IntegerField(),
        mail=StringField(),
        place=IntegerField(alias="r"),
    )
    assert told(home, "C001") == [("shop.New", "place"), ("shop.New", "size")]
    assert "shop.Old.rank" in of(home, "C001")[0].message
    assert "another collection" in (of(home, "C001")[0].hint or "")


def test_models_that_nothing_tells_apart_are_told_with_both_origins(home: ModelRegistry) -> None:
    for key in ("shop.A", "shop.B", "shop.C"):
        define_plain(home, key, _collection="shared")
    assert told(home, "C002") == [("shop.B", None), ("shop.C", None)]
    assert "shop.A" in of(home, "C002")[0].message


def test_both_origins_are_told_with_the_distributions_that_ship_them(
    home: ModelRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    for package, field in (("acme_shop", StringField()), ("acme_crm", IntegerField())):
        folder = tmp_path / f"{package}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Name: {package}\nVersion: 1.0\n", "utf-8")
        (folder / "RECORD").write_text(f"{package}.py,,\n", "utf-8")
        (tmp_path / f"{package}.py").touch()
        define_plain(home, f"{package}.User", _collection="users", age=field)
    (clash,) = of(home, "C001")
    assert "users.age (acme_crm 1.0)" in clash.message
    assert "acme_shop.User.age (acme_shop 1.0)" in clash.message
    (shared,) = of(home, "C002")
    assert shared.message.startswith("(acme_crm 1.0) and acme_shop.User (acme_shop 1.0) both want")


def test_an_index_that_is_the_beginning_of_another_is_useless(home: ModelRegistry) -> None:
    indexes = [
        {"fields": [("a", 1)]},
        {"fields": [("a", 1), ("b", 1)]},
        {"fields": [("a", 1), ("b", 1), ("c", 1)]},
        {"fields": [("b", 1)], "unique": True},
        {"fields": [("b", 1), ("c", 1)]},
        {"fields": [("c", 1)], "sparse": True},
        {"fields": [("c", 1), ("a", 1)]},
    ]
    fields = {name: IntegerField() for name in "abc"}
    define(home, "shop.A", Meta=meta(indexes=indexes), **fields)
    found = of(home, "I001")
    assert [one.field for one in found] == ["a", "a"]
    assert "'a_1'" in (found[0].hint or "")
    assert "'a_1_b_1'" in (found[1].hint or "")


def test_a_unique_validator_without_a_unique_index_is_told_with_the_index(
    home: ModelRegistry,
) -> None:
    for name in "AB":
        options = meta(validators=[UniqueValidator("email")])
        with pytest.warns(UnbackedUniqueWarning):
            define(home, f"shop.{name}", Meta=options, email=StringField())
    backed = meta(
        validators=[UniqueValidator("email")], indexes=[{"fields": [("email", 1)], "unique": True}]
    )
    define(home, "shop.C", Meta=backed, email=StringField())
    assert told(home, "I002") == [("shop.A", "email"), ("shop.B", "email")]
    assert "{'fields': [('email', 1)], 'unique': True}" in (of(home, "I002")[0].hint or "")


def test_deprecated_plugins_are_told_with_what_they_say_themselves(home: ModelRegistry) -> None:
    for name in ("slug", "stamp"):
        plugin = type(name.title(), (), {"deprecated": f"Use better-{name}."})
        home.plugin(name)(plugin)
        define(home, f"shop.{name.title()}", Meta=meta(plugins=[name]))
    assert told(home, "P001") == [("shop.Slug", None), ("shop.Stamp", None)]
    assert [one.hint for one in of(home, "P001")] == ["Use better-slug.", "Use better-stamp."]


def test_a_plugin_cannot_be_deprecated_without_a_word(home: ModelRegistry) -> None:
    with pytest.raises(PluginDefinitionError, match="what to use in its place"):
        home.plugin("slug")(type("Slug", (), {"deprecated": True}))


def test_models_that_stand_alone_are_a_fact_and_no_fault(home: ModelRegistry) -> None:
    define(home, "shop.User")
    define(home, "shop.Order", user=ReferenceField("User"))
    for name in ("Old", "Older"):
        define(home, f"shop.{name}")
    assert told(home, "U001") == [("shop.Old", None), ("shop.Older", None)]
    assert {one.level for one in of(home, "U001")} == {"info"}


def test_findings_come_by_level_then_model_then_field(home: ModelRegistry) -> None:
    define(home, "shop.Z", user=ReferenceField("Nobody"), a=StringField(alias="_a"))
    define(home, "shop.B", user=ReferenceField("Nobody"), a=ReferenceField("Nobody"))
    define(home, "shop.A")
    assert [(one.level, one.subject) for one in home.check()] == [
        ("error", "shop.B.a"),
        ("error", "shop.B.user"),
        ("error", "shop.Z.user"),
        ("warning", "shop.Z.a"),
        ("info", "shop.A"),
    ]


def test_a_check_can_be_silenced_once_for_a_registry_or_for_a_model(home: ModelRegistry) -> None:
    define(home, "shop.A", Meta=meta(silenced_checks=["earnorm.U001"]))
    define(home, "shop.B")
    assert [one.model for one in home.check()] == ["shop.B"]
    assert home.check(silenced=["earnorm.U001"]) == []
    home.silenced_checks = frozenset({"earnorm.U001"})
    assert home.check() == []


def test_what_a_model_silences_changes_nothing_of_its_document(home: ModelRegistry) -> None:
    before = home.get_document(define(home, "shop.A")).fingerprint
    with pytest.warns(match="defined again"):
        after = define(home, "shop.A", Meta=meta(silenced_checks=["earnorm.U001"]))
    assert home.get_document(after).fingerprint == before


def test_a_plugin_adds_checks_for_the_models_that_enable_it(home: ModelRegistry) -> None:
    @home.plugin("owned")
    class Owned:
        def check_model(self, model: type[BaseModel]) -> list[Finding]:
            if "owner" in model.__metadata__.fields:
                return []
            key = model.__metadata__.key
            message, hint = "has no owner.", "Add an owner."
            return [Finding(id="acme.A001", level="error", model=key, message=message, hint=hint)]

    define(home, "shop.A", Meta=meta(plugins=["owned"]))
    define(home, "shop.B", Meta=meta(plugins=["owned"]), owner=StringField())
    define(home, "shop.C", Meta=meta(plugins=["owned"]))
    define(home, "shop.D")
    found = [one for one in home.check() if one.id == "acme.A001"]
    assert [one.model for one in found] == ["shop.A", "shop.C"]
    assert {one.hint for one in found} == {"Add an owner."}
    assert [one for one in home.check(silenced=["acme.A001"]) if one.id == "acme.A001"] == []


@pytest.mark.parametrize(
    "answer",
    ["oh", Finding(id="x.1", level="critical", message="oh")],  # type: ignore[arg-type]
)
def test_a_check_of_a_plugin_that_returns_something_else_is_refused(
    home: ModelRegistry, answer: Any
) -> None:
    home.plugin("wrong")(type("Wrong", (), {"check_model": lambda self, model: [answer]}))
    define(home, "shop.A", Meta=meta(plugins=["wrong"]))
    with pytest.raises(PluginDefinitionError, match="must return a list of Finding"):
        home.check()


def test_a_check_of_a_plugin_that_fails_is_told_among_what_the_others_find(
    home: ModelRegistry,
) -> None:
    @home.plugin("late")
    class Late:
        def check_model(self, model: type[BaseModel]) -> Iterator[Finding]:
            return map(self.look, [model])

        def look(self, model: object) -> Finding:
            raise RuntimeError("no idea")

    define(home, "shop.A", Meta=meta(plugins=["late"]))
    define(home, "shop.B", to=ReferenceField("Nobody"))
    found = {one.id: one for one in home.check()}
    assert found["earnorm.R001"].model == "shop.B"
    failed = found["earnorm.P003"]
    assert failed.model == "shop.A"
    assert "RuntimeError: no idea" in failed.message
    assert "'late'" in failed.message
