"""`earnorm schema`: what a model is, in the words of other programs."""

import json

import pytest

from tests.cli.conftest import Directory

pytestmark = pytest.mark.once  # the command line is the same on every Python


@pytest.mark.parametrize(
    ("form", "key"),
    [("document", "x-earnorm"), ("json-schema", "required"), ("bson-schema", "bsonType")],
)
def test_it_prints_json(shop: Directory, form: str, key: str) -> None:
    done = shop.run("schema", "shop.people.User", "--format", form)
    assert done.returncode == 0
    assert key in json.loads(done.stdout)


def test_other_keys_are_allowed_when_asked(shop: Directory) -> None:
    done = shop.run("schema", "User", "--models", "shop", "--format", "json-schema", "--open")
    assert "additionalProperties" not in json.loads(done.stdout)


def test_it_prints_a_diagram(shop: Directory) -> None:
    done = shop.run("schema", "User", "--models", "shop", "--format", "mermaid")
    assert done.stdout.startswith('classDiagram\n  class m0["User"] {\n    ObjectId? id\n')


def test_a_model_that_is_not_there_is_refused(shop: Directory) -> None:
    done = shop.run("schema", "shop.people.Usr")
    assert done.returncode == 2
    assert "Did you mean" in done.stderr
    assert done.stdout == ""


def test_a_model_that_cannot_be_described_is_told_in_a_sentence(shop: Directory) -> None:
    shop.write(
        {
            "odd.py": """
            from earnorm import BaseModel, StringField

            class Odd(StringField):
                def arguments(self):
                    raise RuntimeError("no idea")

            class User(BaseModel):
                name = Odd()
            """
        }
    )
    for command in (["schema", "odd.User"], ["registry", "size", "odd"]):
        done = shop.run(*command)
        assert done.returncode == 2
        assert "odd.User: the model document cannot be written: RuntimeError" in " ".join(
            done.stderr.split()
        )
        assert "Traceback" not in done.stderr
