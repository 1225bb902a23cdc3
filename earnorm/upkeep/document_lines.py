"""Documents as lines of text, and back again to the last bit."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Final

from bson import json_util
from bson.binary import UuidRepresentation
from bson.codec_options import DatetimeConversion
from bson.errors import BSONError

from earnorm.errors import EarnORMError
from earnorm.stores.documents import decode, encode
from earnorm.typing import Document

__all__ = ["document_line", "document_of"]


def document_line(collection: str, document: Document) -> bytes:
    """The line of a document: canonical Extended JSON (v2), with its keys in the order that they have.

    What that cannot say exactly, as a key `$oid` of the document itself, is its BSON in base 64.
    """
    binary = encode(document)
    text = json_util.dumps(decode(binary), json_options=_CANONICAL, **_COMPACT)
    name = json.dumps(collection, ensure_ascii=False)
    if _is_exact(text, binary):
        return f'{{"collection":{name},"document":{text},"part":"data"}}\n'.encode()
    encoded = b64encode(binary).decode()
    return f'{{"bson":"{encoded}","collection":{name},"part":"data"}}\n'.encode()


def document_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a line that was read as JSON."""
    if "bson" in content:
        return decode(b64decode(content["bson"]))
    return _document(json.dumps(content["document"]))


_CANONICAL: Final = json_util.JSONOptions(
    json_mode=json_util.JSONMode.CANONICAL,
    tz_aware=True,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    uuid_representation=UuidRepresentation.STANDARD,
    document_class=dict,
)
_COMPACT: Final[Mapping[str, Any]] = {"separators": (",", ":"), "ensure_ascii": False}


def _document(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json_util.loads(text, json_options=_CANONICAL)
    return document


def _is_exact(text: str, binary: bytes) -> bool:
    try:
        return encode(_document(text)) == binary
    except (ValueError, TypeError, ArithmeticError, BSONError, EarnORMError):
        return False
