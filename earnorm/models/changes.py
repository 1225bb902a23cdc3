"""What of a stored instance the store does not have yet, and what becomes of it when it is written."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from earnorm.errors import SECRET
from earnorm.fields import ABSENT, DYNAMIC, Difference, is_nameable, is_secret_path, picture_of
from earnorm.models.pictures import value_of
from earnorm.models.rules import REVISION
from earnorm.models.state import NO_EXTRAS, InstanceState
from earnorm.typing import Document, MutableDocument

__all__ = [
    "Change",
    "PreparedWrite",
    "adopt",
    "find_changes",
    "find_differences",
    "memory_of",
    "revert",
]


@dataclass(frozen=True, slots=True)
class Change:
    """What a part of a stored instance was and is; None also where there was or is nothing."""

    before: Any
    after: Any


def find_differences(instance: Any) -> Iterator[Difference]:
    """Where a stored instance is not as its document, in the order of its fields, extras last."""
    codec, state, values = instance.__codec__, instance.__state__, vars(instance)
    pictures = dict(zip(codec.mutable, _pictures(codec, state), strict=True))
    for name, field in codec.fields.items():
        value = values.get(name, ABSENT)
        if name in pictures:
            yield from field.differences(pictures[name], value, name, field.stored_name)
        elif name in state.changed and not _equal(state.changed[name], value):
            yield Difference(
                path=name,
                stored_path=field.stored_name,
                field=field,
                picture=state.changed[name],
                value=value,
            )
    before = dict(state.extras_picture)
    for name in dict.fromkeys((*before, *state.extras)):
        now = state.extras.get(name, ABSENT)
        yield from DYNAMIC.differences(before.get(name, ABSENT), now, name, name)


def find_changes(instance: Any) -> dict[str, Change]:
    """The changes since the instance was loaded or saved, by path; none for a new instance.

    Of a secret they say that it changed, and nothing more.
    """
    if not instance.__state__.stored:
        return {}
    fields = instance.__codec__.fields
    return {
        difference.path: Change(SECRET, SECRET)
        if is_secret_path(fields, difference.path)
        else Change(difference.before, difference.after)
        for difference in find_differences(instance)
    }


def revert(instance: Any) -> None:
    """Puts every value back to what the store has; what a default had filled in is that default again."""
    codec, state, values = instance.__codec__, instance.__state__, vars(instance)
    known = {**state.changed, **dict(zip(codec.mutable, _pictures(codec, state), strict=True))}
    for name, picture in known.items():
        field = codec.fields[name]
        if picture is ABSENT and not field.has_default:
            values.pop(name, None)
        else:
            values[name] = value_of(field, picture)
    state.changed = {name: old for name, old in state.changed.items() if old is ABSENT}
    state.extras = DYNAMIC.thaw(state.extras_picture)


def adopt(instance: Any, fresh: Any, names: Collection[str], extras: Collection[str]) -> None:
    """Takes these values and extras from another instance of the same document, as what the store has."""
    codec, state = instance.__codec__, instance.__state__
    pictures = list(_pictures(codec, state))
    for name in names:
        vars(instance)[name] = vars(fresh)[name]
        state.changed.pop(name, None)
    for number, (name, field) in enumerate(codec.mutable.items()):
        if name in names:
            pictures[number] = picture_of(field, vars(fresh)[name])
    state.pictures = tuple(pictures)
    taken = {name: value for name, value in fresh.__extras__.items() if name in extras}
    state.extras.update(taken)
    state.extras_picture = DYNAMIC.freeze({**DYNAMIC.thaw(state.extras_picture), **taken})
    state.revision = fresh.__state__.revision


def memory_of(instance: Any) -> Callable[[], None]:
    """What makes the instance know again what it knows now of its document; its values stay.

    Whatever it has got meanwhile then counts as changed.
    """
    codec, state, values = instance.__codec__, instance.__state__, vars(instance)
    known = state.copy()
    before = {
        name: state.changed.get(name, values.get(name, ABSENT))
        for name, field in codec.fields.items()
        if name not in codec.mutable and field.stored_name != "_id"
    }

    def remember() -> None:
        extras, now = instance.__state__.extras, vars(instance)
        instance.__state__.take(known.copy())
        instance.__state__.extras = extras
        instance.__state__.changed = {
            name: old for name, old in before.items() if not _equal(old, now.get(name, ABSENT))
        }

    return remember


class PreparedWrite:
    """One instance in the moment in which it was found valid: what is written, and what is true then.

    `document` is the whole. `update` holds the operators that bring the stored document there, empty
    when it is there already; it is None for an instance that has no document yet, and where a path
    could not name what changed.
    """

    __slots__ = (
        "_before",
        "_changed",
        "_extras_picture",
        "_id",
        "_pictures",
        "document",
        "instance",
        "is_acknowledged",
        "state",
        "update",
    )

    def __init__(
        self,
        instance: Any,
        document: MutableDocument,
        pictures: tuple[Any, ...],
        *,
        since: Document | None = None,
    ) -> None:
        """What brings the stored document there from what the instance knows of it, or from `since`."""
        state = self.state = instance.__state__
        self.instance = instance
        self.document = document
        self.is_acknowledged = False
        self._id = instance.id
        if instance.__codec__.rules.has_revision:
            document[REVISION] = (state.revision or 0) + 1
        if since is not None:
            self.update = _update_since(instance, document, since)
        else:
            self.update = _update(instance) if state.stored else None
        self._pictures = pictures
        self._extras_picture = DYNAMIC.freeze(state.extras) if state.extras else NO_EXTRAS
        self._before = (state.stored, state.pictures, state.extras_picture, state.revision)
        # What is assigned from now on is a change of what is being written.
        self._changed, state.changed = state.changed, {}

    @property
    def touched(self) -> set[str] | None:
        """The stored names at the top of what the update changes; None when all is written."""
        if self.update is None:
            return None
        return {path.partition(".")[0] for changes in self.update.values() for path in changes}

    def acknowledge(self) -> None:
        """The store has it: the instance differs from its document only by what came later."""
        state = self.state
        self.is_acknowledged = True
        vars(self.instance)["id"] = self.document.get("_id", self.instance.id)
        state.stored = True
        state.pictures, state.extras_picture = self._pictures, self._extras_picture
        if self.instance.__codec__.rules.has_revision and self.update != {}:
            state.revision = (state.revision or 0) + 1

    def undo(self) -> None:
        """The store does not have it: what had changed before is changed still."""
        state = self.state
        state.changed = {**state.changed, **self._changed}

    def roll_back(self) -> None:
        """The store had it, and has it no longer: the instance knows what it knew before, its values stay."""
        state = self.state
        state.stored, state.pictures, state.extras_picture, state.revision = self._before
        if self._id is None:
            state.former_id = self.instance.id
        vars(self.instance)["id"] = self._id
        self.undo()


def _update(instance: Any) -> MutableDocument | None:
    state = instance.__state__
    extras = {*state.extras, *dict(state.extras_picture)}
    update: MutableDocument = {}
    for difference in find_differences(instance):
        path = difference.stored_path
        if path in extras and not is_nameable(path):
            return None
        gone = difference.value is ABSENT
        operator, operand = ("$unset", "") if gone else ("$set", difference.encoded)
        update.setdefault(operator, {})[path] = operand
    return update


def _update_since(
    instance: Any, document: MutableDocument, since: Document
) -> MutableDocument | None:
    """The update from one document to another, by their keys at the top; unknown keys may stay."""
    codec = instance.__codec__
    known = {field.stored_name for field in codec.fields.values()}
    ours = {key for key in since if key in known or codec.rules.extra == "keep"} - {REVISION}
    before, after = dict(DYNAMIC.freeze(since)), dict(DYNAMIC.freeze(document))
    changed = {
        key: document[key]
        for key in document.keys() - {REVISION, "_id"}
        if key not in before or before[key] != after[key]
    }
    gone = dict.fromkeys(ours - document.keys() - {"_id"}, "")
    if not all(map(is_nameable, (*changed, *gone))):
        return None
    return {**({"$set": changed} if changed else {}), **({"$unset": gone} if gone else {})}


def _pictures(codec: Any, state: InstanceState) -> tuple[Any, ...]:
    """The pictures of what the store has, `ABSENT` for fields that the model got since they were taken."""
    missing = len(codec.mutable) - len(state.pictures)
    return (*state.pictures, *(ABSENT,) * missing) if missing else state.pictures


def _equal(before: Any, after: Any) -> bool:
    # 1, 1.0 and True are equal to Python, and three different values to BSON.
    return before is after or (type(before) is type(after) and bool(before == after))
