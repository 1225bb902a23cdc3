"""Text compared by a collation: in filters, sorts, updates and upserts."""

import string
import unicodedata
from typing import Any

import pytest
from bson import Code
from hypothesis import given
from hypothesis import strategies as st
from pymongo.collation import Collation
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.documents import (
    compile_collation,
    compile_filter,
    compile_position,
    compile_sort,
    compile_update,
    key_bytes,
    upsert_document,
)

LETTERS = compile_collation({"locale": "en", "strength": 1})
NO_CASE = compile_collation({"locale": "en", "strength": 2})
FULL = compile_collation({"locale": "en"})
NUMERIC = compile_collation({"locale": "en", "numericOrdering": True})


@pytest.mark.parametrize(
    ("first", "second", "strength"),
    [
        # the strength from which on the two are different
        ("ada", "ada", 4),
        ("ada", "Ada", 3),
        ("resume", "résumé", 2),
        ("resume", "Résumé", 2),
        ("résumé", "RÉSUMÉ", 3),
        ("re\u0301sume\u0301", "résumé", 4),
        ("straße", "strasse", 3),
        ("STRASSE", "straße", 3),
        ("ﬁne", "fine", 3),
        ("ａｄａ", "ada", 3),
        ("σς", "σσ", 3),
        ("Ω", "ω", 3),
        ("Ж", "ж", 3),
        ("İ", "i", 2),
        ("٣", "3", 4),
        ("co-op", "coop", 1),
        ("a b", "ab", 1),
        ("a\x00b", "ab", 4),
        ("a\u200bb", "ab", 4),
        ("", "\x01", 4),
        ("a", "b", 1),
        ("1", "01", 1),
        ("が", "か", 2),
        ("é", "è", 2),
        ("æ", "ae", 1),
        ("ø", "o", 2),
        ("Øł", "øł", 3),
    ],
)
def test_texts_differ_from_a_strength_on(first: str, second: str, strength: int) -> None:
    for level, key_of in enumerate((LETTERS, NO_CASE, FULL), start=1):
        assert (key_of(first) != key_of(second)) is (level >= strength), level


@pytest.mark.parametrize(
    ("key_of", "ordered"),
    [
        (FULL, ["a", "A", "á", "Á", "b", "B"]),
        (FULL, ["ab", "aB", "Ab", "AB", "áb", "ac"]),
        (
            FULL,
            ["", " ", "_", "-", ",", "(", "*", "%", "^", "+", "~", "$", "0", "9", "a", "z", "я"],
        ),
        (FULL, ["a", "a b", "a-b", "ab", "ab c"]),
        (FULL, ["10", "2", "a10", "a2"]),
        (NUMERIC, ["2", "10", "a2", "a10", "a10b"]),
        (NUMERIC, ["v1.9", "v1.10", "v2"]),
        (NUMERIC, ["", "-", "0", "1", "9" * 300, "1" + "0" * 300, "a"]),
        (FULL, ["az", "æ", "ba", "n", "ŋ", "o", "ø", "oz", "œ", "p", "z", "þ"]),
        (FULL, ["cote", "coté", "côte", "côté"]),
        (FULL, ["ΑΒΓ".lower(), "ΑΒΓ", "δ", "а", "б"]),
    ],
)
def test_texts_come_in_the_order_of_the_collation(key_of: Any, ordered: list[str]) -> None:
    keys = [key_of(text) for text in ordered]

    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_numbers_are_equal_by_value_where_the_collation_says_so() -> None:
    assert NUMERIC("a007") == NUMERIC("a7") != NUMERIC("a70")
    assert NUMERIC("0") == NUMERIC("000")
    assert FULL("a007") != FULL("a7")


