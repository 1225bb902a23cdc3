"""An import of the plugin defines things, and does nothing else."""

import importlib.util
import json
import os
import subprocess
import sys
from typing import Any, Final

import pytest

from earnorm.testing.plugins.failing import fail
from earnorm.testing.plugins.subject import DescribesPlugin
from earnorm.testing.plugins.tested import Tested

__all__ = ["ImportingSuite"]

_SECONDS: Final = 60

# Files opened for writing, sockets and processes pass the interpreter's audit hooks (PEP 578).
_WATCHER: Final = """
import importlib, json, os, sys, threading
import earnorm

seen = {}
FILES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.system", "sqlite3.connect")
OTHERS = ("socket.", "subprocess.", "os.fork", "os.exec", "os.posix_spawn")

def note(what):
    # The module that is being imported: often not the plugin's own, but one that it imports.
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    seen[f"{what}, while {frame.f_globals['__name__'] if frame else '?'} is imported"] = None

def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            note(f"opens {path!r} for writing")
    elif event in FILES:
        note(f"{event}{arguments!r}")
    elif event.startswith(OTHERS):
        note(event)

start = threading.Thread.start

def watch_start(thread):
    note(f"starts the thread {thread.name!r}")
    start(thread)

threading.Thread.start = watch_start
sys.addaudithook(watch)
try:
    importlib.import_module(sys.argv[1])
finally:
    done = list(seen)
    models = [model.__name__ for model in earnorm.registry.get_all_models()]
    done += [f"defines the model {name} on the default registry" for name in models]
    sys.stderr.flush()
    print("\\n" + json.dumps(done), flush=True)
os._exit(0)
"""


class ImportingSuite(DescribesPlugin):
    """What happens when a class line names the plugin for the first time."""

    async def test_importing_it_does_nothing(self, tested: Tested) -> None:
        """No file is opened for writing, no socket, thread or process begun, nothing printed, no model registered."""
        module = tested.home
        if not _can_be_imported(module):
            pytest.skip(f"{module} is no module that another interpreter could import")
        if found := _watched(module):
            fail(
                f"Importing {module} does more than define things:",
                *(f"  {line}" for line in found),
                "Do it in a hook, such as on_register or before_save, when it is needed, and import there what does it. "
                "A model of the plugin's own is abstract until then.",
            )


def _can_be_imported(module: str) -> bool:
    try:
        return module != "__main__" and importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _watched(module: str) -> list[str]:
    environment: dict[str, Any] = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-c", _WATCHER, module],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [f"is not done after {_SECONDS} seconds"]
    printed, _, report = done.stdout.rstrip("\n").rpartition("\n")
    found: list[str] = json.loads(report) if report.startswith("[") else []
    if done.returncode:
        found.append(f"ends with exit code {done.returncode}: {done.stderr.strip()[-1000:]}")
    elif printed.strip() or done.stderr.strip():
        found.append(f"prints {(printed.strip() + done.stderr.strip())[:200]!r}")
    return found
