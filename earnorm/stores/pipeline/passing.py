"""The stages that let documents pass as they are, or count them: `$limit`, `$skip`, `$sample`, `$count`."""

import random
from itertools import islice
from typing import Any

from earnorm.stores.documents.kinds import as_document
from earnorm.stores.documents.numbers import whole
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.pipeline.memory import Memory
from earnorm.stores.pipeline.stage import Documents, Run, Stage, StageScope

__all__ = [
    "checked_limit",
    "checked_skip",
    "compile_count",
    "compile_limit",
    "compile_sample",
    "compile_skip",
]


def checked_limit(operand: Any) -> int:
    """The operand of `$limit`: a positive whole number."""
    number = whole(operand)
    if number is None:
        raise bad_value(f"$limit takes a whole number, not {operand!r}.", 5107201)
    if number <= 0:
        raise bad_value(f"$limit has to be positive, and {number} is not.", 15958)
    return number


def checked_skip(operand: Any) -> int:
    """The operand of `$skip`: a whole number that is not negative."""
    number = whole(operand)
    if number is None or number < 0:
        raise bad_value(
            f"$skip takes a whole number that is not negative, not {operand!r}.", 5107200
        )
    return number


def compile_limit(operand: Any, scope: StageScope) -> Stage:
    """The first documents; the others are not asked for."""
    most = checked_limit(operand)
    return lambda documents, run: islice(documents, most)


def compile_skip(operand: Any, scope: StageScope) -> Stage:
    """The documents without the first ones."""
    count = checked_skip(operand)
    return lambda documents, run: islice(documents, count, None)


def compile_count(operand: Any, scope: StageScope) -> Stage:
    """One document with the number of documents under this name; none if none comes."""
    name = _checked_name(operand)

    def count(documents: Documents, run: Run) -> Documents:
        total = sum(1 for _ in documents)
        if total:
            yield {name: total}

    return count


def _checked_name(operand: Any) -> str:
    if not isinstance(operand, str):
        raise bad_value(f"$count takes the name of a field, not {operand!r}.", 40156)
    if not operand:
        raise bad_value("$count takes the name of a field, and it must not be empty.", 40157)
    for character, code in (("\x00", 40159), (".", 40160)):
        if character in operand:
            raise bad_value(f"the name that $count takes cannot contain {character!r}.", code)
    if operand.startswith("$"):
        raise bad_value("the name that $count takes cannot begin with '$'.", 40158)
    return operand


def compile_sample(operand: Any, scope: StageScope) -> Stage:
    """So many documents by chance, each at most once, in an order by chance."""
    size = _checked_size(operand)

    def sample(documents: Documents, run: Run) -> Documents:
        memory = Memory("$sample", run.memory)
        kept: list[tuple[Any, int]] = []
        for seen, document in enumerate(documents):
            place = seen if seen < size else random.randrange(seen + 1)  # no secret
            if place >= size:
                continue
            entry = (document, memory.keep(document))
            if place == len(kept):
                kept.append(entry)
            else:
                memory.add(-kept[place][1])
                kept[place] = entry
        random.shuffle(kept)
        yield from (document for document, _ in kept)

    return sample


def _checked_size(operand: Any) -> int:
    arguments = as_document(operand)
    if arguments is None:
        raise bad_value(f"$sample takes a document with its size, not {operand!r}.", 28745)
    for name in arguments:
        if name != "size":
            raise bad_value(f"$sample has no argument {name!r}. It takes size.", 28748)
    if "size" not in arguments:
        raise bad_value("$sample needs its size.", 28749)
    size = whole(arguments["size"])
    if size is None:
        raise bad_value(
            f"the size of $sample has to be a number, not {arguments['size']!r}.", 28746
        )
    if size <= 0:
        raise bad_value(f"the size of $sample has to be positive, not {size}.", 28747)
    return size
