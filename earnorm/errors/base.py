"""The root of the tree of errors and of the tree of warnings."""

from typing import Any

__all__ = ["EarnORMError", "EarnORMWarning"]


class EarnORMError(Exception):
    """Every error that EarnORM raises on purpose.

    Each one is also the builtin that a caller expects (`LookupError`, `ValueError`…), carries its
    culprit as an attribute, and ends its message with the remedy. Errors can be pickled.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        # Python's own way would call the constructor, which takes other arguments than the message.
        return _restore, (type(self), self.args, vars(self))


class EarnORMWarning(UserWarning):
    """Every warning that EarnORM gives."""


def _restore(
    kind: type[EarnORMError], args: tuple[Any, ...], state: dict[str, Any]
) -> EarnORMError:
    error = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(state)
    return error
