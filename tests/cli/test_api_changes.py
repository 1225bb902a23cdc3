"""`earnorm plugins check --against`: what broke since an older version."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Directory

pytestmark = pytest.mark.once  # the command line is the same on every Python

OLD = {
    "__init__.py": """
        from acme_ledger.plugin import Ledger, LedgerFields, history

        __all__ = ["Ledger", "LedgerFields", "history"]
    """,
    "plugin.py": """
        from earnorm import PluginFields, StringField


        class LedgerFields(PluginFields, plugin="ledger"):
            ledgered_by = StringField()


        class Ledger:
            api = ">=1.0,<2"

            def contribute_fields(self, model):
                return LedgerFields

            def before_save(self, instance): ...

            def before_update(self, model, filter, update): ...


        def history(model, depth=3):
            return []


        def _private(): ...
    """,
    "py.typed": "",
}


def metadata(version: str) -> str:
    """What pip reads of acme-ledger."""
    return f"Metadata-Version: 2.1\nName: acme-ledger\nVersion: {version}\n"


def install(directory: Directory, changes: Mapping[str, str], *, version: str = "2.2") -> None:
    """Makes a version look installed whose plugin.py has these changes."""
    source = OLD["plugin.py"]
    for before, after in changes.items():
        assert before in source
        source = source.replace(before, after)
    files = OLD | {"plugin.py": source}
    directory.write({f"../site/acme_ledger/{name}": text for name, text in files.items()})
    directory.install("acme-ledger", "ledger = acme_ledger:Ledger", version=version)


def build(directory: Directory, *, version: str = "2.1", name: str = "acme-ledger") -> Path:
    """Writes the wheel of an older version."""
    directory.write({f"old/{path}": text for path, text in OLD.items()})
    wheel = directory.path / f"acme_ledger-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path in OLD:
            archive.write(directory.path / "old" / path, f"acme_ledger/{path}")
        about = metadata(version).replace("acme-ledger", name)
        archive.writestr(f"acme_ledger-{version}.dist-info/METADATA", about)
    return wheel


def changes(directory: Directory, wheel: Path) -> list[dict[str, Any]]:
    """What is found beyond what is found without the wheel."""
    done = directory.run("plugins", "check", "acme-ledger", "--against", str(wheel), "--json")
    assert done.stderr == ""
    return [one for one in json.loads(done.stdout) if one["id"] == "api-change"]


def test_a_version_that_breaks_nothing_is_said_to_break_nothing(directory: Directory) -> None:
    # what is private is nobody's business, and how a hook is called is the core's
    install(
        directory,
        {
            "def _private(): ...": "",
            "def before_save(self, instance)": "def before_save(self)",
            "history(model, depth=3)": "history(model, depth=3, more=None)",
        },
    )

    assert changes(directory, build(directory)) == [
        {
            "id": "api-change",
            "level": "ok",
            "subject": "acme-ledger",
            "message": "breaks nothing of 2.1",
            "hint": None,
            "model": None,
            "field": None,
        }
    ]


@pytest.mark.parametrize(
    ("before", "after", "subject", "message"),
    [
        (
            "ledgered_by = StringField()",
            "ledgered_by_whom = StringField()",
            "acme_ledger.plugin.LedgerFields.ledgered_by",
            "public object was removed",
        ),
        (
            "history(model, depth=3)",
            "history(model, depth)",
            "acme_ledger.plugin.history(depth)",
            "parameter is now required",
        ),
        (
            "def before_update(self, model, filter, update): ...",
            "",
            "acme_ledger.plugin.Ledger.before_update",
            "public object was removed",
        ),
    ],
)
def test_what_users_have_and_would_lose_is_an_error(
    before: str, after: str, subject: str, message: str, directory: Directory
) -> None:
    install(directory, {before: after})
    wheel = build(directory)

    assert changes(directory, wheel) == [
        {
            "id": "api-change",
            "level": "error",
            "subject": subject,
            "message": message,
            "hint": "Keep what 2.1 has, or make it 3.0.0 and install it again.",
            "model": None,
            "field": None,
        }
    ]
    done = directory.run("plugins", "check", "acme-ledger", "--against", str(wheel))
    assert done.returncode == 1
    assert message in done.stdout


@pytest.mark.parametrize(
    ("older", "newer", "level", "said"),
    [
        ("2.1", "3.0", "warning", "3.0.0"),
        ("2.1", "2.1", "error", "3.0.0"),
        ("0.3", "0.4", "warning", "0.4.0"),
        ("0.3", "0.3.1", "error", "0.4.0"),
        ("0.9", "1.0", "warning", "0.10.0"),
        ("2.0a1", "2.0a2", "warning", "3.0.0"),
    ],
)
def test_a_version_may_say_that_it_breaks_something(
    older: str, newer: str, level: str, said: str, directory: Directory
) -> None:
    install(directory, {"history(model, depth=3)": "history(model)"}, version=newer)

    (change,) = changes(directory, build(directory, version=older))
    assert change["level"] == level
    assert change["hint"].endswith(f"or make it {said} and install it again.")


def test_the_older_version_is_read_and_not_run(directory: Directory) -> None:
    install(directory, {})
    wheel = build(directory)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("acme_ledger/extra.py", "raise SystemExit('it was imported')\n")

    (change,) = changes(directory, wheel)
    assert change["message"] == "public object was removed"


def test_what_is_no_wheel_of_the_distribution_is_refused(directory: Directory) -> None:
    install(directory, {})
    directory.write({"text.whl": "no wheel"})
    with zipfile.ZipFile(directory.path / "empty.whl", "w"):
        pass
    other = build(directory, name="other-ledger")

    for name, message in {
        "text.whl": "text.whl is no wheel that can be read. Fetch the older version: pip download",
        "empty.whl": "empty.whl is no wheel that can be read.",
        "absent.whl": "absent.whl is no wheel that can be read.",
        other.name: f"{other.name} is a wheel of other-ledger, and not of acme-ledger.",
    }.items():
        done = directory.run("plugins", "check", "acme-ledger", "--against", name)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr


def test_without_the_extra_it_says_what_to_install(directory: Directory) -> None:
    install(directory, {})
    program = "import sys; sys.modules['griffe'] = None; from earnorm.cli import main; main()"
    arguments = ("plugins", "check", "acme-ledger", "--against", str(build(directory)))
    done = directory.run_python("-P", "-c", program, *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: --against needs the extra 'check'. Install it with: pip install 'earnorm[check]'\n"
    )
    assert directory.run_python("-P", "-c", program, *arguments[:3]).returncode == 0
