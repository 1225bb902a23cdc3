"""Regular expressions: MongoDB's syntax, and no text on which a match would hang."""

import re
from typing import Any

import pytest
from bson import Regex
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.documents import compile_filter
from earnorm.stores.documents.regex_automaton import Automaton
from earnorm.stores.documents.regex_costs import longest_text
from earnorm.stores.documents.regex_syntax import parse


def matches(expression: str, text: str, options: str = "") -> bool:
    return compile_filter({"a": {"$regex": expression, "$options": options}})({"a": text})


LONG = 50_000


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("(a+)+$", "a" * LONG + "b"),
        ("(a|aa)+$", "a" * LONG + "b"),
        ("(.*)*x", "a" * LONG),
        ("(x+x+)+y", "x" * LONG),
        ("(a|a)*b", "a" * LONG),
        ("(a*)*b", "a" * LONG),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * LONG),
        (".*.*.*=", "a" * LONG),
        ("a*b", "a" * LONG),
        ("\\s+$", " " * LONG + "x"),
        ("a?" * 40 + "a" * 40, "a" * 39),
        ("^(a?){40}a{40}$", "a" * 39),
        ("(.{0,30}){30}z", "ab" * 100),
    ],
)
def test_a_match_takes_each_character_once_however_the_expression_nests(
    expression: str, text: str
) -> None:
    # a backtracking engine would take from minutes to more than the age of the universe
    assert matches(expression, text) is False


@pytest.mark.parametrize(
    "expression",
    [
        "(?=(a+)+$)",
        "(a+)+\\1",
        "(?>a+)+b",
        "(?:a++)*b",
        "(?<!x)a+b+c+",
        "(a)?(?(1)b+c+|d)",
        "((a{1000}){1000}){1000}",
        "(x{0,60000}){60000}",
    ],
)
def test_what_can_be_bounded_in_no_way_is_refused_before_any_text_is_seen(expression: str) -> None:
    with pytest.raises(UnsupportedError, match="may match endlessly"):
        matches(expression, "")


@pytest.mark.parametrize(
    ("expression", "match", "miss"),
    [
        (r"(\w)\1", "hello", "helo"),
        (r"foo(?=bar)", "foobar", "foobaz"),
        (r"(?<!\$)\d", "a1", "$1"),
        (r"(?P<q>['\"]).(?P=q)", "'a'", "'a\""),
    ],
)
def test_back_references_and_look_arounds_are_for_texts_of_bounded_length(
    expression: str, match: str, miss: str
) -> None:
    assert matches(expression, match)
    assert not matches(expression, miss)


def test_a_text_too_long_for_a_back_reference_is_refused() -> None:
    with pytest.raises(OperationFailure, match="too many steps") as caught:
        matches(r"(a)\1b", "a" * LONG)

    assert caught.value.code == 51156


def test_a_text_that_is_never_like_itself_is_refused() -> None:
    text = "".join(map(chr, range(0x100, 0xD000)))

    with pytest.raises(OperationFailure, match="too many steps") as caught:
        matches(r"(.?.?.?.?.?.?.?.?.?.?.?.?){12}\d{12}x(a|b)*$", text)

    assert caught.value.code == 51156


@pytest.mark.parametrize(
    ("expression", "text", "options", "is_match"),
    [
        # what Python writes otherwise
        ("(?<year>\\d{4})-\\k<year>", "2024-2024", "", True),
        ("(?'q'a)b", "ab", "", True),
        ("^[[:alpha:]]+$", "Abc", "", True),
        ("^[[:alpha:]_[:digit:]]+$", "a_1", "", True),
        ("^[^[:space:]]+$", "a b", "", False),
        ("\\Qa.b\\E", "a.b", "", True),
        ("\\Qa.b\\Ec", "axbc", "", False),
        ("\\Q(", "(", "", True),
        ("a\\hb", "a\tb", "", True),
        ("a\\Nb", "a\nb", "s", False),
        ("\\x{e9}", "é", "", True),
        ("[\\x{e9}-\\x{ff}]", "î", "", True),
        ("b\\z", "b\n", "", False),
        ("b\\Z", "b\n", "", True),
        ("b\\Z", "b\nc", "m", False),
        ("b$", "b\n", "", True),
        ("b$", "b\nc", "m", True),
        ("\\Ab", "a\nb", "m", False),
        # what Python would warn of
        ("[[a]", "[", "", True),
        ("[]a]", "]", "", True),
        ("[^]a]", "]", "", False),
        ("[+--]", ",", "", True),
        ("[a&&b]", "&", "", True),
        ("[a||b]", "|", "", True),
        ("[a~~b]", "~", "", True),
        ("[\\]]", "]", "", True),
        # braces that count nothing
        ("a{x}", "a{x}", "", True),
        ("a{", "a{", "", True),
        # options
        ("a b # c", "ab", "x", True),
        ("(?i)A", "a", "", True),
        ("(?i:A)B", "aB", "", True),
        ("(?i:A)B", "ab", "", False),
        ("a.b", "a\nb", "", False),
        ("a", "A", "", False),
        ("é", "É", "i", True),
        ("é", "É", "iu", True),
    ],
)
def test_expressions_are_read_as_mongodb_reads_them(
    expression: str, text: str, options: str, is_match: bool
) -> None:
    assert matches(expression, text, options) is is_match


