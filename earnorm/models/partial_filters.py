"""Reads the conditions that limit an index to some documents: MongoDB's `partialFilterExpression`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from bson import Regex

from earnorm.errors import FieldFault, ModelDefinitionError, suggestion
from earnorm.fields import Field, encode_dynamic
from earnorm.models.index_paths import stored_path

__all__ = ["read_partial"]


def read_partial(
    written: Any, fields: Mapping[str, Field[Any]], *, what: str, key: str
) -> dict[str, Any] | None:
    """The conditions under stored names; raises `ModelDefinitionError` for what MongoDB would not take.

    The operators are those of MongoDB's manual, Partial Indexes. `what` names the index.
    """
    if written is None:
        return None
    return _Reader(fields=fields, what=what, key=key).conditions(written)


_REGEXES: Final = (re.Pattern, Regex)
_CLAUSES: Final = ("$and", "$or")
_COMPARISONS: Final = ("$eq", "$exists", "$gt", "$gte", "$in", "$lt", "$lte", "$type")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    fields: Mapping[str, Field[Any]]
    what: str
    key: str

    def conditions(self, written: Any) -> dict[str, Any]:
        if not isinstance(written, Mapping) or not written:
            self._refuse(
                f"'partial' must map fields to the values that they must equal, not be {written!r}"
            )
        read: dict[str, Any] = {}
        for name, value in written.items():
            if not isinstance(name, str):
                self._refuse(f"names in 'partial' are strings, not {name!r}")
            if name.startswith("$"):
                read[name] = self._clauses(name, value)
                continue
            path = stored_path(name, "a partial index", self.fields, self.key)
            if path in read:
                self._refuse(f"'partial' names {path!r} twice; join the conditions")
            read[path] = self._condition(name, value)
        return read

    def _clauses(self, name: str, written: Any) -> list[dict[str, Any]]:
        if name not in _CLAUSES:
            self._unknown(name, _CLAUSES, f"the fields, {' and '.join(_CLAUSES)}")
        if not isinstance(written, list | tuple) or not written:
            self._refuse(f"{name} in 'partial' takes a list of conditions, not {written!r}")
        return [self.conditions(clause) for clause in written]

    def _condition(self, name: str, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return self._encoded(name, value)
        if not value or not all(str(operator).startswith("$") for operator in value):
            self._refuse(
                f"'partial' asks {name!r} to be {value!r}: name its parts ('{name}.part'), or write {{'$eq': ...}}"
            )
        for operator, operand in value.items():
            self._check(name, operator, operand)
        return {
            operator: self._encoded(f"{name}.{operator}", operand)
            for operator, operand in value.items()
        }

    def _check(self, name: str, operator: str, operand: Any) -> None:
        if operator not in _COMPARISONS:
            self._unknown(operator, _COMPARISONS, ", ".join(_COMPARISONS))
        if operator == "$exists" and operand is not True:
            self._refuse(
                f"'partial' asks of {name!r} {{'$exists': {operand!r}}}, and an index takes True only"
            )
        if operator == "$in" and not isinstance(operand, list | tuple):
            self._refuse(f"$in of {name!r} in 'partial' takes a list, not {operand!r}")

    def _encoded(self, name: str, value: Any) -> Any:
        if any(isinstance(one, _REGEXES) for one in _each(value)):
            self._refuse(
                f"'partial' asks {name!r} for a regular expression, which an index does not take"
            )
        faults: list[FieldFault] = []
        encoded = encode_dynamic(value, name, faults)
        if faults:
            self._refuse(f"'partial' cannot be stored: {faults[0]}")
        return encoded

    def _unknown(self, name: str, known: tuple[str, ...], allowed: str) -> NoReturn:
        hint = suggestion(name, known) or f" There are: {allowed}."
        self._refuse(f"'partial' has the unknown operator {name!r}.{hint}")

    def _refuse(self, fault: str) -> NoReturn:
        raise ModelDefinitionError(f"{self.what}: {fault}", model=self.key)


def _each(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)
