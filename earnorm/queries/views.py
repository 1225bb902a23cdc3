"""Instances of a view class: an embedded model with some of the fields of another model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from earnorm.errors import DocumentError, FieldFault, FilterError, suggestion
from earnorm.fields import Field
from earnorm.typing import Document, MutableDocument, Shape

__all__ = ["Views"]


class Views(Shape[Any]):
    """Makes instances of `view` from documents of `model`; the fields meet by name, at every level."""

    reads_naive_dates = True

    def __init__(self, model: Any, view: Any) -> None:
        if getattr(view, "__embedded__", False) is not True or not hasattr(view, "__codec__"):
            raise FilterError(
                f"project() takes a subclass of EmbeddedModel for a view, not {view!r}, or names and paths "
                "of fields"
            )
        self._view = view
        self._moves = _Meeting(model, view).moves(model.__codec__.fields, view.__codec__.fields)
        self._projection: Document = dict.fromkeys(_paths(self._moves), 1)

    @property
    def projection(self) -> Document:
        return self._projection

    def read(self, document: Document) -> Any:
        """An instance of the view; raises `DocumentError` when the values do not fit its fields."""
        faults: list[FieldFault] = []
        instance = self._view.__codec__.decode(_moved(document, self._moves), "", faults)
        if faults:
            raise DocumentError(self._view.__qualname__, document.get("_id"), faults)
        return instance


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """A value goes from one stored name to another; with `moves`, so do the values inside it."""

    source: str
    target: str
    moves: tuple["_Move", ...]


class _Meeting:
    """Finds what moves where, from the fields of a model to those of a view of it."""

    def __init__(self, model: Any, view: Any) -> None:
        self._model = model
        self._view = view
        self._above: list[tuple[int, int]] = []  # the fields that met on the way here

    def moves(
        self, fields: Mapping[str, Field[Any]], wanted: Mapping[str, Field[Any]], prefix: str = ""
    ) -> tuple[_Move, ...]:
        """The moves between the fields that have one name; raises `FilterError` for one that is missing."""
        return tuple(
            self._move(fields, name, target, f"{prefix}{name}") for name, target in wanted.items()
        )

    def _move(
        self, fields: Mapping[str, Field[Any]], name: str, target: Field[Any], path: str
    ) -> _Move:
        view, model = self._view.__qualname__, self._model.__qualname__
        source = fields.get(name)
        if source is None:
            raise FilterError(
                f"{view} has the field {path!r}, and {model} has not.{suggestion(name, fields)}"
            )
        inner, wanted = _below(source), _below(target)
        if bool(inner) is not bool(wanted):
            raise FilterError(
                f"{view}.{path} is {target.expects}, and {model}.{path} is {source.expects}: only both, or "
                "none, can be embedded"
            )
        moves = self._moves_inside((source, inner), (target, wanted), f"{path}.")
        if not _hides(target, source, set(), is_whole=not moves):
            what = "is secret" if source.is_hidden else "holds a secret"
            raise FilterError(
                f"{model}.{path} {what}, and {view}.{path} would show it: declare that with secret=True too"
            )
        return _Move(source=source.stored_name, target=target.stored_name, moves=moves)

    def _moves_inside(
        self,
        source: tuple[Field[Any], Mapping[str, Field[Any]]],
        target: tuple[Field[Any], Mapping[str, Field[Any]]],
        prefix: str,
    ) -> tuple[_Move, ...]:
        met = id(source[0].origin), id(target[0].origin)
        # Of one class, they move as a whole, with what no field declares; and so they do where they meet again.
        if _is_same(source[1], target[1]) or met in self._above:
            return ()
        self._above.append(met)
        moves = self.moves(source[1], target[1], prefix)
        self._above.pop()
        return moves


def _is_same(fields: Mapping[str, Field[Any]], wanted: Mapping[str, Field[Any]]) -> bool:
    # the field that says which model of a union it is belongs to none of them, and is made anew
    return fields.keys() == wanted.keys() and all(
        field.origin is wanted[name].origin for name, field in fields.items() if name != "_type"
    )


def _below(field: Field[Any]) -> dict[str, Field[Any]]:
    """The fields of the embedded model that a field holds, itself or in its items; none for others."""
    if field.has_keys:
        return {}  # whose keys no projection could name
    parts = ((name, field.find_part(name)) for name in field.part_names())
    return {name: part[1] for name, part in parts if part is not None}


def _hides(
    target: Field[Any], source: Field[Any], seen: set[tuple[int, int]], *, is_whole: bool
) -> bool:
    """Whether the target shows no secret of the source; what moves as a whole brings parts that it does not name."""
    met = id(source.origin), id(target.origin)
    if met[0] == met[1] or met in seen or target.is_hidden or not source.holds_secrets:
        return True
    seen.add(met)
    parts = list(target.inner_fields())
    found = [
        (part, inner, name)
        for name, inner in source.inner_fields()
        for own, part in parts
        if own == name
    ]
    is_covered = {name for name, inner in source.inner_fields() if inner.holds_secrets} <= {
        name for _, _, name in found
    }
    return (
        not source.is_hidden
        and (is_covered or not is_whole)
        and all(_hides(part, inner, seen, is_whole=is_whole) for part, inner, _ in found)
    )


def _paths(moves: tuple[_Move, ...]) -> Iterator[str]:
    for move in moves:
        if move.moves:
            yield from (f"{move.source}.{path}" for path in _paths(move.moves))
        else:
            yield move.source


def _moved(document: Document, moves: tuple[_Move, ...]) -> MutableDocument:
    return {
        move.target: _value(document[move.source], move.moves)
        for move in moves
        if move.source in document
    }


def _value(stored: Any, moves: tuple[_Move, ...]) -> Any:
    if not moves:
        return stored
    if isinstance(stored, list):
        return [_value(one, moves) for one in stored]
    return _moved(stored, moves) if isinstance(stored, Mapping) else stored
