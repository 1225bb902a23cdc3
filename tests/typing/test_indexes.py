"""An index as it is made by hand: what it takes, and what it says of what it does not."""

from typing import Any

import pytest

from earnorm.typing import Index


@pytest.mark.parametrize(
    ("option", "value", "remedy"),
    [
        ("fields", 3, "pairs such as (('email', 1),)"),
        ("fields", "email", "pairs such as (('email', 1),)"),
        ("fields", ("email",), "pairs such as (('email', 1),)"),
        ("fields", {"email": 1}, "pairs such as (('email', 1),)"),
        ("fields", ((3, 1),), "pairs such as (('email', 1),)"),
        ("unique", "yes", "True or False"),
        ("partial", 3, "a filter such as {'live': True}, or None"),
        ("partial", [("live", True)], "a filter such as {'live': True}, or None"),
        ("sparse", 1, "True or False"),
        ("expire_after", "1 h", "a number of seconds, or None"),
        ("expire_after", True, "a number of seconds, or None"),
        ("collation", "en", "a mapping such as {'locale': 'en', 'strength': 2}, or None"),
        ("name", 3, "text; left out, it is made of the fields"),
    ],
)
def test_an_option_of_another_kind_is_named_with_what_it_takes(
    option: str, value: object, remedy: str
) -> None:
    options: dict[str, Any] = {"fields": (("email", 1),), option: value}
    with pytest.raises(TypeError) as caught:
        Index(**options)
    assert str(caught.value) == f"an Index has {option!r}: {value!r}, which must be {remedy}"


def test_fields_in_lists_are_the_same_index() -> None:
    fields: Any = [["email", 1]]
    assert Index(fields=fields) == Index(fields=(("email", 1),))
    assert len({Index(fields=fields), Index(fields=(("email", 1),))}) == 1
