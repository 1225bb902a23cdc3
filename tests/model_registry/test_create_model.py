"""A model that is created by a call is a model like any other."""

import copy
import gc
import inspect as python
import pickle
import sys
import weakref
from typing import Any

import pytest

import earnorm
from earnorm import (
    BaseModel,
    IntegerField,
    ModelDefinitionError,
    ModelRegistry,
    ModelReplacedWarning,
    ReferenceField,
    ReverseReference,
    StringField,
    UnknownModelError,
    UnknownPluginError,
    ValidationError,
    connect,
    json_schema,
    validates,
)
from tests.model_registry.conftest import define


def create(home: ModelRegistry, name: str = "Invoice", **given: Any) -> Any:
    return home.create_model(name, **{"fields": {"number": IntegerField()}, **given})


def test_it_is_what_the_class_line_would_have_made(home: ModelRegistry) -> None:
    class Invoice(BaseModel, registry=ModelRegistry()):
        number = IntegerField(alias="no", minimum=1)
        customer = ReferenceField("Customer", on_delete="cascade")

        class Meta:
            collection = "invoices"
            indexes = [{"fields": ["number"], "unique": True}]
            strict = True

    made = home.create_model(
        "Invoice",
        fields={
            "number": IntegerField(alias="no", minimum=1),
            "customer": ReferenceField("Customer", on_delete="cascade"),
        },
        meta={
            "collection": "invoices",
            "indexes": [{"fields": ["number"], "unique": True}],
            "strict": True,
        },
    )
    written, created = Invoice.__metadata__, home.get_metadata(made)
    for part in ("name", "collection", "indexes", "options", "plugins", "abstract"):
        assert getattr(created, part) == getattr(written, part), part
    assert list(created.fields) == list(written.fields)
    assert json_schema(made) == json_schema(Invoice)
    assert str(python.signature(made)) == str(python.signature(Invoice))


def test_it_is_registered_at_home_under_the_module_that_called(home: ModelRegistry) -> None:
    invoice = create(home)
    assert home.get_metadata(invoice).key == f"{__name__}.Invoice"
    assert home.get_model("Invoice") is invoice
    assert home.models_at_home() == [invoice]
    assert invoice.__qualname__ == "Invoice"


def test_its_module_and_its_documentation_can_be_said(home: ModelRegistry) -> None:
    invoice = create(home, module="billing.documents", doc="What a customer owes.")
    assert home.get_model("billing.documents.Invoice") is invoice
    assert invoice.__doc__ == "What a customer owes."


def test_it_stays_until_it_is_unregistered(home: ModelRegistry) -> None:
    held = weakref.ref(create(home))
    gc.collect()
    assert home.get_model("Invoice") is held()
    home.unregister("Invoice")
    gc.collect()
    assert held() is None


def test_it_inherits_models_and_mixins(home: ModelRegistry) -> None:
    class Numbered:
        number = IntegerField()

        @validates("number")
        def is_positive(self) -> None:
            if self.number < 1:
                raise ValueError("counts from 1")

    base: Any = define(home, "shop.Paper", title=StringField())
    invoice: Any = home.create_model("Invoice", bases=(Numbered, base))
    assert issubclass(invoice, base)
    assert home.get_metadata(invoice).root == "shop.Paper"
    assert invoice(number=1, title="x").number == 1
    with pytest.raises(ValidationError, match="counts from 1"):
        invoice(number=0, title="x")


def test_it_refers_and_is_referred_to(home: ModelRegistry) -> None:
    customer: Any = home.create_model(
        "Customer", fields={"invoices": ReverseReference("Invoice", "customer")}
    )
    invoice = create(home, fields={"customer": ReferenceField("Customer")})
    assert home.get_dependents(customer) == [invoice]


async def test_it_is_stored_and_found() -> None:
    home = ModelRegistry()
    invoice = create(home)
    async with connect("sqlite:///:memory:", registry=home):
        await invoice(number=7).save()
        assert (await invoice.find(invoice.number == 7).first()).number == 7


def test_a_field_can_be_given_to_two_models(home: ModelRegistry) -> None:
    number = IntegerField()
    one: Any = home.create_model("One", fields={"number": number})
    two: Any = home.create_model("Two", fields={"amount": number})
    assert (one(number=1).number, two(amount=2).amount) == (1, 2)


def test_creating_it_again_replaces_it_with_a_warning(home: ModelRegistry) -> None:
    create(home)
    with pytest.warns(ModelReplacedWarning, match="was defined again"):
        again = create(home)
    assert home.get_model("Invoice") is again


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"name": "not a name"}, "cannot be called 'not a name'"),
        ({"name": "class"}, "cannot be called 'class'"),
        ({"fields": {"number": int}}, r"the field 'number' is <class 'int'>, which is no field"),
        ({"fields": {"number": IntegerField}}, r"Write number = IntegerField\(\)"),
        ({"fields": {"save": IntegerField()}}, "'save' has a name that EarnORM reserves"),
        ({"fields": {"__slots__": IntegerField()}}, "starts with an underscore"),
        ({"fields": {3: IntegerField()}}, "a name that is no string"),
        ({"fields": {"Meta": IntegerField()}}, "given as meta="),
        ({"meta": {"colection": "x"}}, "unknown option 'colection'. Did you mean 'collection'"),
        ({"meta": {"__doc__": "x"}}, "unknown option '__doc__'"),
        ({"bases": (int,)}, "has the bases int, none of which is a model"),
        ({"bases": BaseModel}, "takes a tuple of classes"),
    ],
)
def test_what_no_class_line_could_say_is_refused(
    home: ModelRegistry, given: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ModelDefinitionError, match=fault):
        create(home, **given)
    assert home.get_all_models() == []


def test_a_fault_of_its_plugins_is_that_of_the_class_line(home: ModelRegistry) -> None:
    with pytest.raises(UnknownPluginError, match="Invoice names the plugin 'timestmp'"):
        create(home, meta={"plugins": ["timestmp"]})
    with pytest.raises(UnknownModelError):
        home.get_model("Invoice")


def test_a_registry_that_nothing_makes_models_for_says_so(home: ModelRegistry) -> None:
    home.factory = None  # type: ignore[misc] # as before earnorm.models is imported
    with pytest.raises(ModelDefinitionError, match=r"nothing makes models yet\. Import earnorm"):
        create(home)


def test_an_instance_is_copied_whatever_holds_its_class(home: ModelRegistry) -> None:
    instance = create(home, fields={"number": IntegerField()})(number=1)
    assert copy.deepcopy(instance) == instance
    assert copy.copy(instance) == instance


def test_an_instance_is_pickled_where_its_module_holds_the_class(
    home: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = create(home)
    monkeypatch.setattr(sys.modules[__name__], "Invoice", invoice, raising=False)
    instance = invoice(number=1)
    assert pickle.loads(pickle.dumps(instance)) == instance


def test_an_instance_is_pickled_where_the_default_registry_knows_the_class() -> None:
    invoice = create(earnorm.registry, module="nowhere.to.be.imported")
    try:
        instance = invoice(number=1)
        pickled = pickle.dumps(instance)
        assert pickle.loads(pickled) == instance
    finally:
        earnorm.registry.unregister(invoice)
    with pytest.raises(pickle.UnpicklingError, match="Create the model first"):
        pickle.loads(pickled)


def test_an_instance_whose_class_cannot_be_found_says_so_when_it_is_pickled(
    home: ModelRegistry,
) -> None:
    with pytest.raises(pickle.PicklingError, match=r"was created by create_model.*Keep it there"):
        pickle.dumps(create(home)(number=1))