@pytest.mark.parametrize(
    "expression",
    [
        "\\p{L}",
        "[\\p{L}]",
        "\\R",
        "a\\Kb",
        "\\X",
        "(?R)",
        "(a)(?1)",
        "(?&x)",
        "(?|(a)|(b))",
        "(*UTF8)a",
        "(*LIMIT_MATCH=9)a",
        "(?C1)a",
        "[[:cats:]]",
        "[\\H]",
    ],
)
def test_what_python_has_not_is_refused_by_name(expression: str) -> None:
    with pytest.raises(UnsupportedError, match="in the regular expression|in a class"):
        matches(expression, "")


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("(", 51091),
        ("[", 51091),
        ("[a", 51091),
        ("a\\", 51091),
        ("*", 51091),
        ("a**", 51091),
        ("(?<n", 51091),
        ("\\x{110000}", 51091),
        ("\\x{d800}", 51091),
        ("(" * 5_000 + ")" * 5_000, 51091),
        ("a" * 40_000, 2),
        ("a\x00b", 51109),
        ("\ud800", 2),
    ],
)
def test_what_is_no_expression_is_refused(expression: str, code: int) -> None:
    with pytest.raises(OperationFailure) as caught:
        matches(expression, "")

    assert caught.value.code == code


@pytest.mark.parametrize("value", [Regex(b"a+"), re.compile(b"a+")])
def test_an_expression_of_bytes_is_text_to_bson(value: Any) -> None:
    assert compile_filter({"a": value})({"a": "baab"})


letters = st.sampled_from(["a", "b", r"\n", r"\w", r"\W", ".", "[ab]", "[^a]", r"\d", "é", " "])
places = st.sampled_from(["^", "$", r"\b", r"\A", r"\Z", r"(?-m:$)", ""])
counts = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?", "{,2}", "{0}"])
expressions = st.recursive(
    letters | places,
    lambda inner: (
        st.lists(inner, max_size=3).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map("|".join).map("(?:{})".format)
        | st.tuples(inner.map("(?:{})".format), counts).map("".join)
        | inner.map("({})".format)
        | inner.map("(?i:{})".format)
    ),
    max_leaves=6,
)
flags = st.sampled_from([0, re.A, re.M, re.S, re.I, re.M | re.A, re.X])
texts = st.text("abAé \n1", max_size=5)


@given(expressions, flags, st.lists(texts, min_size=1, max_size=4))
def test_the_automaton_finds_what_python_finds(
    expression: str, flags: int, texts: list[str]
) -> None:
    pattern = re.compile(expression, flags)
    automaton = Automaton(parse(pattern.pattern, pattern.flags), pattern.flags)

    for text in texts:
        assert automaton.search(text) is (pattern.search(text) is not None), text


@given(expressions, flags)
def test_expressions_said_to_be_for_any_text_nest_no_repeats(expression: str, flags: int) -> None:
    pattern = re.compile(expression, flags)
    length = longest_text(parse(pattern.pattern, pattern.flags), 10_000)

    if length > 100:
        # this would not come back if it were wrong
        pattern.search("a" * min(length, 5_000) + "\n!")


def test_plain_expressions_are_for_any_text() -> None:
    for expression in (
        "ada",
        "^ada",
        "@example\\.(com|org)$",
        "^[a-z]+$",
        "^.*x",
        "a{3}b?",
        "[^/]",
    ):
        pattern = re.compile(expression)
        assert longest_text(parse(expression, pattern.flags), 10_000_000) > 2**40, expression
