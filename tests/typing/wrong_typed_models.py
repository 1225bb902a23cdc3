"""What both checkers refuse of models with annotated fields; marked as in `wrong_uses.py`."""

from datetime import datetime

from earnorm import Field, IntegerField, ListField, StringField, TypedModel
from tests.typing.typed_models import Order, User


def constructors(user: User) -> None:
    User(name=1, slug="ada")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User(name=None, slug="ada")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User(nme="Ada", slug="ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    User(name="Ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    User(name="Ada", slug="ada", created_at=datetime.now())  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    User(name="Ada", slug="ada", limit=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    User(name="Ada", slug="ada", tags=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Order(user=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Order(user=user, note=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def attributes(user: User) -> None:
    user.name = 1  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    print(user.nmae)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
    User.level > "x"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    await User.find(User.name == 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class Wrong(TypedModel):
    name: Field[int] = StringField()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    tags: Field[list[int]] = ListField(StringField())  # type: ignore[arg-type]  # pyright: ignore[reportAssignmentType]
    age = IntegerField()  # pyright: ignore[reportGeneralTypeIssues]
