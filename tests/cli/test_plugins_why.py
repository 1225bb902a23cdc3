"""`earnorm plugins why`: why a model has its plugins, and why they run in their order."""

import json
from typing import Any

import pytest

from tests.cli.conftest import Directory, squeezed

pytestmark = pytest.mark.once  # the command line is the same on every Python

PAPER = """
from earnorm import BaseModel, EmbeddedModel, ModelRegistry, StringField, hookimpl, registry

@registry.plugin("slug")
class Slug:
    def before_save(self, instance): ...

class Secrets(EmbeddedModel):
    key = StringField(default="swordfish", secret=True)

@registry.plugin("ledger")
class Ledger:
    Options = Secrets
    requires = {"timestamp": ">=1.0.0a1"}
    after = ["slug", "elsewhere"]
    def __init__(self, options): ...
    @hookimpl(tryfirst=True)
    async def before_save(self, instance): ...

@registry.plugin("ink")
class Ink:
    before = ["slug"]
    @hookimpl(wrapper=True)
    def before_save(self, instance): yield

class Base(BaseModel):
    class Meta:
        abstract = True
        plugins = ["ledger", "slug"]
        plugin_options = {"ledger": {"key": "trout"}}

class Paper(Base):
    class Meta:
        plugins = [
            "softdelete",
            "ink",
        ]

class Plain(BaseModel): ...

own = ModelRegistry("paper:own")

class Elsewhere(BaseModel, registry=own):
    class Meta:
        plugins = ["slug"]
"""


@pytest.fixture
def paper(directory: Directory) -> Directory:
    """A directory with a module whose models have plugins for many reasons."""
    (directory.path / "paper.py").write_text(PAPER, "utf-8")
    return directory


