"""A model document as a class diagram in Mermaid's language."""

from collections.abc import Iterator
from typing import Any, Final

from earnorm.metadata import EXTENSION, ModelDocument
from earnorm.schema.walking import definition_name, walk

__all__ = ["to_class_diagram"]

Facts = dict[str, Any]

_LONGEST: Final = 80


def to_class_diagram(document: ModelDocument) -> str:
    """The model with its embedded models as a Mermaid class diagram; the same for equal documents.

    Whatever the models and fields are called, their names are text in it and nothing else. Raises
    `ModelDocumentError`.
    """
    return walk(document, lambda content: "\n".join(["classDiagram", *_lines(content)]) + "\n")


def _lines(content: Facts) -> Iterator[str]:
    classes = _classes(content)
    ids = {key: f"m{n}" for n, key in enumerate(classes)}
    others: dict[str, str] = {}  # key of a model outside -> its id
    for key, facts in classes.items():
        yield f"  class {ids[key]}[{_label(facts['name'])}] {{"
        for name, field in _fields(facts):
            yield f"    {_type(field, content)} {_word(name)}"
        yield "  }"
    edges = [edge for key in classes for edge in _parts(classes[key], content, ids, ids[key])]
    root = classes[content[EXTENSION]["key"]]
    edges += _references(root, ids[root["key"]], others)
    parent = root["inheritance"].get("parent")
    if parent is not None:
        edges.append(f"{others.setdefault(parent, f'x{len(others)}')} <|-- {ids[root['key']]}")
    for key, name in others.items():
        yield f"  class {name}[{_label(key)}]"
    yield from (f"  {edge}" for edge in dict.fromkeys(edges))


def _classes(content: Facts) -> dict[str, Facts]:
    """The facts of the model and of its embedded models by key, the model first."""
    parts = [part[EXTENSION] for part in content.get("$defs", {}).values() if EXTENSION in part]
    return {facts["key"]: facts for facts in [content[EXTENSION], *parts]}


def _fields(facts: Facts) -> Iterator[tuple[str, Facts]]:
    """The fields in the order of the constructor, which the order of their keys is not."""
    fields = facts["fields"]
    for name in dict.fromkeys((*facts["order"], *fields)):
        yield name, fields[name]


def _parts(facts: Facts, content: Facts, ids: dict[str, str], own: str) -> Iterator[str]:
    """What the class holds, and which embedded model it inherits."""
    for base in facts.get("bases", ()):
        yield f"{ids[_key(base['$ref'], content)]} <|-- {own}"
    for name, field in _fields(facts):
        for reference in _embedded_in(field):
            yield f"{own} *-- {ids[_key(reference, content)]} : {_word(name)}"


def _references(facts: Facts, own: str, others: dict[str, str]) -> Iterator[str]:
    for one in facts["relationships"]:
        target = others.setdefault(one["target"], f"x{len(others)}")
        yield f"{own} --> {target} : {_word(one['field'])}"


def _key(reference: str, content: Facts) -> str:
    key: str = content["$defs"][definition_name(reference)][EXTENSION]["key"]
    return key


def _embedded_in(form: Any) -> Iterator[str]:
    """The references to embedded models in the arguments of a field and of those inside it."""
    if isinstance(form, dict):
        if isinstance(form.get("$ref"), str):
            yield form["$ref"]
        form = list(form.values())
    if isinstance(form, list):
        for item in form:
            yield from _embedded_in(item)


def _type(field: Facts, content: Facts) -> str:
    """The type of a field for people: `String`, `Address?`, `Integer[]`."""
    arguments = field.get("arguments", {})
    optional = "?" if arguments.get("required") is False else ""
    kind = field["kind"]
    if kind in ("ListField", "SetField"):
        return f"{_type(arguments['items'], content)}[]{optional}"
    if kind == "EmbeddedField":
        part = content["$defs"][definition_name(arguments["model"]["$ref"])]
        return f"{_word(part[EXTENSION]['name'])}{optional}"
    if kind == "ReferenceField":
        return f"{_word(arguments['to'].rpartition('.')[2])}{optional}"
    name = field["type"].rpartition(":")[2].rpartition(".")[2]
    return f"{_word(name.removesuffix('Field') or name)}{optional}"


def _label(text: str) -> str:
    """The text in quotes; every character that could mean something is Mermaid's entity for it."""
    shown = _cut(text)
    safe = (one if one.isalnum() or one in " _." else f"#{ord(one)};" for one in shown)
    return f'"{"".join(safe) or " "}"'


def _word(text: str) -> str:
    """The text in the place of a name, where Mermaid has no quotes."""
    return "".join(one if one.isalnum() or one in "_." else "_" for one in _cut(text)) or "_"


def _cut(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no name")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
