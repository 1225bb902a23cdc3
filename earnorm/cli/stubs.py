"""Where the typing bases of a package are written, and whether what is there is still right."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from earnorm.cli.target import TargetError
from earnorm.codegen import MARK, TypingModule, find_definitions, write_typing_module

__all__ = ["Stubs", "plan_stubs", "shield_from_stubs", "write_stubs"]

_NAME = "_earnorm_types"
_COMMAND = "earnorm stubs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stubs:
    """The module that a target should have, where, and the command that makes it."""

    path: Path
    command: str
    module: TypingModule

    @property
    def name(self) -> str:
        """The file as a person would type it here."""
        return _typed(self.path)

    @property
    def is_current(self) -> bool:
        """Whether the file holds exactly this."""
        return _read(self.path) == self.module.source


def shield_from_stubs(target: str) -> None:
    """Keeps the next import of everything below the target from running an earlier module.

    One that a merge has spoilt would else be in the way of the command that mends it.
    """
    name = f"{target}.{_NAME}"
    sys.modules.setdefault(name, ModuleType(name))


def plan_stubs(target: str, output: Path | None) -> Stubs:
    """The typing bases of what the target, which was imported, defines; writes nothing.

    Raises `TargetError` when it defines no models, when nobody can tell where the module belongs, and
    when the file there is somebody else's or was made for another target.
    """
    path = output if output is not None else _default_path(target)
    _refuse_foreign(path, target)
    definitions = find_definitions(_modules(target))
    if not definitions:
        fault = f"{target} defines no models. Name the module or the package that does."
        raise TargetError(fault, target=target)
    option = f" --output {_typed(path)}" if output is not None else ""
    command = f"{_COMMAND} {target}{option}"
    module = write_typing_module(definitions, package=target, command=command)
    return Stubs(path=path, command=command, module=module)


def write_stubs(stubs: Stubs) -> None:
    """Puts the module in its place, whole or not at all; raises `OSError`."""
    unfinished = stubs.path.with_name(f".{stubs.path.name}.{os.getpid()}")
    try:
        unfinished.write_text(stubs.module.source, "utf-8", newline="\n")
        unfinished.replace(stubs.path)
    finally:
        unfinished.unlink(missing_ok=True)


def _default_path(target: str) -> Path:
    """In the package, or beside the module."""
    module = sys.modules[target]
    places = list(getattr(module, "__path__", ()))
    file = getattr(module, "__file__", None)
    if len(places) == 1:
        return Path(places[0], f"{_NAME}.py")
    if file is not None and not places:
        return Path(file).with_name(f"{_NAME}.py")
    fault = f"{target} does not lie in one directory. Say where to write with --output."
    raise TargetError(fault, target=target)


def _refuse_foreign(path: Path, target: str) -> None:
    before = _read(path) or ""
    if not before.strip():
        return
    if not before.startswith(f"{MARK}{_COMMAND} "):
        fault = (
            f"{_typed(path)} exists and was not generated, so it is left as it is. Take it away, or give "
            "another file with --output."
        )
        raise TargetError(fault, target=target)
    other = before.removeprefix(f"{MARK}{_COMMAND} ").partition("`")[0].partition(" ")[0]
    if other != target:
        fault = (
            f"{_typed(path)} holds the typing bases of {other}, which would be lost. Run '{_COMMAND} {other}' "
            "for those, and give another file with --output for these."
        )
        raise TargetError(fault, target=target)


def _modules(target: str) -> Iterator[ModuleType]:
    for name, module in sorted(sys.modules.items()):
        if f"{name}.".startswith(f"{target}.") and isinstance(module, ModuleType):
            yield module


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return None


def _typed(path: Path) -> str:
    whole = path.resolve()
    here = Path.cwd()
    return (whole.relative_to(here) if whole.is_relative_to(here) else whole).as_posix()
