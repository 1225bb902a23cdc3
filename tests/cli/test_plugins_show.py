"""`earnorm plugins show`: one plugin, with all that it declares, does and brings."""

import json
from textwrap import dedent
from typing import Any

import pytest

from tests.cli.conftest import Directory, squeezed

pytestmark = pytest.mark.once  # the command line is the same on every Python

SOURCE = """
from dataclasses import dataclass

from earnorm import EmbeddedModel, IntegerField, PluginFields, StringField, hookimpl


class LedgerOptions(EmbeddedModel):
    mark = StringField(default="!", max_length=3)
    times = IntegerField(default=1, minimum=1, maximum=9)
    password = StringField(default="swordfish", secret=True)


class Ledgered(PluginFields, plugin="ledger"):
    ledgered_by = StringField(required=False)


class Ledger:
    Options = LedgerOptions
    requires = {"timestamp": ">=1.0.0a1,<2"}
    after = ["slug"]
    before = ["search", "ink"]
    conflicts = ["history"]
    api = ">=1,<2"
    ignores_query_writes = True
    transactional = True
    needs = ["transactions", "watch"]
    budget = 0.0005

    def __init__(self, options):
        self.options = options

    def contribute_fields(self, model):
        return Ledgered

    @hookimpl(wrapper=True)
    async def before_save(self, instance):
        yield

    @hookimpl(trylast=True)
    def after_save(self, instance): ...


@dataclass
class Plain:
    colour: str = "red"
    depth: int = 3


class Foreign:
    Options = Plain

    def __init__(self, options): ...


class Fickle:
    deprecated = "Use acme-ledger."

    def contribute_fields(self, model):
        raise RuntimeError("no fields today")
"""

METADATA = """Metadata-Version: 2.4
Name: acme-ledger
Version: 2.1
Summary: Who owes what.
License-Expression: MIT
Requires-Python: >=3.11
Project-URL: Homepage, https://acme.example/ledger
Project-URL: Changes, https://acme.example/ledger/changes
Description-Content-Type: text/markdown

# acme-ledger

Who owes what.
"""


@pytest.fixture
def acme(directory: Directory) -> Directory:
    """A directory where `ledger`, `foreign` and `fickle` are installed."""
    points = "\n".join(f"{name.lower()} = acme:{name}" for name in ("Ledger", "Foreign", "Fickle"))
    directory.install("acme-ledger", points, version="2.1")
    (directory.site / "acme.py").write_text(SOURCE, "utf-8")
    (directory.site / "acme_ledger-2.1.dist-info" / "METADATA").write_text(METADATA, "utf-8")
    return directory


def shown(directory: Directory, *arguments: str) -> dict[str, Any]:
    """The one plugin that JSON tells of."""
    done = directory.run("plugins", "show", *arguments, "--json")
    (plugin,) = json.loads(done.stdout)
    return dict(plugin)


def test_a_plugin_is_shown_with_what_it_declares_and_does(acme: Directory) -> None:
    done = acme.run("plugins", "show", "ledger")

    assert (done.returncode, done.stderr) == (0, "")
    code = acme.site / "acme.py"
    assert squeezed(done.stdout) == [
        "ledger acme-ledger 2.1",
        "Who owes what.",
        "",
        "Core API <2,>=1",
        "Requires timestamp <2,>=1.0.0a1",
        "After slug",
        "Before ink, search",
        "Conflicts history",
        "Query writes may pass its save hooks by",
        "Transaction one round each write and its hooks, where the store has them",
        "Needs transactions, watch",
        "Budget 0.0005 s for one hook",
        "Hooks contribute_fields",
        "before_save (wrapper, async)",
        "after_save (trylast)",
        "Fields ledgered_by: StringField (optional)",
        'Options mark: StringField = "!" (maxLength 3)',
        "times: IntegerField = 1 (minimum 1, maximum 9)",
        "password: StringField",
        "Object acme:Ledger",
        f"Code {code}:17",
        "Python >=3.11",
        "License MIT",
        "Homepage https://acme.example/ledger",
        "Changes https://acme.example/ledger/changes",
    ]


