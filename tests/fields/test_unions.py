"""Unions of embedded models: which one is meant, what is stored, and what a path in them leads to."""

from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DictField,
    DocumentError,
    EmbeddedModel,
    EmbeddedUnionField,
    FieldDefinitionError,
    FloatField,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    ReferenceField,
    StringField,
    UpdateError,
    ValidationError,
    connect,
    from_json,
    inspect,
    json_schema,
    to_json,
)

home = ModelRegistry("unions")


class Shape(EmbeddedModel, registry=home):
    label = StringField(default="")


class Circle(Shape, discriminator="circle"):
    radius = FloatField(alias="r")
    size = IntegerField(default=1, alias="s")


class Square(Shape):
    side = FloatField()
    size = FloatField(default=1.0)
    owner = ReferenceField("Drawing", required=False)


class Drawing(BaseModel, registry=home):
    shape = EmbeddedUnionField(Circle, Square)
    any_shape = EmbeddedUnionField(Shape, required=False)
    shapes = ListField(EmbeddedUnionField(Circle, Square))
    named = DictField(EmbeddedUnionField(Circle, Square))

    class Meta:
        indexes = [{"fields": ["shape._type", "shape.label", "shapes.radius"]}]


async def test_each_comes_back_as_what_it_was() -> None:
    async with connect("sqlite://", registry=home):
        saved = await Drawing.create(
            shape=Circle(radius=2),
            any_shape=Square(side=3),
            shapes=[Square(side=1), {"_type": "circle", "radius": 4}],
            named={"a": Circle(radius=5)},
        )
        loaded = await Drawing.get(saved.id)
        assert loaded == saved
        assert [type(shape) for shape in loaded.shapes] == [Square, Circle]
        assert type(loaded.any_shape) is Square
        assert await Drawing.find({"shape._type": "circle"}).count() == 1
        assert await Drawing.find({"shape.radius": {"$gt": 1}}).count() == 1
        assert await Drawing.find({"shape.s": 1}).count() == 1
        assert await Drawing.find({"shapes.side": 1.0}).count() == 1
        assert await Drawing.find(Drawing.shape == saved.shape).count() == 1
        assert await Drawing.find(Drawing.shapes.contains(Square(side=1))).count() == 1


async def test_a_change_inside_is_saved_alone_and_another_class_as_a_whole() -> None:
    async with connect("sqlite://", registry=home):
        drawing = await Drawing.create(shape=Circle(radius=2))
        assert isinstance(drawing.shape, Circle)
        drawing.shape.radius = 3
        assert list(inspect(drawing).changes) == ["shape.radius"]
        await drawing.save()
        drawing.shape = Square(side=1)
        assert list(inspect(drawing).changes) == ["shape"]
        await drawing.save()
        assert (await Drawing.get(drawing.id)).shape == Square(side=1)


def test_the_name_of_the_class_is_stored_unless_the_class_says_otherwise() -> None:
    document = Drawing(shape=Circle(radius=2), any_shape=Shape()).to_document()
    assert document["shape"] == {"_type": "circle", "label": "", "r": 2.0, "s": 1}
    assert document["any_shape"] == {"_type": "Shape", "label": ""}


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ({"radius": 1}, "shape._type", "is missing, which says what the value is: 'circle' or 'Square'"),
        ({"_type": "Sqare"}, "shape._type", "must be 'circle' or 'Square'. Did you mean 'Square'?"),
        ({"_type": "Shape"}, "shape._type", "must be 'circle' or 'Square'"),
        ({"_type": 3}, "shape._type", "must be 'circle' or 'Square', not int"),
        ({"_type": "Square", "sid": 1}, "shape.side", "is required"),
        (Shape(), "shape", "must be an instance of Circle or Square, or a mapping of its values with '_type', not Shape"),
        ("Square", "shape", "must be an instance of Circle or Square, or a mapping of its values with '_type', not str"),
    ],
)  # fmt: skip
def test_what_does_not_say_what_it_is_is_refused(given: Any, path: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Drawing(shape=given)
    assert (caught.value.errors[0].path, caught.value.errors[0].message) == (path, message)


def test_a_stored_document_of_an_unknown_model_says_so() -> None:
    with pytest.raises(DocumentError, match="shape._type: must be 'circle' or 'Square'"):
        Drawing.from_document({"shape": {"_type": "Star"}})


def test_a_subclass_that_is_defined_later_belongs_to_the_union() -> None:
    class Dot(Circle):
        colour = StringField()

    dot = Dot(radius=1, colour="red")
    drawing = Drawing(shape=dot)
    assert drawing.shape is dot
    assert type(Drawing.from_document(drawing.to_document()).shape) is Dot
    assert drawing.to_document()["shape"]["_type"] == "Dot"


def test_two_classes_of_one_name_are_told_apart_before_they_are_stored() -> None:
    def define() -> Any:
        class Twin(Square):
            pass

        return Twin

    first, second = define(), define()
    with pytest.raises(ValidationError, match="another class is stored as 'Twin'"):
        Drawing(shape=first(side=1))
    assert isinstance(Drawing(shape=second(side=1)).shape, second)


def test_json_and_its_schema_say_which_one_is_meant() -> None:
    drawing = Drawing(shape=Circle(radius=2), shapes=[Square(side=1)])
    form = to_json(drawing)
    assert form["shape"] == {"_type": "circle", "label": "", "radius": 2.0, "size": 1}
    assert from_json(Drawing, form) == drawing
    schema = json_schema(Drawing)["$defs"]["CircleVariant"]
    assert schema["properties"]["_type"] == {"const": "circle"}
    assert schema["required"] == ["_type", "radius"]


async def test_an_update_of_a_part_is_checked_by_its_field() -> None:
    async with connect("sqlite://", registry=home):
        await Drawing.create(shape=Circle(radius=2))
        await Drawing.find().update({"$set": {"shape.label": "a"}})
        assert (await Drawing.find().first()).shape.label == "a"  # type: ignore[union-attr] # it is there
        with pytest.raises((ValidationError, UpdateError)):
            await Drawing.find().update({"$set": {"shape.radius": "large"}})


def test_references_inside_are_relationships() -> None:
    found = home.get_relationships(Drawing)
    assert ("shape.owner", False) in {(one.field, one.many) for one in found}
    assert ("shapes.owner", True) in {(one.field, one.many) for one in found}


def test_a_union_of_what_cannot_be_told_apart_is_refused() -> None:
    class Other(EmbeddedModel, discriminator="circle"):
        pass

    class Marked(EmbeddedModel):
        mark = StringField(alias="_type")

    wrong: list[Any] = [(), (Circle, Other), (Circle, BaseModel), (Circle, Marked), ("Circle",)]
    for models in wrong:
        with pytest.raises(FieldDefinitionError):
            EmbeddedUnionField(*models)
    with pytest.raises(ModelDefinitionError, match="discriminator"):

        class Wrong(EmbeddedModel, discriminator=3):
            pass


def test_an_index_on_no_field_of_the_union_is_refused() -> None:
    with pytest.raises(ModelDefinitionError, match=r"Did you mean 'shape\.side'"):

        class Indexed(BaseModel, registry=home):
            shape = EmbeddedUnionField(Circle, Square)

            class Meta:
                indexes = [{"fields": ["shape.sides"]}]
