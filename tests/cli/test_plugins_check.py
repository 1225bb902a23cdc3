"""`earnorm plugins check`: what is wrong with a distribution and its plugins before it is published."""

import json
from collections.abc import Mapping
from shutil import rmtree

import pytest

from tests.cli.conftest import Directory, squeezed

pytestmark = pytest.mark.once  # the command line is the same on every Python

METADATA = """Metadata-Version: 2.4
Name: acme-ledger
Version: 2.1
Summary: Who owes what.
License-Expression: MIT
Requires-Python: >=3.11
Requires-Dist: earnorm>=1.0.0a1,<2
Keywords: earnorm,earnorm-plugin

# acme-ledger
"""

GOOD = """
class Ledger:
    api = ">=1.0,<2"
    def before_save(self, instance): ...
    def before_update(self, model, filter, update): ...
"""


def install(
    directory: Directory,
    plugin: str = GOOD,
    *,
    metadata: str = METADATA,
    files: Mapping[str, str] | None = None,
) -> None:
    """Makes acme-ledger look installed, with this plugin as `ledger`."""
    directory.install("acme-ledger", "ledger = acme_ledger:Ledger", version="2.1")
    (directory.site / "acme_ledger-2.1.dist-info" / "METADATA").write_text(metadata, "utf-8")
    package = directory.site / "acme_ledger"
    package.mkdir()
    for name, source in {"__init__.py": plugin, "py.typed": "", **(files or {})}.items():
        (package / name).write_text(source, "utf-8")


def found(directory: Directory, level: str) -> dict[str, str]:
    """What is found of this level in acme-ledger: messages with their remedies, by the check and its subject."""
    done = directory.run("plugins", "check", "acme-ledger", "--json")
    findings = json.loads(done.stdout)
    errors = [finding for finding in findings if finding["level"] == "error"]
    assert done.returncode == (1 if errors else 0)
    assert done.stderr == ""
    return {
        f"{finding['id']}: {finding['subject']}": f"{finding['message']} {finding['hint'] or ''}"
        for finding in findings
        if finding["level"] == level
    }


def test_a_sound_distribution_is_said_to_be_sound(directory: Directory) -> None:
    install(directory)
    done = directory.run("plugins", "check", "Acme.Ledger")  # as pip would read the name

    assert (done.returncode, done.stderr) == (0, "")
    assert squeezed(done.stdout)[2:] == [
        "acme-ledger ok 2.1",
        "acme-ledger ok requires earnorm <2,>=1.0.0a1",
        "package acme_ledger ok has py.typed, so type checkers read it",
        "plugin ledger ok can be enabled here",
        "plugin ledger ok implements before_save, before_update",
    ]


@pytest.mark.parametrize("name", ["earnorm-timestamp", "earnorm-softdelete", "earnorm-audit"])
def test_our_own_plugins_are_sound(name: str, directory: Directory) -> None:
    done = directory.run("plugins", "check", name, "--json")

    assert done.returncode == 0
    assert {finding["level"] for finding in json.loads(done.stdout)} == {"ok"}


@pytest.mark.parametrize(
    ("plugin", "check", "message"),
    [
        ("raise RuntimeError('no licence')", "plugin", "failed to import: RuntimeError('no"),
        ("class Ledger:\n    def befor_save(self, instance): ...", "plugin", "Did you mean"),
        ("class Ledger:\n    api = '>=7'\n", "plugin", "knows the core API >=7"),
        ("class Ledger:\n    requires = {'tmestamp': ''}", "enabling", "Did you mean 'timestamp'"),
        ("class Ledger:\n    requires = {'timestamp': '>=9'}", "enabling", "'timestamp' >=9, and"),
        (
            "class Ledger:\n    requires = {'timestamp': ''}\n    conflicts = ['timestamp']",
            "enabling",
            "cannot be enabled together",
        ),
        ("class Ledger:\n    after = ['ledger']", "enabling", "ledger -> ledger"),
        (
            "class Ledger:\n    after = ['x']\n    before = ['x']",
            "order",
            "declares that it runs both after and before 'x' Take one of them out.",
        ),
        (
            "class Ledger:\n    def contribute_fields(self, model):\n        return 3",
            "fields",
            "contribute_fields must return a subclass of PluginFields, not 3",
        ),
    ],
)
def test_a_plugin_that_could_not_work_is_an_error(
    plugin: str, check: str, message: str, directory: Directory
) -> None:
    install(directory, plugin)

    errors = found(directory, "error")
    assert list(errors) == [f"{check}: plugin ledger"]
    assert message in errors[f"{check}: plugin ledger"]


def test_several_faults_are_all_told(directory: Directory) -> None:
    install(directory, "class Ledger:\n    requires = {'timestamp': '>=9', 'nowhere': ''}")
    done = directory.run("plugins", "check", "acme-ledger", "--json")

    messages = [f["message"] for f in json.loads(done.stdout) if f["level"] == "error"]
    assert len(messages) == 2
    assert "requires the plugin 'nowhere'" in messages[0]
    assert "requires 'timestamp' >=9" in messages[1]


def test_a_name_that_another_distribution_advertises_too_is_an_error(directory: Directory) -> None:
    install(directory)
    directory.install("other-ledger", "ledger = acme_ledger:Ledger")

    assert "other-ledger 1.0" in found(directory, "error")["plugin: plugin ledger"]


