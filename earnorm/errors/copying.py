"""What keeps one store from being copied to another."""

from earnorm.errors.base import EarnORMError

__all__ = ["CopyError"]


class CopyError(EarnORMError, RuntimeError):
    """A store cannot be copied to another one so; `source` and `target` are their names, without secrets."""

    def __init__(self, fault: str, *, source: str, target: str) -> None:
        super().__init__(f"{source} cannot be copied to {target}: {fault}")
        self.source = source
        self.target = target
