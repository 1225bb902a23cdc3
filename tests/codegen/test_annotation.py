"""Types as source: what can be written, what becomes Any, and what has to be imported."""

import collections.abc
import datetime as dt
import enum
import typing
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NewType, Optional, TypeVar, Union

import pytest
from bson import ObjectId

from earnorm import BaseModel, ListLike, Reference
from earnorm.codegen import Annotator

T = TypeVar("T")
Name = NewType("Name", str)
HERE = __name__


class Colour(enum.Enum):
    RED = "red"


class Pair(Generic[T]): ...


class Outer:
    class Inner: ...


def local() -> type:
    class Hidden: ...

    return Hidden


class Replaced: ...


first = Replaced


class Replaced: ...  # type: ignore[no-redef] # the test is about the one before


FORMS: list[tuple[Any, str]] = [
    (str, "str"),
    (None, "None"),
    (type(None), "None"),
    (Any, "typing.Any"),
    (dt.datetime, "datetime.datetime"),
    (ObjectId, "bson.ObjectId"),
    (BaseModel, "earnorm.BaseModel"),
    (Reference[BaseModel], "earnorm.Reference[earnorm.BaseModel]"),
    (ListLike[int], "earnorm.ListLike[int]"),
    (Outer.Inner, f"{HERE}.Outer.Inner"),
    (Name, f"{HERE}.Name"),
    (int | str, "int | str"),
    (Union[None, int], "int | None"),  # noqa: UP007 # as older code writes it
    (Optional[Decimal], "decimal.Decimal | None"),  # noqa: UP045 # likewise
    (int | Any, "typing.Any"),
    (Annotated[int, "positive"], "int"),
    (Literal["a", 1, None, b"x"], "typing.Literal['a', 1, None, b'x']"),
    (Literal[Colour.RED], f"typing.Literal[{HERE}.Colour.RED]"),
    (Literal["'\"\n"], "typing.Literal['\\'\"\\n']"),
    (list, "list[typing.Any]"),
    (dict, "dict[typing.Any, typing.Any]"),
    (tuple, "tuple[typing.Any, ...]"),
    (list[set[int]], "list[set[int]]"),
    (tuple[int, ...], "tuple[int, ...]"),
    (tuple[()], "tuple[typing.Any, ...]"),
    (typing.List[int], "list[int]"),  # noqa: UP006 # as older code writes it
    (collections.abc.Mapping[str, Any], "collections.abc.Mapping[str, typing.Any]"),
    (typing.Mapping[str, int], "collections.abc.Mapping[str, int]"),
    (
        collections.abc.Callable[[int, str], None],
        "collections.abc.Callable[[int, str], None]",
    ),
    (collections.abc.Callable[..., int], "collections.abc.Callable[..., int]"),
    (Pair, f"{HERE}.Pair[typing.Any]"),
    (Pair[int], f"{HERE}.Pair[int]"),
    (Pair[T], f"{HERE}.Pair[typing.Any]"),  # type: ignore[valid-type] # no scope binds it here
    (T, "typing.Any"),
    ("int", "typing.Any"),
    (typing.ForwardRef("int"), "typing.Any"),
    (3, "typing.Any"),
    (len, "typing.Any"),
    (local(), "typing.Any"),
    (first, "typing.Any"),
    (int | local(), "typing.Any"),
    (list[local()], "list[typing.Any]"),  # type: ignore[misc] # a value
    (type("Dynamic", (), {}), "typing.Any"),
    (type("no identifier", (), {}), "typing.Any"),
]


@pytest.mark.parametrize(("form", "source"), FORMS, ids=[repr(form)[:40] for form, _ in FORMS])
def test_a_type_is_written_so_that_it_means_the_same(form: Any, source: str) -> None:
    written = Annotator().write(form)
    assert written.source == source
    namespace: dict[str, Any] = {}
    for module in written.modules:
        exec(Annotator().import_statement(module), namespace)
    eval(written.source, namespace)


def test_what_is_left_out_is_not_imported() -> None:
    assert Annotator().write(Decimal | Any).modules == {"typing"}


@pytest.mark.parametrize(
    ("form", "source", "imports"),
    [
        (str, "_builtins.str", ["import builtins as _builtins"]),
        (dt.date, "_datetime.date", ["import datetime as _datetime"]),
        (
            collections.abc.Mapping[int, str],
            "_collections_abc.Mapping[int, _builtins.str]",
            ["import builtins as _builtins", "import collections.abc as _collections_abc"],
        ),
    ],
)
def test_a_name_that_means_something_else_there_is_gone_round(
    form: Any, source: str, imports: list[str]
) -> None:
    annotator = Annotator(taken={"str", "datetime", "collections"})
    written = annotator.write(form)
    assert written.source == source
    assert sorted(map(annotator.import_statement, written.modules)) == imports
