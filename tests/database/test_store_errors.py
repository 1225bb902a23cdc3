import pickle
from typing import Any

import pytest
from pymongo import errors

from earnorm import (
    BaseModel,
    DuplicateKeyError,
    EarnORMError,
    FilterError,
    ModelRegistry,
    NotAuthorizedError,
    OperationFailedError,
    OperationTimeoutError,
    PartialWriteError,
    StoreConnectionError,
    StringField,
    TransactionConflictError,
    UnsupportedError,
    UpdateError,
)
from earnorm.database.store_errors import translate_store_errors
from earnorm.database.translation import translate_errors
from earnorm.metadata import Metadata


def metadata(home: ModelRegistry) -> Metadata:
    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            indexes = [{"fields": ["name"], "unique": True}]

    return User.__metadata__


def secretive(home: ModelRegistry) -> Metadata:
    class Account(BaseModel, registry=home):
        token = StringField(secret=True)

    return Account.__metadata__


def refused(code: int | None, message: str = "no", **details: Any) -> errors.OperationFailure:
    return errors.OperationFailure(message, code, {"ok": 0, "errmsg": message, **details})


def translated(known: Metadata, error: Exception, **options: Any) -> EarnORMError:
    with pytest.raises(EarnORMError) as caught, translate_errors(known, **options):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind", "builtin"),
    [
        (errors.AutoReconnect("gone"), StoreConnectionError, ConnectionError),
        (errors.ServerSelectionTimeoutError("none"), StoreConnectionError, ConnectionError),
        (
            errors.NotPrimaryError("not primary", {"errmsg": "not primary", "code": 10107}),
            StoreConnectionError,
            ConnectionError,
        ),
        (refused(91), StoreConnectionError, ConnectionError),
        (errors.NetworkTimeout("slow"), OperationTimeoutError, TimeoutError),
        (errors.WaitQueueTimeoutError("full"), OperationTimeoutError, TimeoutError),
        (
            errors.ExecutionTimeout("slow", 50, {"errmsg": "slow"}),
            OperationTimeoutError,
            TimeoutError,
        ),
        (refused(262), OperationTimeoutError, TimeoutError),
        (errors.WTimeoutError("slow", 64, {}), OperationTimeoutError, TimeoutError),
        (errors.WriteError("slow", 50, {}), OperationTimeoutError, TimeoutError),
        (refused(112), TransactionConflictError, RuntimeError),
        (refused(251), TransactionConflictError, RuntimeError),
        (
            refused(24, errorLabels=["TransientTransactionError"]),
            TransactionConflictError,
            RuntimeError,
        ),
        (refused(13), NotAuthorizedError, PermissionError),
        (refused(18), NotAuthorizedError, PermissionError),
        (refused(59), UnsupportedError, NotImplementedError),
        (refused(20), UnsupportedError, NotImplementedError),
        (refused(286), OperationFailedError, RuntimeError),
        (refused(8000), OperationFailedError, RuntimeError),
        (
            refused(9999, errorLabels=["SystemOverloadedError", "RetryableError"]),
            OperationFailedError,
            RuntimeError,
        ),
        (errors.CursorNotFound("gone", 43, {}), OperationFailedError, RuntimeError),
        (errors.WriteConcernError("no", 100, {}), OperationFailedError, RuntimeError),
        (errors.ConfigurationError("no sessions"), OperationFailedError, RuntimeError),
        (refused(None), OperationFailedError, RuntimeError),
        (refused(2), FilterError, ValueError),
        (errors.WriteError("no", 66, {}), UpdateError, ValueError),
    ],
)
def test_a_failure_is_the_error_and_the_builtin_that_a_caller_expects(
    home: ModelRegistry, error: Exception, kind: type[EarnORMError], builtin: type[Exception]
) -> None:
    ours = translated(metadata(home), error)

    assert type(ours) is kind
    assert isinstance(ours, builtin)
    assert ours.__cause__ is error
    assert type(pickle.loads(pickle.dumps(ours))) is kind


def test_a_failure_keeps_code_message_and_labels(home: ModelRegistry) -> None:
    labels = ["TransientTransactionError"]
    error = refused(112, "Write conflict during plan execution.", errorLabels=labels)

    ours = translated(metadata(home), error)

    assert isinstance(ours, TransactionConflictError)
    assert (ours.code, ours.fault) == (112, "Write conflict during plan execution.")
    assert ours.labels == {"TransientTransactionError"}
    assert "User: the transaction cannot go on" in str(ours)
    assert str(ours).endswith("Run the whole of it again.")


def test_a_lost_connection_keeps_its_labels_and_leaves_out_the_topology(
    home: ModelRegistry,
) -> None:
    message = "db1:27017: refused (configured timeouts: 5s), Timeout: 30s, Topology Description: <>"
    error = errors.ServerSelectionTimeoutError(message, {"errorLabels": ["RetryableWriteError"]})

    ours = translated(metadata(home), error)

    assert isinstance(ours, StoreConnectionError)
    assert ours.fault == "db1:27017: refused (configured timeouts: 5s)"
    assert ours.labels == {"RetryableWriteError"}
    assert "Topology" not in str(ours)


