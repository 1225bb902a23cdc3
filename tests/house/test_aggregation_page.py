"""The page on aggregation lists what the embedded store computes, no more and no less."""

import re
from pathlib import Path

import pytest

from earnorm.stores.documents.computing import EXPRESSIONS
from earnorm.stores.documents.shaping import SHAPES
from earnorm.stores.pipeline import GROUP_ACCUMULATORS, STAGES

pytestmark = pytest.mark.once

NAME = re.compile(r"`(\$[A-Za-z0-9]+)`")


def section(root: Path, heading: str) -> str:
    page = (root / "docs" / "reference" / "aggregation.md").read_text("utf-8")
    return page.split(f"\n## {heading}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Stages", set(STAGES)),
        ("Accumulators", set(GROUP_ACCUMULATORS)),
        ("Expressions", set(EXPRESSIONS)),
    ],
    ids=["stages", "accumulators", "expressions"],
)
def test_the_table_lists_what_there_is(heading: str, names: set[str], root: Path) -> None:
    rows = [line for line in section(root, heading).splitlines() if line.startswith("| `$")]
    listed = [name for row in rows for name in NAME.findall(row.split("|")[1])]

    assert sorted(listed) == sorted(names)


def test_the_stages_of_updates_are_listed(root: Path) -> None:
    listed = set(NAME.findall(section(root, "Updates by stages").split(". They may")[0]))

    assert listed == set(SHAPES)
