"""Values that do not fit their fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from earnorm.errors.base import EarnORMError
from earnorm.errors.secrets import SECRET, holds_secret_instance

__all__ = [
    "DocumentError",
    "DuplicateKeyError",
    "FieldFault",
    "UnsetFieldError",
    "ValidationError",
]

_LONGEST_INPUT = 60
_LONGEST_FAULT = 500
_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """One thing that is wrong with one value.

    `path` leads to the value (`address.street`, `tags.1`; empty for the instance as a whole), `code`
    is a stable word for programs, `message` is for people, `input` is the offending value: `SECRET` in
    the place of one that is secret, or an instance that holds secrets.
    """

    path: str
    code: str
    message: str
    input: Any = None

    def __post_init__(self) -> None:
        if holds_secret_instance(self.input):
            object.__setattr__(self, "input", SECRET)  # its repr hides them, and a pickle would not

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ValidationError(EarnORMError, ValueError):
    """Values that do not fit; `errors` holds every fault of every field, each with its path."""

    def __init__(self, model: str, errors: Iterable[FieldFault]) -> None:
        self.model = model
        self.errors: tuple[FieldFault, ...] = tuple(errors)
        super().__init__(self._summary())

    def _summary(self) -> str:
        count = len(self.errors)
        lines = [f"{self.model}: {count} {'fault' if count == 1 else 'faults'}"]
        return "\n".join([*lines, *_listed(self.errors)])


class DuplicateKeyError(ValidationError):
    """A document with this unique value exists already; nothing was written.

    `index` names the unique index that refused it (None when a `UniqueValidator` found it first),
    `key` maps the stored names of the index to the values that clash.
    """

    def __init__(
        self,
        model: str,
        errors: Iterable[FieldFault],
        *,
        index: str | None = None,
        key: Mapping[str, Any] | None = None,
    ) -> None:
        self.index = index
        self.key: Mapping[str, Any] = dict(key or {})
        super().__init__(model, errors)


class DocumentError(EarnORMError, ValueError):
    """A stored document does not fit its model; `errors` holds every fault with its path."""

    def __init__(self, model: str, document_id: object, errors: Iterable[FieldFault]) -> None:
        self.model = model
        self.document_id = document_id
        self.errors: tuple[FieldFault, ...] = tuple(errors)
        faults = "\n".join(_listed(self.errors))
        super().__init__(
            f"{model}: the stored document with _id {document_id!r} does not fit the model:\n{faults}\n"
            "Mend the document with a query update, or make the model accept it."
        )


class UnsetFieldError(EarnORMError, AttributeError):
    """A field was read before anything set it."""

    def __init__(self, message: str, *, model: str, field: str) -> None:
        super().__init__(message, name=field)
        self.model = model
        self.field = field


def _listed(faults: Sequence[FieldFault]) -> list[str]:
    """A line for each of the first faults, and one for the number of the others."""
    lines = [
        f"  {_cut(str(fault), _LONGEST_FAULT)}{_shown(fault.input)}"
        for fault in faults[:_MOST_SHOWN]
    ]
    left = len(faults) - _MOST_SHOWN
    return [*lines, f"  … and {left} more, in the attribute 'errors'"] if left > 0 else lines


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _shown(value: object) -> str:
    if value is None:
        return ""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 # a stranger's repr, or an integer of too many digits, must not hide the fault
        return f" (got a value of type {type(value).__name__})"
    return f" (got {_cut(text, _LONGEST_INPUT)})"
