"""`earnorm schema`: what a model is, in the words of other programs."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer
from bson import json_util

from earnorm.cli.ending import finish, refusal
from earnorm.cli.model_target import load_model
from earnorm.cli.printing import print_faults, print_text
from earnorm.errors import EarnORMError
from earnorm.metadata import ModelDocument, describe_model
from earnorm.schema import to_bson_schema, to_class_diagram, to_json_schema

__all__ = ["show_schema"]


class Format(StrEnum):
    """What is made of the model document."""

    DOCUMENT = "document"
    JSON_SCHEMA = "json-schema"
    BSON_SCHEMA = "bson-schema"
    MERMAID = "mermaid"


ModelName = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="The model: its key, or with --models also a bare name."),
]
Models = Annotated[
    str | None,
    typer.Option("--models", metavar="TARGET", help="Where to look for the model."),
]
As = Annotated[
    Format,
    typer.Option("--format", help="The model document itself, a schema, or a class diagram."),
]
Opened = Annotated[
    bool, typer.Option("--open", help="Let the JSON Schema allow keys that no field has.")
]


def show_schema(
    model: ModelName, as_format: As = Format.DOCUMENT, models: Models = None, opened: Opened = False
) -> None:
    """Prints MODEL as its model document, as JSON Schema, as MongoDB's $jsonSchema, or as a Mermaid class diagram.

    Exits with 1 when modules could not be imported, and with 2 when there is no such MODEL.
    """
    try:
        loaded = load_model(model, models)
    except EarnORMError as error:
        raise refusal(str(error)) from error
    if loaded.model is None:
        print_faults(loaded.faults)
        raise refusal(f"{model} is not found, as modules could not be imported.")
    document = describe_model(loaded.model)
    print_text(_written(document, as_format, is_open=opened))
    finish(loaded.faults)


def _written(document: ModelDocument, chosen: Format, *, is_open: bool) -> str:
    match chosen:
        case Format.JSON_SCHEMA:
            return _as_json(to_json_schema(document, closed=not is_open))
        case Format.BSON_SCHEMA:
            return _as_json(to_bson_schema(document))
        case Format.MERMAID:
            return to_class_diagram(document)
        case _:
            return _as_json(document.content)


def _as_json(value: Any) -> str:
    return f"{json.dumps(value, indent=2, default=_extended)}\n"


def _extended(value: Any) -> Any:
    """What only BSON has, as MongoDB's shell reads it."""
    return json_util.default(value, json_util.RELAXED_JSON_OPTIONS)
