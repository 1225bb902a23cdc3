"""`earnorm plugins list`: what is installed, who uses it, and what is wrong with it."""

import json
from importlib.metadata import version
from io import StringIO
from textwrap import dedent
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from earnorm.cli.application import app
from earnorm.cli.tables import plugins_parts
from tests.cli.conftest import Directory

pytestmark = pytest.mark.once  # the command line is the same on every Python

BROKEN = {
    "absent": ("absent = no_such_module:Plugin", "No module named 'no_such_module'"),
    "attribute": ("attribute = json:Plugin", "module 'json' has no attribute 'Plugin'"),
    "constructor": ("constructor = sources:Demanding", "could not be instantiated"),
    "future": ("future = sources:Future", "knows the core API >=9"),
    "grammar": ("grammar = what is this", "what is this"),
    "misspelt": ("misspelt = sources:Misspelt", "Did you mean 'before_save'?"),
    "odd": ("odd = sources:Odd", "failed with RuntimeError: [bold]odd[/oops]"),
    "quits": ("quits = quits", "SystemExit(3)"),
}
SOURCES = """
print("sources are imported")

class Good:
    def before_save(self, instance): ...
    def on_register(self, model): ...

class Demanding:
    def __init__(self, argument): ...

class Misspelt:
    def befor_save(self, instance): ...

class Future:
    api = ">=9"

class Odd:
    @property
    def requires(self):
        raise RuntimeError("[bold]odd[/oops] \\x1b[31m")
"""


@pytest.fixture
def broken(directory: Directory) -> Directory:
    """One good plugin among broken ones."""
    directory.install("good", "good = sources:Good", version="0.3")
    for name, (points, _) in BROKEN.items():
        directory.install(name, points)
    (directory.site / "sources.py").write_text(SOURCES, "utf-8")
    (directory.site / "quits.py").write_text("raise SystemExit(3)\n", "utf-8")
    return directory


def by_name(output: str) -> dict[str, dict[str, Any]]:
    """The plugins that JSON lists."""
    return {plugin["name"]: plugin for plugin in json.loads(output)}


def test_the_installed_plugins_are_listed_with_their_hooks(here: Directory) -> None:
    listed = CliRunner().invoke(app, ["plugins", "--json"])

    assert listed.exit_code == 0
    assert by_name(listed.output)["timestamp"] == {
        "name": "timestamp",
        "distribution": "earnorm-timestamp",
        "version": version("earnorm-timestamp"),
        "hooks": ["contribute_fields", "before_save", "before_update"],
        "models": None,
        "fault": None,
    }
    assert list(by_name(listed.output)) == sorted(by_name(listed.output))


def test_without_a_command_it_is_the_list(directory: Directory) -> None:
    assert directory.run("plugins").stdout == directory.run("plugins", "list").stdout


def test_a_broken_plugin_is_listed_with_its_fault_and_breaks_nothing(broken: Directory) -> None:
    done = broken.run("plugins", "--json")

    assert done.returncode == 1
    assert done.stderr == "sources are imported\n"
    listed = by_name(done.stdout)
    assert listed["good"] == {
        "name": "good",
        "distribution": "good",
        "version": "0.3",
        "hooks": ["on_register", "before_save"],
        "models": None,
        "fault": None,
    }
    assert listed["timestamp"]["fault"] is None
    for name, (_, message) in BROKEN.items():
        assert (listed[name]["distribution"], listed[name]["version"]) == (name, "1.0")
        assert message in listed[name]["fault"], name
        assert name in listed[name]["fault"], name


def test_the_table_has_the_faults_in_full_below_it(broken: Directory) -> None:
    done = broken.run("plugins")

    assert done.returncode == 1
    assert "good 0.3 on_register" in " ".join(done.stdout.split())
    assert "absent 1.0 faulty, see below" in " ".join(done.stdout.split())
    for _, message in BROKEN.values():
        assert message in done.stdout
    # what a terminal would obey is escaped
    assert "[bold]odd[/oops] \\x1b[31m" in done.stdout
    assert "\x1b" not in done.stdout
    assert f"{len(BROKEN)} of them faulty" in done.stdout.splitlines()[-1]


def test_a_name_that_two_distributions_advertise_is_listed_for_both(directory: Directory) -> None:
    directory.install("first", "ledger = json")
    directory.install("second", "ledger = string", version="2.0")
    done = directory.run("plugins", "--json")

    assert done.returncode == 1
    listed = [plugin for plugin in json.loads(done.stdout) if plugin["name"] == "ledger"]
    assert [(plugin["distribution"], plugin["version"]) for plugin in listed] == [
        ("first", "1.0"),
        ("second", "2.0"),
    ]
    assert {plugin["fault"] for plugin in listed} == {
        (
            "the plugin name 'ledger' is advertised by 2 distributions: first 1.0 (json) and "
            "second 2.0 (string). Uninstall all but one of them."
        )
    }

    told = directory.run("plugins").stdout
    assert told.count("Uninstall all but one of them.") == 1


def test_a_distribution_without_metadata_is_said_to_have_none(directory: Directory) -> None:
    directory.install("bare", "bare = json")
    next(directory.site.glob("*/METADATA")).unlink()
    done = directory.run("plugins", "--json")

    assert done.returncode == 0
    bare = by_name(done.stdout)["bare"]
    assert (bare["distribution"], bare["version"]) == ("a distribution without metadata", "?")


