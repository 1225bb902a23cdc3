"""What a collation asks for, and the keys by which values compare under it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from pymongo.collation import Collation

from earnorm.stores.documents.collation_keys import collation_key
from earnorm.stores.documents.keys import KeyOf, collating, key_bytes
from earnorm.stores.documents.kinds import as_document
from earnorm.stores.documents.numbers import whole
from earnorm.stores.documents.refusals import bad_value, unsupported

__all__ = ["compile_collation"]


def compile_collation(collation: object) -> KeyOf:
    """A function that gives the keys by which values compare under a collation.

    `{"locale": "en", "strength": 2}`, or PyMongo's `Collation`, ignores the case of letters; None and
    the locale "simple" compare code points. Equal collations have one function. Raises
    `UnsupportedError` for other locales of MongoDB than these and for options beside `strength` (1 to 3) and
    `numericOrdering`, PyMongo's `OperationFailure` for what is no collation.
    """
    if collation is None:
        return key_bytes
    document = as_document(collation.document if isinstance(collation, Collation) else collation)
    if document is None:
        raise bad_value(
            f"a collation is a document, such as {{'locale': 'en', 'strength': 2}}, not {collation!r}.",
            14,
        )
    _check_locale(document.get("locale"))
    for name, value in document.items():
        _check_option(name, value)
    strength, is_numeric = _strength(document), _is_numeric(document)
    return key_bytes if document["locale"] == "simple" else _keys(strength, is_numeric)


@lru_cache(maxsize=8)
def _keys(strength: int, is_numeric: bool) -> KeyOf:  # noqa: FBT001  # a cached function of facts
    def key_of_text(text: str) -> bytes:
        return collation_key(text, strength=strength, is_numeric=is_numeric)

    return collating(key_of_text)


_LOCALES: Final = ("simple", "en")
# those that MongoDB's manual lists, without their regions and scripts
_LANGUAGES: Final = re.compile(
    "af|am|ar|as|az|be|bg|bn|bo|bs|ca|chr|cs|cy|da|de|dsb|dz|ee|el|en|eo|es|et|fa|fi|fil|fo|fr|ga|gl|gu|ha|haw|he|"
    "hi|hr|hsb|hu|hy|id|ig|is|it|ja|ka|kk|kl|km|kn|ko|kok|ky|lb|lk|lkt|ln|lo|lt|lv|mk|ml|mn|mr|ms|mt|my|nb|ne|nl|"
    "nn|om|or|pa|pl|ps|pt|ro|ru|se|si|sk|sl|smn|sq|sr|sv|sw|ta|te|th|to|tr|ug|uk|ur|vi|wae|yi|yo|zh|zu"
)
_READ: Final = ("locale", "strength", "numericOrdering", "version")
# what ICU does unless told otherwise; texts are normalized in any case
_USUAL: Final[Mapping[str, tuple[object, ...]]] = {
    "caseLevel": (False,),
    "caseFirst": ("off",),
    "alternate": ("non-ignorable",),
    "maxVariable": ("punct",),
    "backwards": (False,),
    "normalization": (False, True),
}


def _check_locale(locale: object) -> None:
    if locale is None:
        raise bad_value("a collation needs its 'locale', such as 'en' or 'simple'.", 40414)
    if not isinstance(locale, str):
        raise bad_value(f"the 'locale' of a collation is a string, not {locale!r}.", 14)
    if locale not in _LOCALES and not _LANGUAGES.fullmatch(locale.split("_")[0]):
        raise bad_value(f"the 'locale' {locale!r} of a collation is none.")
    if locale not in _LOCALES:
        raise unsupported(f"the collation locale {locale!r}", "It has 'en' and 'simple'.")


def _check_option(name: object, value: object) -> None:
    if name in _READ:
        return
    if not isinstance(name, str) or name not in _USUAL:
        raise bad_value(f"a collation has no option {name!r}.", 40415)
    if not any(type(value) is type(usual) and value == usual for usual in _USUAL[name]):
        raise unsupported(f"the collation option {name}={value!r}", "Leave it out.")


def _strength(document: Mapping[str, Any]) -> int:
    strength = whole(document.get("strength", 3))
    if strength is None or not 1 <= strength <= 5:
        raise bad_value(
            f"the 'strength' of a collation is a number from 1 to 5, not {document['strength']!r}.",
            9,
        )
    if strength > 3:
        raise unsupported(f"the collation strength {strength}", "It has 1, 2 and 3.")
    return strength


def _is_numeric(document: Mapping[str, Any]) -> bool:
    value = document.get("numericOrdering", False)
    if not isinstance(value, bool):
        raise bad_value(f"'numericOrdering' of a collation is True or False, not {value!r}.", 14)
    return value
