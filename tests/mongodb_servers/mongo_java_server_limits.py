"""What mongo-java-server 1.47.0 lacks or gets wrong."""

from collections.abc import Mapping

IGNORES_COLLATIONS = "it ignores collations"
SESSIONS_ONLY = "it takes the fields of a session and does nothing with them"

MONGO_JAVA_SERVER: Mapping[str, str] = {
    # filters and values
    "binary_subtypes": "it gives every subtype but that of UUIDs back as 0",
    "bit_operators": "it has no $bitsAllSet and its like",
    "json_schema": "it has no $jsonSchema",
    "let_variables": "it ignores `let` of a find",
    "not_a_number": "it finds NaN by `$gt`",
    "stored_regular_expressions": "a filter with an expression does not find the same one stored",
    "whole_arrays": "a filter with an array does not find an array that holds it",
    # updates
    "bit": "it has no $bit",
    "pipeline_update": "it takes no pipeline for an update",
    "unused_array_filter_is_refused": "it fails the command, where MongoDB fails the write",
    # reading
    "collation": IGNORES_COLLATIONS,
    "collation_of_a_collection": IGNORES_COLLATIONS,
    "collation_of_a_write": IGNORES_COLLATIONS,
    "explain": "it has no command `explain`",
    "explain_verbosity": "it has no command `explain`",
    "max_time_is_kept": "it ignores maxTimeMS; a regular expression that hangs stops its clients",
    "projection_expressions": "it does not compute in the projection of a find",
    "projection_positional": "it gives the whole array for `list.$`",
    "strings_by_code_point": "it orders strings by UTF-16, so U+1F600 comes before U+FB00",
    "unknown_hint_is_refused": "it ignores hints",
    "views": "it makes a collection where a view was asked for",
    # writing
    "bulk_ordered": "it counts the documents after the first error as inserted",
    "capped_collections": "it has no capped collections",
    "collection_options_told": "it has no capped collections",
    "documents_grown_too_large_are_refused": "it keeps documents above 16 MiB",
    "duplicate_key_details": "the error has neither keyPattern nor keyValue",
    "too_deep_documents_are_refused": "it keeps documents of any depth",
    "too_large_documents_are_refused": "it closes the connection",
    "unacknowledged_writes": "it has not written yet when the same connection reads",
    "validators": "it ignores the validators of a collection",
    # indexes
    "collation_index": IGNORES_COLLATIONS,
    "dropping_the_identifier_index_is_refused": "it drops it",
    "index_progress": "it has no $currentOp",
    "other_keys_under_the_same_name_are_refused": "it keeps both",
    "other_name_for_the_same_index_is_refused": "it keeps both",
    "partial_index": "it enforces a partial index on all documents",
    # aggregation
    "add_fields_stage": "it adds no field under a path",
    "aggregation_with_collation": IGNORES_COLLATIONS,
    "aggregation_with_let": "it ignores `let` of an aggregation",
    "conditional_expressions": "it has no $switch",
    "conversions": "it has no expression $type",
    "date_arithmetic": "it has no $dateTrunc",
    "group_count": "it has no accumulator $count",
    "literal_and_let": "it has no $let",
    "remove_variable": "it has no $$REMOVE",
    "set_and_unset_stages": "it has no stage $set",
    "trim_expression": "it has no $trim",
    "union_stage": "it has no $unionWith",
    # the deployment
    "causal_consistency": SESSIONS_ONLY,
    "change_stream_invalidated": "its streams tell neither of a drop nor of the end",
    "change_stream_of_a_database": "its streams of a whole database stay silent",
    "change_stream_of_replacements": "its streams tell of a replacement as of an update",
    "change_stream_updates_described": "its streams tell of an update without updateDescription",
    "change_stream_without_changes": "it gives no resume token before the first change",
    "change_streams": "the documentKey of an update is the update, and no change tells its `ns`",
    "replica_set": "it is a server alone",
    "retryable_writes": SESSIONS_ONLY,
    "transaction_conflicts": SESSIONS_ONLY,
    "transactions": SESSIONS_ONLY,
}
