"""`earnorm plugins stats`: what hooks cost while a program runs."""

import json

import pytest

from tests.cli.conftest import Directory, squeezed

pytestmark = pytest.mark.once  # the command line is the same on every Python

SHOP = """
    import asyncio
    import sys
    from earnorm import BaseModel, ModelRegistry, StringField, connect

    shop = ModelRegistry("the shop")


    @shop.plugin("loud")
    class Loud:
        budget = 10.0

        def before_save(self, instance):
            instance.text = instance.text.upper()

        def after_save(self, instance):
            if instance.text == "BAD":
                raise ValueError("bad")


    class Sign(BaseModel, registry=shop):
        text = StringField()

        class Meta:
            plugins = ["loud"]


    async def main():
        async with connect("sqlite://", registry=shop):
            for text in sys.argv[1:]:
                print((await Sign.create(text=text)).text)


    asyncio.run(main())
"""


def test_a_table_comes_after_the_output_of_the_program(directory: Directory) -> None:
    directory.write({"shop.py": SHOP})
    done = directory.run("plugins", "stats", "shop.py", "a", "--b")
    assert (done.returncode, done.stdout) == (0, "A\n--B\n")
    rows = squeezed(done.stderr)
    assert rows[0].startswith("Plugin Hook Model Calls Errors Too slow")
    assert sorted(row.split()[:6] for row in rows[2:]) == [
        ["loud", "after_save", "__main__.Sign", "2", "0", "0"],
        ["loud", "before_save", "__main__.Sign", "2", "0", "0"],
    ]


def test_an_error_of_the_program_is_its_own_and_the_figures_come_all_the_same(
    directory: Directory,
) -> None:
    directory.write({"shop.py": SHOP})
    done = directory.run("plugins", "stats", "--output", "figures.json", "shop.py", "a", "bad")
    assert done.returncode == 1
    assert "ValueError: bad" in done.stderr
    figures = json.loads((directory.path / "figures.json").read_text("utf-8"))
    assert {one["hook"]: (one["calls"], one["errors"], one["budget"]) for one in figures} == {
        "before_save": (2, 0, 10.0),
        "after_save": (2, 1, 10.0),
    }


def test_a_module_is_run_as_python_does(directory: Directory) -> None:
    directory.write({"signs/__init__.py": "", "signs/__main__.py": SHOP})
    done = directory.run("plugins", "stats", "-m", "signs", "a")
    assert (done.returncode, done.stdout) == (0, "A\n")
    assert "loud" in done.stderr


def test_a_program_without_plugins_is_told_so(directory: Directory) -> None:
    directory.write({"hello.py": "print('hello')"})
    done = directory.run("plugins", "stats", "hello.py")
    assert (done.returncode, done.stdout) == (0, "hello\n")
    assert "No hook of a plugin ran." in done.stderr


@pytest.mark.parametrize("arguments", [["nothing.py"], ["-m", "nothing"]])
def test_a_program_that_is_not_there_is_refused(directory: Directory, arguments: list[str]) -> None:
    done = directory.run("plugins", "stats", *arguments)
    assert done.returncode == 2
    assert "nothing" in done.stderr
    assert "Check the" in done.stderr