def test_names_from_distributions_are_no_markup(directory: Directory) -> None:
    directory.install("[red]x", "y[bold] = string")
    done = directory.run("plugins", FORCE_COLOR="1", COLUMNS="200")

    assert done.returncode == 0
    assert "y[bold]" in done.stdout
    assert "[red]x" in done.stdout


def test_with_a_target_the_models_that_use_a_plugin_are_named(shop: Directory) -> None:
    done = shop.run("plugins", "list", "shop", "--json")

    assert done.returncode == 0
    listed = by_name(done.stdout)
    assert listed["timestamp"]["models"] == ["shop.orders.Order", "shop.people.User"]
    assert listed["softdelete"]["models"] == ["shop.people.User"]
    told = shop.run("plugins", "list", "shop").stdout
    assert told.splitlines()[0].split() == ["Plugin", "Distribution", "Version", "Hooks", "Models"]
    assert "shop.orders.Order" in told


def test_plugins_of_the_process_are_listed_with_those_of_the_default_registry_that_models_use(
    directory: Directory,
) -> None:
    directory.write(
        {
            "noisy.py": """
                import warnings
                from earnorm import BaseModel, ModelRegistry, PluginShadowedWarning, registry

                own = ModelRegistry("noisy:own")

                @own.plugin("whisper")
                class Whisper:
                    async def after_save(self, instance): ...

                @registry.plugin("shout")
                class Shout:
                    def before_save(self, instance): ...

                @registry.plugin("unused")
                class Unused: ...

                with warnings.catch_warnings(action="ignore", category=PluginShadowedWarning):
                    @own.plugin("timestamp")
                    class Timestamp:
                        def before_save(self, instance): ...

                class Note(BaseModel, registry=own):
                    class Meta:
                        plugins = ["shout", "timestamp"]
            """
        }
    )
    done = directory.run("plugins", "list", "noisy:own", "--json")

    assert done.returncode == 0
    in_process = [plugin for plugin in json.loads(done.stdout) if not plugin["distribution"]]
    assert in_process == [
        {
            "name": name,
            "distribution": None,
            "version": None,
            "hooks": [hook],
            "models": models,
            "fault": None,
        }
        for name, hook, models in [
            ("shout", "before_save", ["noisy.Note"]),
            ("timestamp", "before_save", ["noisy.Note"]),
            ("whisper", "after_save", []),
        ]
    ]
    assert by_name(done.stdout).keys() >= {"softdelete", "shout", "whisper"}
    installed = next(p for p in json.loads(done.stdout) if p["distribution"] == "earnorm-timestamp")
    assert installed["models"] == []
    assert "this process" in directory.run("plugins", "list", "noisy:own").stdout


def test_a_faulty_module_of_the_target_does_not_break_the_listing(shop: Directory) -> None:
    shop.write({"shop/pay.py": "import stripe_of_nowhere\n"})
    done = shop.run("plugins", "list", "shop", "--json")

    assert done.returncode == 1
    assert by_name(done.stdout)["softdelete"]["models"] == ["shop.people.User"]
    assert "shop.pay could not be imported" in done.stderr


def test_models_that_a_plugin_brings_when_it_is_listed_are_not_the_target_s(
    directory: Directory,
) -> None:
    directory.install("bringer", "bringer = bringer:Plugin")
    source = """
        from earnorm import BaseModel

        class Plugin: ...

        class Brought(BaseModel):
            class Meta:
                plugins = ["timestamp"]
    """
    (directory.site / "bringer.py").write_text(dedent(source), "utf-8")
    directory.write({"bare.py": ""})
    done = directory.run("plugins", "list", "bare", "--json")

    assert by_name(done.stdout)["timestamp"]["models"] == []


def test_a_listing_leaves_nothing_behind(directory: Directory) -> None:
    directory.install("gone", "gone = string")
    program = """
        import shutil, sys, warnings
        from earnorm import BaseModel, PluginShadowedWarning, UnknownPluginError, registry
        from earnorm.cli.plugin_facts import describe_plugins
        from earnorm.plugins import installed

        assert "gone" in [plugin.name for plugin in describe_plugins()]

        with warnings.catch_warnings(action="ignore", category=PluginShadowedWarning):
            @registry.plugin("timestamp")  # would be refused if a model had resolved the name
            class Mine: ...

        shutil.rmtree(sys.argv[1])
        installed.refresh()
        try:
            class Late(BaseModel):
                class Meta:
                    plugins = ["gone"]
        except UnknownPluginError as error:
            print("unknown:", error.name)
    """
    directory.write({"program.py": program})
    (metadata,) = directory.site.iterdir()
    done = directory.run_python("-W", "error", "program.py", str(metadata))

    assert (done.stdout, done.stderr) == ("unknown: gone\n", "")


def test_where_nothing_is_installed_it_says_how_a_plugin_comes_in() -> None:
    written = StringIO()
    for part in plugins_parts([]):
        Console(file=written, width=200).print(part)

    assert written.getvalue().splitlines() == [
        "no plugins",
        "A plugin is installed with pip; it advertises itself under 'earnorm.plugins'.",
    ]
