"""The field that holds another document's id."""

import copy
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    DictField,
    ListField,
    ModelRegistry,
    NotFetchedError,
    Reference,
    ReferenceField,
    StringField,
    ValidationError,
)

home = ModelRegistry("references")


class User(BaseModel, registry=home):
    name = StringField()


class Product(BaseModel, registry=home):
    name = StringField()


class Order(BaseModel, registry=home):
    user = ReferenceField("User")
    payer = ReferenceField(User, required=False, alias="p")
    items = ListField(ReferenceField("Product"))
    gifts = DictField(ReferenceField(Product))
    lost = ReferenceField("Nobody", required=False)


def stored_user(name: str = "Ada") -> User:
    return User.from_document({"_id": ObjectId(), "name": name})


def test_an_instance_an_id_or_a_reference_can_be_assigned() -> None:
    ada = stored_user()
    assert ada.id is not None
    for given in (ada, ada.id, str(ada.id), Order(user=ada).user):
        assert Order(user=given).user.id == ada.id


def test_an_assigned_instance_is_loaded_and_an_id_is_not() -> None:
    ada = stored_user()
    order = Order(user=ada)
    assert order.user.is_loaded
    assert order.user.loaded is ada
    order.user = ada.id
    assert not order.user.is_loaded
    with pytest.raises(
        NotFetchedError, match=r"Order\.user holds an id only.*await reference\.fetch"
    ):
        order.user.loaded  # noqa: B018 # reading raises


def test_a_reference_keeps_what_it_loaded_when_another_field_takes_it() -> None:
    ada = stored_user()
    order = Order(user=ada)
    order.payer = order.user
    assert order.payer is not None
    assert order.payer.loaded is ada
    assert repr(order.payer) == f"Reference(Order.payer, '{ada.id}')"


def test_references_are_equal_when_their_ids_are() -> None:
    ada = stored_user()
    assert ada.id is not None
    one, two = Order(user=ada).user, Order(user=ada.id).user
    assert one == two
    assert len({one, two}) == 1
    assert one != ada.id


def test_the_id_is_what_is_stored() -> None:
    ada, tea = stored_user(), Product.from_document({"_id": ObjectId(), "name": "tea"})
    order = Order(user=ada, payer=ada, items=[tea, tea.id], gifts={"bob": tea})
    document = order.to_document()
    assert document == {
        "user": ada.id,
        "p": ada.id,
        "items": [tea.id, tea.id],
        "gifts": {"bob": tea.id},
        "lost": None,
    }
    assert Order.from_document(document) == order


@pytest.mark.parametrize("field", ["user", "payer", "items", "gifts", "lost"])
def test_an_instance_of_another_model_is_refused(field: str) -> None:
    class Stranger(BaseModel, registry=ModelRegistry("strangers")):
        pass

    stranger: Any = Stranger.from_document({"_id": ObjectId()})
    wrong: Any = {"items": [stranger], "gifts": {"bob": stranger}}.get(field, stranger)
    with pytest.raises(ValidationError) as caught:
        Order(**{"user": ObjectId(), field: wrong})
    assert [fault.code for fault in caught.value.errors] == ["type"]


def test_a_reference_to_another_model_is_refused() -> None:
    tea = Product.from_document({"_id": ObjectId(), "name": "tea"})
    item = Order(user=ObjectId(), items=[tea]).items[0]
    for field in ("user", "payer"):
        with pytest.raises(
            ValidationError, match=f"{field}: must be a stored instance, its id or a"
        ):
            Order(**{"user": ObjectId(), field: item})


def test_an_instance_that_was_never_saved_is_refused() -> None:
    with pytest.raises(
        ValidationError, match="user: refers to an instance that was never saved; save"
    ):
        Order(user=User(name="Ada"))


def test_a_reference_to_a_model_that_is_not_there_yet_still_holds_its_id() -> None:
    lost = Order(user=ObjectId(), lost=ObjectId()).lost
    assert lost is not None
    assert Order(user=ObjectId(), lost=lost).lost == lost


def test_a_deep_copy_copies_the_loaded_target_and_nothing_of_the_model() -> None:
    order = Order(user=stored_user())
    copied = copy.deepcopy(order)
    assert copied == order
    copied.user.loaded.name = "Bob"
    assert order.user.loaded.name == "Ada"
    copied.user = copied.user
    assert isinstance(copied.user, Reference)
