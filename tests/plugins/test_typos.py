"""How near a name must come to another to count as its misspelling."""

import pytest

from earnorm.errors import edit_distance, is_typo


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("save", "save", 0),
        ("save", "safe", 1),
        ("save", "saves", 1),
        ("sve", "save", 1),
        ("svae", "save", 2),
        ("save", "delete", 3),
        ("save", "savepoint", 3),
        ("", "ab", 2),
    ],
)
def test_the_distance_counts_edits_up_to_the_most(one: str, other: str, edits: int) -> None:
    assert edit_distance(one, other, 2) == edits
    assert edit_distance(other, one, 2) == edits


@pytest.mark.parametrize(
    ("name", "candidate", "expected"),
    [
        ("emial", "email", True),  # two edits, and yet two letters that changed places
        ("enail", "email", True),
        ("enial", "email", False),
        ("emai", "email", True),
        ("requries", "requires", True),
        ("required_by", "requires", False),
        ("agx", "age", False),
        ("ages", "age", True),
        ("email", "email", False),
    ],
)
def test_longer_names_may_differ_more(name: str, candidate: str, expected: bool) -> None:
    assert is_typo(name, [candidate]) is expected


def test_a_candidate_is_no_typo_of_its_neighbour() -> None:
    assert not is_typo("names", ["name", "names"])
    assert is_typo("nams", ["name", "names"])
