"""What went wrong with one thing, as a person is told."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from earnorm.errors import EarnORMError

__all__ = ["Fault", "describe_error", "module_fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The culprit in a few words, and the lines that say what is wrong, where, and what to do."""

    subject: str
    lines: tuple[str, ...] = ()


def module_fault(module: str, error: BaseException) -> Fault:
    """The fault of a module that could not be imported."""
    lines = [describe_error(error), *_notes(module, error), *_location(error), *_remedy(error)]
    return Fault(subject=f"{module} could not be imported", lines=tuple(lines))


def describe_error(error: BaseException) -> str:
    """The message of an error of ours, which names the culprit; of another one its type as well."""
    if isinstance(error, EarnORMError):
        return str(error)
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _notes(module: str, error: BaseException) -> Iterator[str]:
    # A hook that failed has its plugin named there; which module it was, the subject says already.
    for note in getattr(error, "__notes__", ()):
        if not note.startswith(f"while {module} was imported"):
            yield note


def _location(error: BaseException) -> Iterator[str]:
    """The statement at the level of a module that led to the error, which is the author's to mend."""
    if isinstance(error, SyntaxError) and error.filename:
        yield f"at {error.filename}:{error.lineno}"
        return
    frames = traceback.extract_tb(error.__traceback__)
    statements = [frame for frame in frames if frame.name == "<module>"]
    if statements:
        yield f"at {statements[-1].filename}:{statements[-1].lineno}"


def _remedy(error: BaseException) -> Iterator[str]:
    if isinstance(error, EarnORMError):
        return
    if isinstance(error, ModuleNotFoundError) and error.name:
        yield f"Install what provides {error.name.partition('.')[0]!r}, or mend the import."
    elif isinstance(error.__cause__, SystemExit):
        yield "Guard what the module runs with: if __name__ == '__main__'."
    else:
        yield "Mend that line, or take the module out of the package."
