"""Lists of tests with reasons."""

from collections.abc import Mapping

__all__ = ["reason_of"]


def reason_of(nodeid: str, listed: Mapping[str, str]) -> str | None:
    """Why a test is listed: by its file, by that and its name, or by these and a part of its parameters."""
    path = nodeid.partition("::")[0]
    plain, _, parameters = nodeid.partition("[")
    for entry, reason in listed.items():
        name, _, part = entry.partition("[")
        if name in (path, plain) and part.removesuffix("]") in parameters:
            return reason
    return None
