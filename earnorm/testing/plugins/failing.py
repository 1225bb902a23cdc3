"""How a test of the suite fails: what is wrong, the error with its place, and what the author can do."""

import sysconfig
import traceback
from pathlib import Path
from typing import Final, NoReturn

import pytest

__all__ = ["fail", "told"]

_OURS: Final = str(Path(__file__).parents[2])
_PYTHONS: Final = sysconfig.get_path("stdlib")


def fail(fault: str, *remedies: str, error: BaseException | None = None) -> NoReturn:
    """Fails the test; without a traceback, which would be the suite's own."""
    lines = [fault, *([f"  {told(error)}"] if error is not None else []), *filter(None, remedies)]
    raise pytest.fail.Exception("\n".join(lines), pytrace=False) from None


def told(error: BaseException) -> str:
    """The error, its notes, which name the plugin and the hook, and the last line of the author's."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    notes = getattr(error, "__notes__", ())
    frames = traceback.extract_tb(error.__traceback__)
    outside = [frame for frame in frames if _is_the_authors(frame.filename)]
    places = [f"{frame.filename}:{frame.lineno}" for frame in outside[-1:]]
    # Most messages end with a full stop, and here something follows.
    return "; ".join([text.removesuffix("."), *notes, *places])


def _is_the_authors(path: str) -> bool:
    if path.startswith((_OURS, "<")):
        return False
    # What is installed lies below the directory of the standard library.
    return not path.startswith(_PYTHONS) or "site-packages" in path
