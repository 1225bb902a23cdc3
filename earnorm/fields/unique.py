"""The validator that asks the database."""

from earnorm.errors import FieldDefinitionError

__all__ = ["UniqueValidator"]


class UniqueValidator:
    """Declares that no two documents share these fields' values.

    A declaration: the database looks before it writes, once for a whole batch, so that the message
    names the field. Only a unique index over the same fields *guarantees* it, also against a writer
    that comes between the look and the write; both end in `DuplicateKeyError`. None is not looked up.
    """

    __slots__ = ("fields",)

    def __init__(self, *fields: str) -> None:
        if not fields or not all(isinstance(field, str) for field in fields):
            raise FieldDefinitionError(
                "UniqueValidator takes the names of fields, as in UniqueValidator('email')"
            )
        self.fields = fields

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UniqueValidator) and self.fields == other.fields

    def __hash__(self) -> int:
        return hash((UniqueValidator, self.fields))

    def __repr__(self) -> str:
        return f"UniqueValidator({', '.join(map(repr, self.fields))})"
