"""What a store that is a server can fail with, besides what an embedded one can."""

from collections.abc import Iterable, Sequence

from earnorm.errors.base import EarnORMError
from earnorm.errors.validation import FieldFault, ValidationError

__all__ = [
    "NotAuthorizedError",
    "OperationFailedError",
    "OperationTimeoutError",
    "PartialWriteError",
    "StoreConnectionError",
    "TransactionConflictError",
    "TransactionError",
]


class StoreConnectionError(EarnORMError, ConnectionError):
    """No server answers, or the one that did went away.

    `store` is its URL without secrets, or the model that was being read or written; `fault` what was tried
    and how it ended; `code` and `labels` are the server's own, where one said something.
    """

    def __init__(
        self,
        store: str,
        fault: str,
        *,
        remedy: str = "",
        code: int | None = None,
        labels: Iterable[str] = (),
    ) -> None:
        advice = remedy or (
            "Whether a write that was under way happened is unknown: look, or repeat one that may happen "
            "twice. Check that the server runs and is reached from here."
        )
        super().__init__(f"{store}: the server cannot be reached: {_clause(fault)}. {advice}")
        self.store = store
        self.fault = fault
        self.code = code
        self.labels = frozenset(labels)


class OperationTimeoutError(EarnORMError, TimeoutError):
    """An operation took longer than it may; of a write, part may have happened.

    `about` is the model or the store; `fault`, `code` and `labels` are the server's own.
    """

    def __init__(
        self, about: str, fault: str, *, code: int | None = None, labels: Iterable[str] = ()
    ) -> None:
        super().__init__(
            f"{about}: the operation took longer than it may: {_clause(fault)}. Give it more time, an index, "
            "or less to do; of a write outside a transaction, part may have happened."
        )
        self.about = about
        self.fault = fault
        self.code = code
        self.labels = frozenset(labels)


class TransactionConflictError(EarnORMError, RuntimeError):
    """Another writer came first, or the transaction is gone; none of its writes happened.

    `about` is the model or the store; `fault`, `code` and `labels` are the store's own
    (`TransientTransactionError`).
    """

    def __init__(
        self, about: str, fault: str, *, code: int | None = None, labels: Iterable[str] = ()
    ) -> None:
        self.labels = frozenset(labels)
        advice = "Run the whole of it again."
        if code == _NO_SUCH_TRANSACTION and "TransientTransactionError" not in self.labels:
            advice = "An error that was caught in it had ended it: let that one leave the block."
        super().__init__(
            f"{about}: the transaction cannot go on, and none of its writes happened: {_clause(fault)}. {advice}"
        )
        self.about = about
        self.fault = fault
        self.code = code


class TransactionError(EarnORMError, RuntimeError):
    """A transaction was used in a way that it cannot be; the message says what to do instead."""


class NotAuthorizedError(EarnORMError, PermissionError):
    """The server does not know the user, or the user may not do this; nothing happened.

    `about` is the model or the store; `fault` and `code` are the server's own.
    """

    def __init__(self, about: str, fault: str, *, code: int | None = None) -> None:
        super().__init__(
            f"{about}: the server refuses it to this user: {_clause(fault)}. Check the user, its password and "
            "authSource in the URL, and the roles that the server gives it."
        )
        self.about = about
        self.fault = fault
        self.code = code


class OperationFailedError(EarnORMError, RuntimeError):
    """The server failed at an operation, and neither its filter nor its update is to blame.

    `about` is the model or the store; `fault`, `code` and `labels` are the server's own.
    """

    def __init__(
        self,
        about: str,
        fault: str,
        *,
        remedy: str = "",
        code: int | None = None,
        labels: Iterable[str] = (),
    ) -> None:
        number = "" if code is None else f" (code {code})"
        advice = remedy or "The server's log, and MongoDB's manual on that code, say more."
        super().__init__(f"{about}: the server failed: {_clause(fault)}{number}. {advice}")
        self.about = about
        self.fault = fault
        self.code = code
        self.labels = frozenset(labels)


class PartialWriteError(ValidationError):
    """Of a batch, some was written and some refused; a transaction would have written all or nothing.

    `errors` has a fault for each position that was refused; `written` the positions whose write happened.
    """

    def __init__(
        self, model: str, errors: Iterable[FieldFault], *, written: Sequence[int] = ()
    ) -> None:
        self.written: tuple[int, ...] = tuple(written)
        super().__init__(model, errors)
        count = len(self.written)
        remedy = "Mend the others and write them again, or write the batch in a transaction."
        told = f"{count} of the batch {'was' if count == 1 else 'were'} written (the attribute 'written')."
        self.args = (f"{self.args[0]}\n{told} {remedy}",)


_NO_SUCH_TRANSACTION = 251


def _clause(text: str) -> str:
    """A server's words, to be followed by a full stop of ours."""
    return text.strip().rstrip(".")