def explained(directory: Directory, *arguments: str) -> list[dict[str, Any]]:
    """The plugins that JSON tells of."""
    done = directory.run("plugins", "why", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return list(json.loads(done.stdout))


def test_each_plugin_of_a_model_is_explained_in_the_order_in_which_it_runs(
    paper: Directory,
) -> None:
    done = paper.run("plugins", "why", "paper.Paper")

    assert (done.returncode, done.stderr) == (0, "")
    told = [line for line in squeezed(done.stdout) if line]
    assert [line.split()[1] for line in told if line[0].isdigit()] == [
        "timestamp",
        "softdelete",
        "ink",
        "slug",
        "ledger",
    ]
    assert told[1:4] == [
        "Enabled implied: ledger requires timestamp >=1.0.0a1",
        "Order first: it stands before ledger, which requires it",
        "Hooks contribute_fields (1 of 2), before_save (3 of 4), before_update",
    ]
    assert "Enabled named in Meta.plugins of paper.Paper (paper.py:35)" in told
    assert (
        "Order behind timestamp: the order of Meta.plugins, where it stands before whoever requires it"
        in told
    )
    assert told[-2:] == [
        "contribute_fields: timestamp -> softdelete",
        "before_save: ink (wrapper) -> ledger (tryfirst) -> timestamp -> slug",
    ]


def test_one_plugin_is_explained_alone(paper: Directory) -> None:
    done = paper.run("plugins", "why", "paper.Paper", "ledger")

    assert squeezed(done.stdout) == [
        "5 ledger this process",
        "Enabled named in Meta.plugins of paper.Base (paper.py:29), which paper.Paper inherits",
        "Order behind timestamp: ledger requires it",
        "behind slug: ledger declares it in its 'after'",
        "Hooks before_save (tryfirst, 2 of 4)",
        "Options Secrets(key='***')",
        "given by paper.Base (paper.py:30)",
        "",
    ]


def test_a_program_reads_the_reasons(paper: Directory) -> None:
    plugins = {plugin["name"]: plugin for plugin in explained(paper, "paper.Paper")}

    assert plugins["timestamp"]["required_by"] == [{"plugin": "ledger", "versions": ">=1.0.0a1"}]
    assert plugins["timestamp"]["named_by"] == []
    assert plugins["slug"]["named_by"] == [
        {"model": "paper.Base", "where": "paper.py:29", "inherited": True}
    ]
    assert plugins["slug"]["order"] == [{"plugin": "ink", "reason": "before", "declared_by": "ink"}]
    assert plugins["softdelete"]["order"] == [
        {"plugin": "timestamp", "reason": "given", "declared_by": None}
    ]
    assert plugins["ink"]["hooks"] == [
        {"name": "before_save", "position": 1, "of": 4, "mark": "wrapper"}
    ]
    assert "trout" not in json.dumps(plugins)


@pytest.mark.parametrize(
    "arguments",
    [
        ("Elsewhere", "--models", "paper:own"),
        ("paper.Elsewhere",),  # which is on no registry that the command would look at
        ("paper.Base", "slug"),  # which is abstract, so it is on none
    ],
)
def test_a_model_is_found_wherever_it_is_registered(
    arguments: tuple[str, ...], paper: Directory
) -> None:
    assert [plugin["name"] for plugin in explained(paper, *arguments)] == ["slug"]


def test_the_first_is_explained_by_what_is_named_before_it(directory: Directory) -> None:
    source = """
        from earnorm import BaseModel, registry

        @registry.plugin("early")
        class Early:
            after = ["late"]

        @registry.plugin("late")
        class Late: ...

        class Page(BaseModel):
            class Meta:
                plugins = ["early", "late"]
    """
    directory.write({"pages.py": source})
    late, early = explained(directory, "pages.Page")

    assert (late["name"], late["as_given"], late["order"]) == ("late", False, [])
    assert (early["name"], early["as_given"]) == ("early", False)
    told = squeezed(directory.run("plugins", "why", "pages.Page").stdout)
    assert "Order first: what Meta.plugins has before it runs after others" in told


def test_a_plugin_that_the_environment_takes_out_is_said_to_be_taken_out(paper: Directory) -> None:
    command = ("-P", "-W", "ignore", "-c", "from earnorm.cli import main; main()")
    arguments = ("plugins", "why", "paper.Elsewhere", "slug")
    done = paper.run_python(*command, *arguments, EARNORM_PLUGINS_IGNORED="slug")

    assert (done.returncode, done.stdout) == (2, "")
    assert "It names it, and EARNORM_PLUGINS_IGNORED takes it out." in done.stderr


def test_a_model_without_plugins_is_said_to_have_none(paper: Directory) -> None:
    assert explained(paper, "paper.Plain") == []
    assert paper.run("plugins", "why", "paper.Plain").stdout == "paper.Plain has no plugins.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Paper",), "'Paper' is no key of a model. Write it as `earnorm models` lists it"),
        (("paper.Papper",), "Did you mean 'paper.Paper'"),
        (("papre.Paper",), "no module is called 'papre'. Did you mean 'paper'?"),
        (("paper.Paper", "inc"), "paper.Paper does not have the plugin 'inc'. Did you mean 'ink'?"),
        (("paper.Plain", "ink"), "paper.Plain does not have the plugin 'ink'. It has none."),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(
    arguments: tuple[str, ...], message: str, paper: Directory
) -> None:
    done = paper.run("plugins", "why", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_model_in_a_module_that_cannot_be_imported_is_not_found(paper: Directory) -> None:
    paper.write({"torn.py": "import nothing_of_the_kind\n"})
    done = paper.run("plugins", "why", "torn.Page")

    assert (done.returncode, done.stdout) == (2, "")
    assert "torn could not be imported" in done.stderr
    assert "Install what provides 'nothing_of_the_kind'" in done.stderr
    assert "torn.Page is not found" in done.stderr


def test_a_faulty_module_beside_the_model_is_told(paper: Directory) -> None:
    paper.write(
        {"pack/__init__.py": "", "pack/paper.py": PAPER, "pack/torn.py": "import nothing_\n"}
    )
    done = paper.run("plugins", "why", "Paper", "slug", "--models", "pack")

    assert done.returncode == 1
    assert "slug" in done.stdout
    assert "pack.torn could not be imported" in done.stderr


SHOP = """
from earnorm import BaseModel, ModelRegistry

shop = ModelRegistry("the shop", plugins=["timestamp"])


class Sale(BaseModel, registry=shop):
    class Meta:
        plugins = ["softdelete"]
"""


def test_a_plugin_that_the_registry_gives_is_explained(directory: Directory) -> None:
    (directory.path / "shop.py").write_text(SHOP, "utf-8")
    timestamp, softdelete = explained(directory, "shop.Sale", "--models", "shop:shop")
    assert (timestamp["by_registry"], timestamp["named_by"]) == (True, [])
    assert (softdelete["by_registry"], softdelete["order"][0]["plugin"]) == (False, "timestamp")

    done = directory.run("plugins", "why", "shop.Sale", "timestamp", "--models", "shop:shop")
    assert "Enabled given by the registry of the model to all of its models" in squeezed(
        done.stdout
    )
