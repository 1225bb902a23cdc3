"""Tests that do not run over the wire, on no server."""

from collections.abc import Mapping

_FILE = "is about a file, which a server is not"
_CAN = "is refused by the embedded store only: a server can do it"
_PARTIAL = "a batch is not atomic outside a transaction: tests/wire/test_differences.py"

LEFT_OUT: Mapping[str, str] = {
    # the embedded store itself
    "tests/database/test_kill.py": "a process of its own writes into a file, and is killed",
    "tests/database/test_large_deletes.py": "a process of its own measures the memory beside a file",
    "tests/database/test_connect.py::test_a_url_that_cannot_be_understood_says_what_can": _FILE,
    "tests/database/test_connect.py::test_nothing_is_opened_before_the_connection_is_entered": _FILE,
    "tests/database/test_connect.py::test_the_url_comes_from_the_environment_else_a_file": _FILE,
    "tests/database/test_stored_history.py::test_a_damaged_history_keeps_no_program_from_its_documents": _FILE,
    "tests/database/test_stored_history.py::test_a_file_of_ours_keeps_the_history_unless_it_is_told_not_to": _FILE,
    "tests/database/test_stored_history.py::test_a_model_that_cannot_be_described_is_left_out_and_said_so": _FILE,
    "tests/hostile/test_names.py::test_hostile_names_leave_no_trace_in_the_files_schema": _FILE,
    # what takes minutes where each step is a round trip
    "tests/database/test_on_delete.py::test_a_chain_may_be_deeper_than_functions_can_be_nested": (
        "goes back and forth 2,000 times; that the stack does not grow, the embedded store shows"
    ),
    "tests/database/test_partial_saves.py::test_after_any_changes_the_store_has_what_the_instance_has": (
        "a property test of hundreds of round trips"
    ),
    "tests/database/test_stored_history_properties.py": "property tests of hundreds of round trips",
    # what differs by design: docs/guide/mongodb.md
    "tests/database/test_connect.py::test_a_database_belongs_to_the_loop_that_opened_it": (
        "a client closes on its own loop only: tests/wire/test_differences.py"
    ),
    "tests/hostile/test_injection.py::test_operators_that_would_run_code_or_are_not_there_are_refused_by_name": (
        "a server has $where, $text and their like; whether it runs JavaScript is its own setting"
    ),
    "tests/database/test_queries.py::test_a_filter_that_cannot_be_answered_says_why[$near]": _CAN,
    "tests/database/test_queries.py::test_a_filter_that_cannot_be_answered_says_why[$where]": _CAN,
    "tests/database/test_query_updates.py::test_an_update_changes_what_it_says[set_now]": (
        "$currentDate is the server's time, which no test can stop"
    ),
    "tests/database/test_saving.py::test_a_batch_is_all_or_nothing_by_the_index_too": _PARTIAL,
    "tests/database/test_store_options.py::test_what_the_store_does_not_support_it_refuses": _CAN,
    "tests/database/test_trees.py::test_a_unique_value_of_a_child_is_its_own": _PARTIAL,
    "tests/database/test_trees.py::test_the_unique_index_of_a_child_names_the_field": _PARTIAL,
}
"""By the file, the file and the name, or these and a part of the parameters."""
