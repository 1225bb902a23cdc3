"""ODMantic: `Model`, which decodes by `model_validate_doc` and encodes by `model_dump_doc`."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

from datetime import datetime
from typing import Annotated

import odmantic
import pydantic

from tests.benchmarks.contender import Contender
from tests.benchmarks.document import EMAIL_PATTERN

__all__ = ["CONTENDERS"]

Email = Annotated[str, pydantic.StringConstraints(pattern=EMAIL_PATTERN)]


class Address(odmantic.EmbeddedModel):
    street: str
    city: str
    zip: str


def define(title):
    class User(odmantic.Model):
        __qualname__ = title
        model_config = {"collection": title.lower()}

        name: str
        email: Email
        age: int = 0
        score: float = 0.0
        born: datetime
        active: bool = True
        tags: list[str] = []
        address: Address

    return User


CONTENDERS = [
    Contender(
        name="ODMantic",
        distributions=("odmantic", "pydantic"),
        definer=lambda: define,
        construct="user = User(**values)",
        decode="user = User.model_validate_doc(document)",
        encode="user.model_dump_doc()",
        note="a pattern for the e-mail, as in pydantic; assignments are validated, which fields were set is "
        "tracked",
    ),
]