def test_words_that_might_hold_a_secret_are_withheld(home: ModelRegistry) -> None:
    error = refused(13, "not authorized to execute { find: 'x', filter: { token: 'hunter2' } }")

    ours = translated(secretive(home), error)

    assert isinstance(ours, NotAuthorizedError)
    assert "hunter2" not in str(ours)
    assert ours.code == 13
    assert ours.__cause__ is None


def taken(index: int, name: str) -> dict[str, Any]:
    return {
        "index": index,
        "code": 11000,
        "errmsg": f"E11000 {name}",
        "keyPattern": {"name": 1},
        "keyValue": {"name": name},
    }


def test_a_batch_that_was_written_in_part_says_what_was_and_what_was_not(
    home: ModelRegistry,
) -> None:
    invalid = {"index": 3, "code": 121, "errmsg": "Document failed validation"}
    details = {"nInserted": 3, "writeErrors": [taken(1, "Ada"), invalid]}

    ours = translated(metadata(home), errors.BulkWriteError(details), many=True)

    assert isinstance(ours, PartialWriteError)
    assert not isinstance(ours, DuplicateKeyError)
    assert ours.written == (0, 2, 4)
    assert [(fault.path, fault.code) for fault in ours.errors] == [
        ("1.name", "duplicate"),
        ("3", "refused"),
    ]
    assert "Document failed validation" in str(ours)
    assert "3 of the batch were written" in str(ours)
    assert pickle.loads(pickle.dumps(ours)).written == (0, 2, 4)


def test_an_ordered_batch_ends_at_its_fault(home: ModelRegistry) -> None:
    details = {"nInserted": 1, "writeErrors": [taken(1, "Ada")]}

    ours = translated(metadata(home), errors.BulkWriteError(details), many=True)

    assert isinstance(ours, PartialWriteError)
    assert ours.written == (0,)
    assert "1 of the batch was written" in str(ours)


def test_other_writes_are_known_to_be_done_up_to_the_last_fault(home: ModelRegistry) -> None:
    details = {"nInserted": 0, "nMatched": 7, "writeErrors": [taken(2, "Ada")]}

    ours = translated(metadata(home), errors.BulkWriteError(details), many=True)

    assert isinstance(ours, PartialWriteError)
    assert ours.written == (0, 1)


def test_a_duplicate_of_which_the_server_names_nothing_is_told_by_its_position(
    home: ModelRegistry,
) -> None:
    details = {"nInserted": 2, "writeErrors": [{"index": 2, "code": 11000, "errmsg": "E11000"}]}

    ours = translated(metadata(home), errors.BulkWriteError(details))

    assert isinstance(ours, PartialWriteError)
    assert ours.written == (0, 1)
    assert [(fault.path, fault.code) for fault in ours.errors] == [("2", "duplicate")]


def test_a_batch_whose_write_concern_was_not_met_was_written(home: ModelRegistry) -> None:
    concern = {"code": 64, "errmsg": "waiting timed out", "errInfo": {"wtimeout": True}}
    details = {"nInserted": 2, "writeErrors": [], "writeConcernErrors": [concern]}

    ours = translated(metadata(home), errors.BulkWriteError(details), many=True)

    assert isinstance(ours, OperationTimeoutError)
    assert (ours.code, ours.fault) == (64, "waiting timed out")


def test_a_write_concern_that_no_member_can_meet_is_no_fault_of_the_document(
    home: ModelRegistry,
) -> None:
    concern = {"code": 100, "errmsg": "Not enough data-bearing nodes"}
    details = {"nInserted": 2, "writeErrors": [], "writeConcernErrors": [concern]}

    ours = translated(metadata(home), errors.BulkWriteError(details), many=True)

    assert isinstance(ours, OperationFailedError)
    assert "The write itself happened" in str(ours)


def test_a_batch_of_secrets_shows_neither_them_nor_the_words_of_the_server(
    home: ModelRegistry,
) -> None:
    invalid = {"index": 0, "code": 121, "errmsg": "token is 'hunter2'"}
    clash = {
        "index": 1,
        "code": 11000,
        "errmsg": "E11000 hunter2",
        "keyPattern": {"token": 1},
        "keyValue": {"token": "hunter2"},
    }
    details = {"nInserted": 0, "writeErrors": [invalid, clash]}

    ours = translated(secretive(home), errors.BulkWriteError(details), many=True)

    assert isinstance(ours, PartialWriteError)
    assert "hunter2" not in f"{ours} {ours.errors!r}"
    assert ours.__cause__ is None


def test_without_a_model_a_failure_names_the_store() -> None:
    with (
        pytest.raises(
            StoreConnectionError, match="^mongodb://db1/shop: the server cannot be reached"
        ),
        translate_store_errors("mongodb://db1/shop"),
    ):
        raise errors.AutoReconnect("db1:27017: closed")


def test_without_a_model_whatever_the_server_refuses_is_its_failure() -> None:
    with pytest.raises(OperationFailedError) as caught, translate_store_errors("the store"):
        raise refused(9, "unknown stage")

    assert (caught.value.code, caught.value.fault) == (9, "unknown stage")
