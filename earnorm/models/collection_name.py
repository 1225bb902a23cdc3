"""The collection of a model: the one that it names, or one that its name gives."""

from earnorm.errors import ModelDefinitionError

__all__ = ["collection_name"]


def collection_name(model: type, given: object, *, key: str) -> str:
    """The name of the collection; raises `ModelDefinitionError` for one that MongoDB would refuse."""
    if given is None:
        return _snake_case(model.__name__)
    if not isinstance(given, str):
        raise ModelDefinitionError(f"the collection must be a string, not {given!r}", model=key)
    fault = _fault(given)
    if fault:
        raise ModelDefinitionError(f"the collection {given!r} {fault}", model=key)
    return given


_LONGEST = 255


def _fault(name: str) -> str | None:
    """What MongoDB forbids in the name of a collection (manual: "Naming Restrictions")."""
    if not name:
        return "has no name. Give one, or leave the option out."
    if "$" in name or "\0" in name:
        return "has a '$' or a NUL in its name, which MongoDB forbids. Choose another name."
    if name.startswith(("system.", ".")) or name.endswith("."):
        return "starts with 'system.', or starts or ends with a dot, which MongoDB forbids. Choose another name."
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return "has a lone surrogate in its name, which is not text. Choose another name."
    if length > _LONGEST:
        return f"is longer than {_LONGEST} bytes. Choose a shorter name."
    return None


def _snake_case(name: str) -> str:
    """`OrderItem` as `order_item`, `HTTPLog` as `http_log`."""
    words = []
    for n, letter in enumerate(name):
        starts_word = letter.isupper() and n > 0 and name[n - 1] != "_"
        follows_lower = starts_word and not name[n - 1].isupper()
        precedes_lower = starts_word and n + 1 < len(name) and name[n + 1].islower()
        words.append(f"_{letter}" if follows_lower or precedes_lower else letter)
    return "".join(words).lower()
