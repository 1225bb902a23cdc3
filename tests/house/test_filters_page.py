"""The page on filters and updates lists what the embedded store reads, no more and no less."""

import re
from pathlib import Path

import pytest

from earnorm.stores.documents.json_schema import SCHEMA_KEYWORDS
from earnorm.stores.documents.matcher import CONDITIONS, TOP
from earnorm.stores.documents.updater import UPDATES

pytestmark = pytest.mark.once

NAME = re.compile(r"`(\$?[A-Za-z]+)`")


def listed(root: Path, heading: str) -> list[str]:
    page = (root / "docs" / "reference" / "filters.md").read_text("utf-8")
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in NAME.findall(row.split("|")[1])]


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Where a filter has its paths", TOP),
        ("Under a path", CONDITIONS),
        ("Keywords of `$jsonSchema`", SCHEMA_KEYWORDS),
        ("Updates", UPDATES),
    ],
)
def test_the_table_lists_what_there_is(heading: str, names: list[str], root: Path) -> None:
    assert sorted(listed(root, heading)) == sorted(names)
