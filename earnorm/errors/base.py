"""The root of the tree of errors and of the tree of warnings."""

__all__ = ["EarnORMError", "EarnORMWarning"]


class EarnORMError(Exception):
    """Every error that EarnORM raises on purpose.

    Each one is also the builtin that a caller expects (`LookupError`, `ValueError`…), carries its
    culprit as an attribute, and ends its message with the remedy.
    """


class EarnORMWarning(UserWarning):
    """Every warning that EarnORM gives."""
