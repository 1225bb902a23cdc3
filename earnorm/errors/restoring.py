"""What keeps an exported registry from being read, or from being restored."""

from earnorm.errors.base import EarnORMError

__all__ = ["RegistryFileError", "RestoreError"]


class RegistryFileError(EarnORMError, ValueError):
    """An exported registry is not what was written.

    `line` and `part` say where; `revision`, `model` and `collection` what is affected, where that is known.
    """

    def __init__(
        self,
        fault: str,
        *,
        line: int,
        part: str,
        revision: int | None = None,
        model: str | None = None,
        collection: str | None = None,
    ) -> None:
        super().__init__(
            f"the exported registry cannot be trusted: line {line}, {part}: {fault}. Nothing was read of it. "
            "Export the registry again, or take another copy of the file."
        )
        self.line = line
        self.part = part
        self.revision = revision
        self.model = model
        self.collection = collection


class RestoreError(EarnORMError, RuntimeError):
    """An exported registry cannot be restored into this store: something would be lost, or was changed meanwhile.

    `target` is the store.
    """

    def __init__(self, fault: str, *, target: str) -> None:
        super().__init__(f"the registry cannot be restored into {target}: {fault}")
        self.target = target