@pytest.mark.parametrize(
    ("filter_", "document", "is_match"),
    [
        ({"a": "ada"}, {"a": "ADA"}, True),
        ({"a": "ada"}, {"a": ["x", "Ada"]}, True),
        ({"a": {"$ne": "ada"}}, {"a": "ADA"}, False),
        ({"a": {"$in": ["x", "ADA"]}}, {"a": "ada"}, True),
        ({"a": {"$nin": ["ADA"]}}, {"a": "ada"}, False),
        ({"a": {"$gte": "B"}}, {"a": "b"}, True),
        ({"a": {"$gt": "B"}}, {"a": "b"}, False),
        ({"a": {"$lt": "b"}}, {"a": "A"}, True),
        ({"a": {"$gt": "B"}}, {"a": 5}, False),
        ({"a": {"$all": ["X", "y"]}}, {"a": ["x", "Y"]}, True),
        ({"a": {"$elemMatch": {"b": "X"}}}, {"a": [{"b": "x"}]}, True),
        ({"a": {"$not": {"$eq": "X"}}}, {"a": "x"}, False),
        ({"$nor": [{"a": "X"}]}, {"a": "x"}, False),
        ({"a": {"b": ["X"]}}, {"a": {"b": ["x"]}}, True),
        ({"a": {"B": 1}}, {"a": {"b": 1}}, False),
        ({"a": {"$regex": "X"}}, {"a": "x"}, False),
        ({"a": Code("X")}, {"a": Code("x")}, False),
        ({"a": {"$type": "string"}}, {"a": "x"}, True),
        ({"A": "x"}, {"a": "x"}, False),
    ],
)
def test_a_filter_compares_texts_by_its_collation(
    filter_: dict[str, Any], document: dict[str, Any], is_match: bool
) -> None:
    assert compile_filter(filter_, NO_CASE)(document) is is_match


def test_a_sort_compares_texts_by_its_collation() -> None:
    documents = [{"a": text} for text in ("b", "A", "a", "B", "á")]

    ordered = sorted(documents, key=compile_sort([("a", 1)], FULL))
    backwards = sorted(documents, key=compile_sort([("a", -1)], FULL))

    assert [each["a"] for each in ordered] == ["a", "A", "á", "b", "B"]
    assert backwards == ordered[::-1]


@pytest.mark.parametrize(
    ("document", "update", "array_filters", "expected"),
    [
        ({"a": ["x", "Y"]}, {"$pull": {"a": "X"}}, [], {"a": ["Y"]}),
        ({"a": ["x", "Y"]}, {"$pullAll": {"a": ["X", "y"]}}, [], {"a": []}),
        ({"a": [{"b": "x"}]}, {"$pull": {"a": {"b": {"$in": ["X"]}}}}, [], {"a": []}),
        ({"a": ["x"]}, {"$addToSet": {"a": {"$each": ["X", "z"]}}}, [], {"a": ["x", "z"]}),
        ({"a": "b"}, {"$min": {"a": "B"}}, [], {"a": "b"}),
        ({"a": "b"}, {"$max": {"a": "C"}}, [], {"a": "C"}),
        (
            {"a": ["b", "C", "A"]},
            {"$push": {"a": {"$each": [], "$sort": 1}}},
            [],
            {"a": ["A", "b", "C"]},
        ),
        ({"a": ["x", "y"]}, {"$set": {"a.$[e]": 0}}, [{"e": "X"}], {"a": [0, "y"]}),
    ],
)
def test_an_update_compares_texts_by_its_collation(
    document: dict[str, Any],
    update: dict[str, Any],
    array_filters: list[dict[str, Any]],
    expected: dict[str, Any],
) -> None:
    assert compile_update(update, array_filters, NO_CASE)(document) == expected


def test_positions_and_upserts_compare_texts_by_their_collation() -> None:
    assert compile_position({"a": "X"}, NO_CASE)({"a": ["y", "x"]}) == 1
    update = {"$addToSet": {"a": "X"}}
    assert upsert_document({"_id": 1, "a": ["x"]}, update, (), NO_CASE) == {"_id": 1, "a": ["x"]}
    one_of = {"_id": 1, "a": {"$in": ["x", "X"]}}
    assert upsert_document(one_of, {"$set": {"b": 1}}, (), NO_CASE) == {"_id": 1, "a": "x", "b": 1}
    assert upsert_document(one_of, {"$set": {"b": 1}}) == {"_id": 1, "b": 1}


@pytest.mark.parametrize(
    "collation",
    [None, {"locale": "simple"}, Collation("simple"), {"locale": "simple", "strength": 2}],
)
def test_without_a_locale_code_points_are_compared(collation: Any) -> None:
    assert compile_collation(collation) is key_bytes


@pytest.mark.parametrize(
    "collation",
    [
        Collation("en", strength=2),
        {"locale": "en", "strength": 2.0},
        {
            "locale": "en",
            "strength": 2,
            "caseLevel": False,
            "caseFirst": "off",
            "numericOrdering": False,
            "alternate": "non-ignorable",
            "maxVariable": "punct",
            "backwards": False,
            "normalization": True,
            "version": "57.1",
        },
    ],
)
def test_equal_collations_have_one_function(collation: Any) -> None:
    assert compile_collation(collation) is NO_CASE


