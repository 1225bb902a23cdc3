"""Runs the suite for plugins on those of a distribution, in an interpreter of its own."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from earnorm.cli.plugin_survey import SeenPlugin
from earnorm.metadata import Finding

__all__ = ["examine_by_suite", "missing_for_suite"]


def missing_for_suite() -> list[str]:
    """What is not installed of what the suite needs, as pip has it."""
    needed = {"pytest": "pytest", "pytest_asyncio": "pytest-asyncio"}
    return [name for module, name in needed.items() if find_spec(module) is None]


def examine_by_suite(plugins: Sequence[SeenPlugin]) -> Iterator[Finding]:
    """What the suite finds in each plugin that could be imported."""
    for seen in plugins:
        if seen.resolved is not None:
            yield from _run(seen.info.name)


_PROGRAM = """\
from earnorm.plugins import installed
from earnorm.testing import PluginSuite


class TestPlugin(PluginSuite):
    plugin = installed.find({name!r}).entry_point.load()
    name = {name!r}
"""
_SHOWN = 6  # lines of what pytest says where it could not even begin


def _run(name: str) -> Iterator[Finding]:
    with TemporaryDirectory() as directory:
        program, report = Path(directory) / "test_by_suite.py", Path(directory) / "report.xml"
        program.write_text(_PROGRAM.format(name=name), "utf-8")
        (Path(directory) / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n", "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += [f"--junitxml={report}", str(program)]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
        if not report.exists():
            said = " ".join((done.stderr or done.stdout).splitlines()[-_SHOWN:])
            yield _finding(name, f"the suite could not be run: {said}")
            return
        yield from _told(name, ET.parse(report).getroot())


def _told(name: str, report: ET.Element) -> Iterator[Finding]:
    cases = list(report.iter("testcase"))
    faulty = [
        case for case in cases if case.find("failure") is not None or case.find("error") is not None
    ]
    skipped = [case for case in cases if case.find("skipped") is not None]
    for case in faulty:
        fault = case.find("failure")
        fault = case.find("error") if fault is None else fault
        assert fault is not None
        lines = (fault.get("message") or fault.text or "").strip().splitlines()
        text = lines[0].removeprefix("Failed: ") if lines else "failed"
        yield _finding(name, f"{case.get('name')}: {text}", remedy=" ".join(lines[1:]).strip())
    if not faulty:
        left = f", {len(skipped)} skipped" if skipped else ""
        message = f"passes the suite: {len(cases) - len(skipped)} tests{left}"
        yield Finding(id="suite", level="ok", subject=f"plugin {name}", message=message)


def _finding(name: str, message: str, remedy: str = "") -> Finding:
    return Finding(
        id="suite", level="error", subject=f"plugin {name}", message=message, hint=remedy or None
    )
