"""The table of options in the guide is the one in the code."""

from pathlib import Path

import pytest

from earnorm.metadata import OPTIONS

pytestmark = pytest.mark.once


def test_the_guide_prints_the_merge_table(root: Path) -> None:
    page = (root / "docs" / "guide" / "inheritance.md").read_text("utf-8")
    table = page[page.index("| Option |") :].split("\n\n")[0].splitlines()[2:]
    assert table == [
        f"| `{name}` | {option.takes} | {option.merge} |" for name, option in OPTIONS.items()
    ]