@pytest.mark.parametrize(
    ("collation", "what"),
    [
        ({"locale": "de"}, "locale 'de'"),
        ({"locale": "en_US"}, "locale 'en_US'"),
        ({"locale": "fr_CA"}, "locale 'fr_CA'"),
        ({"locale": "en", "strength": 4}, "strength 4"),
        ({"locale": "en", "strength": 5}, "strength 5"),
        ({"locale": "en", "caseLevel": True}, "caseLevel=True"),
        ({"locale": "en", "caseLevel": 0}, "caseLevel=0"),
        ({"locale": "en", "caseFirst": "upper"}, "caseFirst='upper'"),
        ({"locale": "en", "alternate": "shifted"}, "alternate='shifted'"),
        ({"locale": "en", "maxVariable": "space"}, "maxVariable='space'"),
        ({"locale": "en", "backwards": True}, "backwards=True"),
    ],
)
def test_what_would_compare_otherwise_is_refused_by_name(collation: Any, what: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        compile_collation(collation)

    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("collation", "code"),
    [
        ({}, 40414),
        ({"strength": 2}, 40414),
        ({"locale": 1}, 14),
        ({"locale": "EN"}, 2),
        ({"locale": "nope"}, 2),
        ({"locale": ""}, 2),
        ("en", 14),
        (["en"], 14),
        ({"locale": "en", "strength": 0}, 9),
        ({"locale": "en", "strength": 6}, 9),
        ({"locale": "en", "strength": "2"}, 9),
        ({"locale": "en", "strength": True}, 9),
        ({"locale": "en", "strength": None}, 9),
        ({"locale": "en", "strength": 1.5}, 9),
        ({"locale": "en", "numericOrdering": 1}, 14),
        ({"locale": "en", "strenght": 2}, 40415),
        ({"locale": "en", 1: 2}, 40415),
    ],
)
def test_what_is_no_collation_is_refused(collation: Any, code: int) -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_collation(collation)

    assert caught.value.code == code


texts = st.text(max_size=6) | st.text("aAáÁbB 0128-.ßﬁ\u0301\u200d", max_size=6)


@given(texts, texts)
def test_what_a_weaker_strength_tells_apart_a_stronger_one_orders_alike(
    first: str, second: str
) -> None:
    for weaker, stronger in ((LETTERS, NO_CASE), (NO_CASE, FULL)):
        if weaker(first) != weaker(second):
            assert (stronger(first) < stronger(second)) is (weaker(first) < weaker(second))


@given(texts)
def test_the_case_of_letters_and_the_form_of_accents_do_not_count(text: str) -> None:
    assert NO_CASE(text) == NO_CASE(text.casefold())
    assert FULL(text) == FULL(unicodedata.normalize("NFC", text))
    assert FULL(text) == FULL(unicodedata.normalize("NFD", text))


@given(st.integers(0), st.integers(0))
def test_numbers_in_texts_compare_by_value_where_the_collation_says_so(
    first: int, second: int
) -> None:
    assert (NUMERIC(f"v{first}.x") < NUMERIC(f"v{second}.x")) is (first < second)


@given(texts, texts)
def test_no_key_is_the_beginning_of_another(first: str, second: str) -> None:
    for key_of in (LETTERS, NO_CASE, FULL, NUMERIC):
        one, other = key_of(first), key_of(second)
        assert one == other or not other.startswith(one)


@given(st.text(string.printable, max_size=6), st.text(string.printable, max_size=6))
def test_ascii_compares_the_same_beside_other_text(first: str, second: str) -> None:
    for key_of in (LETTERS, NO_CASE, FULL, NUMERIC):
        near = key_of(first + "é"), key_of(second + "é")
        if first == second:
            assert near[0] == near[1]
        assert (key_of("é" + first) < key_of("é" + second)) is (key_of(first) < key_of(second))


@given(
    st.recursive(
        texts | st.integers(-2, 2), lambda inner: st.lists(inner, max_size=3), max_leaves=5
    )
)
def test_values_that_are_no_text_compare_as_always(value: Any) -> None:
    if isinstance(value, int):
        assert FULL(value) == key_bytes(value)
    assert FULL(value)[:1] == key_bytes(value)[:1]
