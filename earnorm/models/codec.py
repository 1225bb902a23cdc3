"""Checks, encodes and decodes the instances of one class, field by field.

This interpreted path is the reference: any faster one must give the same values and the same errors.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from earnorm.errors import (
    SECRET,
    DocumentError,
    FieldFault,
    ModelDefinitionError,
    ValidationError,
    suggestion,
)
from earnorm.fields import (
    Field,
    copy_containers,
    decoder_of,
    hidden_fault,
    is_storable_name,
    read_stored,
    recheck_dynamic,
)
from earnorm.models.assignment import Assignments
from earnorm.models.pictures import Pictures
from earnorm.models.rules import DISCRIMINATOR, KEEP_EXTRAS, REVISION, DocumentRules

__all__ = ["AbstractCodec", "ModelCodec"]


class ModelCodec(Pictures, Assignments):
    """The codec of one class, over its field table; immutable."""

    def __init__(
        self,
        model: type[Any],
        fields: Mapping[str, Field[Any]],
        rules: DocumentRules = KEEP_EXTRAS,
    ) -> None:
        Pictures.__init__(self, model, fields)
        Assignments.__init__(self, model, fields)
        self.rules = rules
        self._by_stored_name = {field.stored_name: field for field in fields.values()}

    @property
    def holds_secrets(self) -> bool:
        """Whether any field is secret, or holds something that is."""
        return any(field.holds_secrets for field in self.fields.values())

    def initialise(self, instance: Any, values: dict[str, Any]) -> None:
        """Fills a new instance from the arguments of its constructor; raises `ValidationError`."""
        faults: list[FieldFault] = []
        state = self.construct(values, "", faults)
        self._fill(instance, state, "", faults, 0)
        if faults:
            raise ValidationError(self.model.__qualname__, faults)

    def construct(
        self, values: Mapping[str, Any], path: str, faults: list[FieldFault]
    ) -> dict[str, Any]:
        """The checked values of a new instance, defaults filled in."""
        state: dict[str, Any] = {}
        found = len(faults)
        for name, field in self.fields.items():
            if name in values and field.contributed_by is None:
                state[name] = field.check(values[name], f"{path}{name}", faults)
            elif field.has_default:
                state[name] = field.check(field.make_default(), f"{path}{name}", faults)
            elif field.contributed_by is None:
                faults.append(field.fault(f"{path}{name}", "required", "is required", None))
        self._hide_secrets(state, path, faults, found)
        faults += self._unknown_arguments(values, path)
        return state

    def validate(self, instance: Any, path: str, faults: list[FieldFault]) -> None:
        """Checks every value again, as nested ones may have been changed in place; puts them in order."""
        state = vars(instance)
        found = len(faults)
        for name, field in self.fields.items():
            if name in state:
                state[name] = field.recheck(state[name], f"{path}{name}", faults)
            elif field.required:
                message = (
                    f"has no value: the plugin {field.contributed_by!r} should have set it before the save"
                    if field.contributed_by
                    else "has no value"
                )
                faults.append(field.fault(f"{path}{name}", "required", message, None))
        self._hide_secrets(state, path, faults, found)
        extras = instance.__extras__
        for name in list(extras):
            extras[name] = recheck_dynamic(extras[name], f"{path}{name}", faults)
        self._run_validators(instance, path, faults, found)

    def fill(self, instance: Any) -> None:
        """Gives an instance the values that it lacks as it was made before the model got their fields."""

    def check_extra(self, name: str) -> Iterator[FieldFault]:
        """What is wrong with storing a value under `name` beside those of the fields."""
        field = self._by_stored_name.get(name)
        if field is not None:
            message = f"is the stored name of the field {field.name!r}; assign that one"
            yield FieldFault(path=name, code="key", message=message)
        elif not is_storable_name(name):
            message = "is no stored name: it is empty, starts with '$', or holds a NUL or a lone surrogate"
            yield FieldFault(path=name, code="key", message=message)

    def encode(self, instance: Any) -> dict[str, Any]:
        """The document of a valid instance: `_id` first when it has one, extras last."""
        document = {}
        state = vars(instance)
        for name, field in self.fields.items():
            if name in state:
                value = state[name]
                document[field.stored_name] = None if value is None else field.encode(value)
        if document.get("_id", True) is None:
            del document["_id"]
        document.update(self.rules.constants)
        if self.rules.has_revision and instance.__state__.revision is not None:
            document[REVISION] = instance.__state__.revision
        document.update(copy_containers(dict(instance.__extras__)))
        return document

    def load(self, document: Mapping[str, Any]) -> Any:
        """A stored instance; raises `DocumentError` for a document that does not fit.

        A document that says that it is of a class below this one gives an instance of that.
        """
        return self.load_slowly(document)

    def load_slowly(self, document: Mapping[str, Any]) -> Any:
        """As `load`, without generated code for this class."""
        if type(document) is not dict and not isinstance(document, Mapping):
            what = f"{self.model.__qualname__}.from_document"
            shown = SECRET if self.holds_secrets else document
            raise TypeError(f"{what} takes a mapping, not {shown!r}")
        faults: list[FieldFault] = []
        codec = self.codec_of(document, faults)
        if codec is not None and codec is not self:
            return codec.load(document)
        instance = self.decode_slowly(document, "", faults) if codec is not None else None
        if faults:
            raise DocumentError(self.model.__qualname__, read_stored(document.get("_id")), faults)
        return instance

    def load_trusted(self, document: Mapping[str, Any]) -> Any:
        """As `load`, for a document that is taken to fit: what is not looked at is not found out."""
        return self.load(document)

    def load_all(self, documents: list[Any], *, trusted: bool = False) -> list[Any]:
        """The instances of documents that nobody else holds: in the same list, in their place.

        Raises `DocumentError` at the first that does not fit. What instances keep, they need not copy.
        """
        load = self.load_trusted if trusted else self.load
        for position, document in enumerate(documents):
            documents[position] = load(document)
        return documents

    def decode(self, document: Mapping[str, Any], path: str, faults: list[FieldFault]) -> Any:
        """A stored instance of this class; what does not fit is added to `faults`.

        Unknown keys become extras, or what the rules make of them. What a default fills in is not what
        the store has, so the next save writes it.
        """
        return self.decode_slowly(document, path, faults)

    def decode_slowly(
        self, document: Mapping[str, Any], path: str, faults: list[FieldFault]
    ) -> Any:
        """As `decode`, without generated code for this class."""
        state: dict[str, Any] = {}
        filled: set[str] = set()
        found = len(faults)
        for name, field in self.fields.items():
            stored_name = field.stored_name
            if stored_name in document:
                state[name] = decoder_of(field)(
                    document[stored_name], f"{path}{stored_name}", faults
                )
            elif field.has_default:
                state[name] = field.check(field.make_default(), f"{path}{stored_name}", faults)
                if state[name] is not None:
                    filled.add(name)
            elif field.contributed_by is not None:
                filled.add(name)  # stored before the plugin was enabled; the next save sets it
            else:
                message = "is missing, and a value is required"
                faults.append(field.fault(f"{path}{stored_name}", "required", message, None))
        self._hide_secrets(document, path, faults, found)
        extras = self._read_extras(document, path, faults)
        if faults:
            return None
        revision = document.get(REVISION) if self.rules.has_revision else None
        return self.assemble(state, self.trace(state, filled, extras, revision))

    def codec_of(
        self, document: Mapping[str, Any], faults: list[FieldFault]
    ) -> "ModelCodec | None":
        """The codec of the class that the document says it is of; None, with a fault, for no class here."""
        own = self.rules.constants.get(DISCRIMINATOR)
        is_own = (
            document.get(DISCRIMINATOR) == own
            if own is not None
            else DISCRIMINATOR not in document or DISCRIMINATOR in self._by_stored_name
        )
        if is_own or self.model.__embedded__:
            return self
        chosen = self.model.__tree__.choose(self.model, document)
        if isinstance(chosen, FieldFault):
            faults.append(chosen)
            return None
        codec: ModelCodec = chosen.__codec__
        return codec

    def _fill(
        self,
        instance: Any,
        state: Mapping[str, Any],
        path: str,
        faults: list[FieldFault],
        start: int,
    ) -> None:
        """Gives an instance the values that fit, and has the validators look at it."""
        faulty = _names(faults, path, start)
        vars(instance).update({name: v for name, v in state.items() if name not in faulty})
        self._run_validators(instance, path, faults, start)

    def _run_validators(
        self, instance: Any, path: str, faults: list[FieldFault], start: int
    ) -> None:
        """Runs the methods under `validates` whose fields have no faults from `start` on."""
        validators = self.model.__validators__
        if not validators:
            return
        faulty = _names(faults, path, start)
        is_whole = len(faults) == start
        for validator in validators:
            if faulty.isdisjoint(validator.fields) and validator.applies(instance):
                faults += validator.faults(instance, path, is_whole=is_whole)

    def _hide_secrets(
        self, values: Mapping[str, Any], path: str, faults: list[FieldFault], start: int
    ) -> None:
        """Takes secret values out of the faults from `start` on, whoever found them."""
        for number in range(start, len(faults)):
            name = faults[number].path[len(path) :].partition(".")[0]
            field = self.fields.get(name) or self._by_stored_name.get(name)
            if field is not None and field.is_hidden:
                cut = f"{path}{name}" if field.secret and field.has_keys else None
                faults[number] = hidden_fault(faults[number], values.get(name), cut)

    def _read_extras(
        self, document: Mapping[str, Any], path: str, faults: list[FieldFault]
    ) -> dict[str, Any]:
        unknown = [
            key
            for key in document
            if key not in self._by_stored_name and key not in self.rules.reserved
        ]
        if self.rules.extra == "forbid":
            for key in unknown:
                hint = suggestion(key, self._by_stored_name) if isinstance(key, str) else ""
                message = f"is no stored name of {self.model.__name__}.{hint}"
                faults.append(FieldFault(path=f"{path}{key}", code="unknown", message=message))
        if self.rules.extra != "keep":
            return {}
        return {key: read_stored(document[key]) for key in unknown}

    def check_value(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        """An embedded instance from itself, checked again, or from a mapping of its values."""
        below = f"{path}." if path else ""
        if isinstance(value, self.model):
            if type(value) is self.model:
                self.validate(value, below, faults)
            else:
                faults.append(self._type_fault(value, path))
            return value
        if not isinstance(value, Mapping):
            faults.append(self._type_fault(value, path))
            return value
        found = len(faults)
        state = self.construct(value, below, faults)
        instance = self.assemble({}, None)
        self._fill(instance, state, below, faults, found)
        return value if len(faults) > found else instance

    def encode_value(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        """What another document keeps of an instance: an embedded one whole, a stored one's id."""
        if self.model.__embedded__:
            return self.encode(value)
        if value.id is None:
            message = "refers to an instance that was never saved; save it first"
            faults.append(FieldFault(path=path, code="unsaved", message=message, input=value))
        return value.id

    def decode_value(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        """An embedded instance from its stored document."""
        assert isinstance(stored, Mapping)
        return self.decode(stored, f"{path}.", faults)

    def _type_fault(self, value: object, path: str) -> FieldFault:
        name = self.model.__name__
        message = f"must be an instance of {name} or a mapping of its values"
        if isinstance(value, self.model):
            message = f"must be an instance of {name} itself: what a subclass adds would be lost"
        shown = SECRET if self.holds_secrets else value
        return FieldFault(path=path, code="type", message=message, input=shown)

    def _unknown_arguments(self, names: Iterable[object], path: str) -> Iterator[FieldFault]:
        guesses = _MOST_GUESSES
        for name in names:
            field = self.fields.get(name) if isinstance(name, str) else None
            if field is None:
                hint = suggestion(name, self.fields) if guesses and isinstance(name, str) else ""
                guesses -= bool(guesses)
                message = f"is no field of {self.model.__name__}.{hint}"
            elif field.contributed_by is not None:
                message = f"is set by the plugin {field.contributed_by!r}, and is no argument"
            else:
                continue
            yield FieldFault(path=f"{path}{name}", code="unknown", message=message)


class AbstractCodec(ModelCodec):
    """The codec of an abstract model, which has no instances."""

    def initialise(self, instance: Any, values: dict[str, Any]) -> None:
        raise ModelDefinitionError(
            "is abstract and has no instances. Define a subclass.", model=self.model.__qualname__
        )


# Looking for near names takes time, and whoever sends thousands of wrong ones has not mistyped them.
_MOST_GUESSES = 20


def _names(faults: Sequence[FieldFault], path: str, start: int) -> set[str]:
    """The fields below `path` that the faults from `start` on are about."""
    return {fault.path[len(path) :].partition(".")[0] for fault in faults[start:]}