def test_what_to_use_in_the_place_of_a_deprecated_plugin_comes_first(acme: Directory) -> None:
    lines = squeezed(acme.run("plugins", "show", "fickle").stdout)

    assert "Deprecated Use acme-ledger." in lines
    assert lines.index("Deprecated Use acme-ledger.") == lines.index("Core API any") - 1
    assert shown(acme, "fickle")["deprecated"] == "Use acme-ledger."
    assert shown(acme, "ledger")["deprecated"] is None


def test_a_program_reads_the_same_and_the_readme(acme: Directory) -> None:
    plugin = shown(acme, "ledger")

    assert plugin["requires"] == {"timestamp": "<2,>=1.0.0a1"}
    assert (plugin["after"], plugin["before"]) == (["slug"], ["ink", "search"])
    assert (plugin["transactional"], plugin["budget"]) == (True, 0.0005)
    assert plugin["needs"] == ["transactions", "watch"]
    assert [(hook["name"], hook["mark"], hook["asynchronous"]) for hook in plugin["hooks"]] == [
        ("contribute_fields", None, False),
        ("before_save", "wrapper", True),
        ("after_save", "trylast", False),
    ]
    assert plugin["options"][1] == {
        "name": "times",
        "type": "IntegerField",
        "schema": {"type": "integer", "minimum": 1, "maximum": 9, "default": 1},
    }
    assert plugin["urls"]["Homepage"] == "https://acme.example/ledger"
    assert plugin["readme"].startswith("# acme-ledger")
    assert "swordfish" not in json.dumps(plugin)


def test_options_of_a_type_of_the_plugin_s_own_are_read_from_its_constructor(
    acme: Directory,
) -> None:
    assert shown(acme, "foreign")["options"] == [
        {"name": "colour", "type": "str", "schema": {"default": "'red'"}},
        {"name": "depth", "type": "int", "schema": {"default": "3"}},
    ]


def test_a_plugin_that_fails_to_tell_its_fields_is_faulty(acme: Directory) -> None:
    done = acme.run("plugins", "show", "fickle")

    assert done.returncode == 1
    assert "its fields and options cannot be told: RuntimeError: no fields today" in done.stdout


def test_no_other_plugin_is_imported(acme: Directory) -> None:
    acme.install("nosy", "nosy = nosy:Plugin")
    (acme.site / "nosy.py").write_text("raise SystemExit('nosy was imported')\n", "utf-8")

    assert acme.run("plugins", "show", "ledger").returncode == 0
    broken = acme.run("plugins", "show", "nosy")
    assert broken.returncode == 1
    assert "nosy was imported" in broken.stdout


def test_a_plugin_of_the_process_is_shown_with_its_line(directory: Directory) -> None:
    source = """
        from earnorm import registry

        @registry.plugin("shout")
        class Shout:
            def before_save(self, instance): ...
    """
    directory.write({"loud.py": dedent(source)})
    plugin = shown(directory, "shout", "loud")

    assert (plugin["distribution"], plugin["object"]) == (None, None)
    assert plugin["where"] == "loud.py:4"
    assert plugin["hooks"][0]["where"] == "loud.py:6"


def test_a_name_that_two_distributions_advertise_is_shown_for_both(acme: Directory) -> None:
    acme.install("other-ledger", "ledger = acme:Ledger")
    done = acme.run("plugins", "show", "ledger", "--json")

    assert done.returncode == 1
    assert [plugin["distribution"] for plugin in json.loads(done.stdout)] == [
        "acme-ledger",
        "other-ledger",
    ]


def test_a_name_that_nobody_has_is_answered_with_the_nearest(acme: Directory) -> None:
    done = acme.run("plugins", "show", "legder")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: no plugin is called 'legder'. Did you mean 'ledger'? `earnorm plugins` lists all that are installed.\n"
    )
