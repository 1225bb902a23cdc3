"""Two models never share a collection unless both say so."""

import gc
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    ModelDefinitionError,
    ModelRegistry,
    ModelReplacedWarning,
    StringField,
)
from tests.model_registry.conftest import define_plain


@pytest.mark.parametrize("named", [{}, {"_collection": "doc"}])
def test_a_second_model_in_the_same_collection_is_refused(
    home: ModelRegistry, named: dict[str, Any]
) -> None:
    first = define_plain(home, "pkg_a.Doc", **named)
    with pytest.raises(ModelDefinitionError) as caught:
        define_plain(home, "pkg_b.Doc")
    message = str(caught.value)
    assert message.startswith("pkg_b.Doc: keeps its documents in the collection 'doc', and so does")
    assert "pkg_a.Doc: each would find, change and delete those of the other" in message
    assert "Meta.collection, or write collection = 'doc' in both" in message
    assert caught.value.model == "pkg_b.Doc"
    assert home.get_all_models() == [first]
    assert home.get_model("Doc") is first


def test_a_model_may_not_slip_into_the_collection_of_one_that_did_not_name_it(
    home: ModelRegistry,
) -> None:
    define_plain(home, "pkg_a.Doc")
    with pytest.raises(ModelDefinitionError, match=r"and so does pkg_a\.Doc"):
        define_plain(home, "pkg_b.Paper", _collection="doc")


def test_models_that_both_name_the_collection_share_it(home: ModelRegistry) -> None:
    meta = type("Meta", (), {"collection": "docs"})
    first = define_plain(home, "pkg_a.Doc", _collection="docs")
    second = define_plain(home, "pkg_b.Doc", Meta=meta)
    assert home.get_all_models() == [first, second]
    with pytest.raises(ModelDefinitionError):
        define_plain(home, "pkg_c.Docs")


def test_a_reloaded_model_takes_its_own_place(home: ModelRegistry) -> None:
    define_plain(home, "pkg_a.Doc")
    with pytest.warns(ModelReplacedWarning):
        again = define_plain(home, "pkg_a.Doc")
    assert home.get_all_models() == [again]


def test_a_collection_is_free_again_when_its_model_is_gone(home: ModelRegistry) -> None:
    class Refusing:
        def on_register(self) -> None:
            raise RuntimeError("no")

    home.plugin("refusing")(Refusing)
    with pytest.raises(RuntimeError):
        define_plain(home, "pkg_a.Doc", Meta=type("Meta", (), {"plugins": ["refusing"]}))
    home.unregister(define_plain(home, "pkg_b.Doc"))
    define_plain(home, "pkg_c.Doc")
    with pytest.warns(ModelReplacedWarning):
        define_plain(home, "pkg_c.Doc", _collection="elsewhere")
    last = define_plain(home, "pkg_d.Doc")
    assert last in home


def test_classes_that_functions_make_may_share_what_they_like(home: ModelRegistry) -> None:
    """Garbage that was not collected yet would otherwise decide whether the next one is refused."""

    def one() -> type[BaseModel]:
        class User(BaseModel, registry=home):
            name = StringField()

        return User

    def two() -> type[BaseModel]:
        class User(BaseModel, registry=home):
            email = StringField()

        return User

    kept = [one(), two(), one(), define_plain(home, "shop.User")]
    assert home.get_all_models() == kept[1:]
    del kept
    gc.collect()


def test_models_of_several_registries_can_be_listed_together(home: ModelRegistry) -> None:
    """Each keeps its documents in the database of its own home."""
    first, second = (
        define_plain(ModelRegistry(), "pkg_a.Doc"),
        define_plain(ModelRegistry(), "pkg_b.Doc"),
    )
    assert home.register_many([first, second]) == [first, second]
    define_plain(home, "pkg_c.Doc")
