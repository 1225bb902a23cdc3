"""What a target may be, and what is said when there is no such thing."""

import pytest
from typer.testing import CliRunner

from earnorm.cli.application import app
from tests.cli.conftest import Directory, squeezed

pytestmark = pytest.mark.once  # the command line is the same on every Python

REGISTRIES = {
    "stock/__init__.py": "",
    "stock/app.py": """
        from earnorm import ModelRegistry

        registry = ModelRegistry()
        empty = ModelRegistry()
        number = 3

        class Shelf: ...
    """,
    "stock/models.py": """
        from earnorm import BaseModel
        from stock.app import registry

        class Crate(BaseModel, registry=registry): ...
    """,
}


def test_a_registry_is_listed_alone(here: Directory) -> None:
    here.write({**REGISTRIES, "stock/__init__.py": "from stock.app import registry"})

    listed = CliRunner().invoke(app, ["models", "stock:registry"])

    assert listed.exit_code == 0
    assert squeezed(listed.output) == [
        "Model Collection Fields Indexes Plugins References",
        "─" * len(listed.output.splitlines()[1]),
        "stock.models.Crate crate 1",
        "",
        "1 model in stock:registry",
        "Registries of their own, listed by name: stock.app:empty",
    ]


def test_where_no_model_is_found_the_other_registries_are_named(directory: Directory) -> None:
    directory.write(REGISTRIES)
    done = directory.run("models", "stock")

    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "no models in stock",
        "Models are found where they are defined: name the package that holds them.",
        "Registries of their own, listed by name: stock.app:registry, stock.app:empty",
    ]


def test_a_registry_in_a_module_that_fails_has_no_models(here: Directory) -> None:
    here.write({"ledger.py": "import nothing_of_this_name\n"})

    listed = CliRunner().invoke(app, ["models", "ledger:registry"])

    assert listed.exit_code == 1
    assert "ledger could not be imported" in listed.output
    assert "no models in ledger:registry" in listed.output


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("stok", "no module is called 'stok'. Did you mean 'stock'?"),
        ("stock.modls", "no module is called 'stock.modls'. Did you mean 'stock.models'?"),
        ("stock.models.Crate", "stock.models is a module, not a package: name it alone"),
        ("stock/models.py", "'stock/models.py' names no module."),
        ("stock/models.py", "Did you mean 'stock.models'?"),
        ("stock.py", "Did you mean 'stock'?"),
        ("stock.app:registri", "stock.app has no attribute 'registri'. Did you mean 'registry'?"),
        ("stock.app:nothing", "The registries there: stock.app:registry, stock.app:empty."),
        ("stock.app:number", "stock.app:number is int, and not a ModelRegistry."),
        ("stock.app:Shelf", "stock.app:Shelf is the class Shelf, and not a ModelRegistry."),
        ("stock:registry", "No registry is there. Name stock alone"),
        ("stock.app:", "names no module"),
        (":registry", "names no module"),
        ("..stock", "names no module"),
        ("", "names no module"),
        ("[red]stock[/red]", "'[red]stock[/red]' names no module"),
    ],
)
@pytest.mark.parametrize("command", ["models", "plugins list"])
def test_a_target_that_does_not_exist_is_an_error_with_the_remedy(
    command: str, target: str, message: str, here: Directory
) -> None:
    here.write(REGISTRIES)

    done = CliRunner().invoke(app, [*command.split(), target])

    assert done.exit_code == 2
    assert done.output.startswith("Error: ")
    assert message in done.output