@pytest.mark.parametrize(
    ("plugin", "check", "message"),
    [
        ("class Ledger:\n    api = '>=1,<2'", "hooks", "implements no hook, so it does nothing"),
        (
            "class Ledger:\n    api = '>=1,<2'\n    def after_save(self): ...",
            "query-writes",
            "implements after_save and not after_update",
        ),
        (GOOD.replace("api", "_api"), "api", 'Declare the versions that you have tried: api = ">='),
        (GOOD.replace(",<2", ""), "api", "says that it knows the core API 2.0"),
        (
            GOOD.replace("api", "requires = {'timestamp': ''}\n    api"),
            "dependencies",
            'Add "earnorm-timestamp" to the dependencies',
        ),
    ],
)
def test_what_users_would_stumble_over_is_a_warning(
    plugin: str, check: str, message: str, directory: Directory
) -> None:
    install(directory, plugin)

    warnings = found(directory, "warning")
    assert list(warnings) == [f"{check}: plugin ledger"]
    assert message in warnings[f"{check}: plugin ledger"]


def test_a_plugin_of_a_dependency_or_of_the_distribution_itself_may_be_required(
    directory: Directory,
) -> None:
    needs = "Requires-Dist: Earnorm_Timestamp>=1.0.0a1\nKeywords"
    plugin = GOOD.replace("api", "requires = {'timestamp': '', 'ink': ''}\n    api")
    install(directory, plugin, metadata=METADATA.replace("Keywords", needs))
    points = directory.site / "acme_ledger-2.1.dist-info" / "entry_points.txt"
    points.write_text(
        "[earnorm.plugins]\nledger = acme_ledger:Ledger\nink = acme_ledger.ink:Ink\n", "utf-8"
    )
    ink = directory.site / "acme_ledger" / "ink.py"
    ink.write_text(GOOD.replace("Ledger", "Ink"), "utf-8")

    assert found(directory, "warning") == {}
    assert "enabling: plugin ink" in found(directory, "ok")


def test_a_dependency_of_an_extra_is_none(directory: Directory) -> None:
    needs = "Requires-Dist: earnorm-timestamp; extra == 'times'\nKeywords"
    plugin = GOOD.replace("api", "requires = {'timestamp': ''}\n    api")
    install(directory, plugin, metadata=METADATA.replace("Keywords", needs))

    assert list(found(directory, "warning")) == ["dependencies: plugin ledger"]


def test_metadata_that_says_nothing_is_a_warning_for_each_thing(directory: Directory) -> None:
    install(directory, metadata="Metadata-Version: 2.4\nName: acme-ledger\nVersion: 2.1\n")

    warnings = found(directory, "warning")
    assert {name.partition(":")[0] for name in warnings} == {
        "core",
        "keywords",
        "license",
        "readme",
        "requires-python",
        "summary",
    }
    assert "in pyproject.toml" in warnings["license: acme-ledger"]


@pytest.mark.parametrize(
    ("versions", "level", "message"),
    [
        (">=7", "error", "requires earnorm >=7, and this is 1."),
        (">=1.0.0a1", "warning", "which allows the next major version"),
        ("", "warning", "requires earnorm of any version, which allows"),
    ],
)
def test_the_range_of_the_core_is_held_against_this_one(
    versions: str, level: str, message: str, directory: Directory
) -> None:
    install(directory, metadata=METADATA.replace(">=1.0.0a1,<2", versions))

    assert message in found(directory, level)["core: acme-ledger"]


def test_a_package_without_types_is_a_warning_and_so_is_a_single_module(
    directory: Directory,
) -> None:
    install(directory)
    (directory.site / "acme_ledger" / "py.typed").unlink()
    assert "has no py.typed" in found(directory, "warning")["typing: package acme_ledger"]

    rmtree(directory.site / "acme_ledger")
    (directory.site / "acme_ledger.py").write_text(GOOD, "utf-8")
    assert "is a single module" in found(directory, "warning")["typing: package acme_ledger"]


def test_what_is_no_distribution_with_plugins_is_answered_with_one_that_is(
    directory: Directory,
) -> None:
    done = directory.run("plugins", "check", "timestamp")

    assert (done.returncode, done.stdout) == (2, "")
    assert "no distribution 'timestamp' with plugins is installed." in done.stderr
    assert "Did you mean 'earnorm-timestamp'?" in done.stderr
    assert directory.run("plugins", "check", "pluggy").returncode == 2


def test_the_suite_is_run_where_it_is_asked_for(directory: Directory) -> None:
    done = directory.run("plugins", "check", "earnorm-timestamp", "--suite", "--json")
    (found,) = (one for one in json.loads(done.stdout) if one["id"] == "suite")
    assert (done.returncode, found["level"], found["subject"]) == (0, "ok", "plugin timestamp")
    assert "passes the suite" in found["message"]


def test_what_the_suite_finds_is_an_error_with_its_remedy(directory: Directory) -> None:
    install(
        directory,
        """
class Ledger:
    api = ">=1.0,<2"
    def before_save(self, instance):
        instance.text += "!"
    def before_update(self, model, filter, update): ...
""",
    )
    done = directory.run("plugins", "check", "acme-ledger", "--suite", "--json")
    found = [one for one in json.loads(done.stdout) if one["id"] == "suite"]
    assert done.returncode == 1
    assert {one["level"] for one in found} == {"error"}
    assert any("update" in one["message"] for one in found)
