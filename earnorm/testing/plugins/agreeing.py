"""Says how two ways of writing differ in what they left in the store."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from earnorm.testing.plugins.bench import Outcome
from earnorm.testing.plugins.failing import fail, told

__all__ = ["check_agreement"]

_MOST = 8
_ABSENT: Final = object()


def check_agreement(one: Outcome, other: Outcome, *, ways: tuple[str, str], remedy: str) -> None:
    """Fails where the two ended differently: with what each stored, and what the author can do."""
    lines = list(_differences(one, other, ways))
    if lines:
        more = [f"  and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
        fail(f"{ways[0]} and {ways[1]} do not agree:", *lines[:_MOST], *more, remedy)


def _differences(one: Outcome, other: Outcome, ways: tuple[str, str]) -> Iterator[str]:
    if type(one.error) is not type(other.error):
        for way, outcome in zip(ways, (one, other), strict=True):
            ended = f"raised {told(outcome.error)}" if outcome.error else "raised nothing"
            yield f"  {way}: {ended}"
        return
    if len(one.documents) != len(other.documents):
        yield f"  {ways[0]}: {len(one.documents)} documents; {ways[1]}: {len(other.documents)}"
        return
    yield from _of_documents(one.documents, other.documents, ways)


def _of_documents(
    these: Sequence[Mapping[str, Any]], those: Sequence[Mapping[str, Any]], ways: tuple[str, str]
) -> Iterator[str]:
    for number, (here, there) in enumerate(zip(these, those, strict=True), start=1):
        for name in dict.fromkeys([*here, *there]):
            values = here.get(name, _ABSENT), there.get(name, _ABSENT)
            if values[0] != values[1]:
                left, right = map(_shown, values)
                yield f"  document {number}, {name!r}: {left} ({ways[0]}), {right} ({ways[1]})"


def _shown(value: object) -> str:
    return "missing" if value is _ABSENT else repr(value)
