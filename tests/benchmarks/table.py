"""Prints figures as tables, in the terms of a terminal."""

from collections.abc import Sequence

__all__ = ["print_table", "print_title"]


def print_title(title: str, *remarks: str) -> None:
    """Prints a heading and what the reader should know before the figures."""
    print(f"\n{title}\n{'=' * len(title)}")
    for remark in remarks:
        print(remark)
    print()


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints rows under their heads: the first column to the left, figures to the right."""
    lines = [list(heads), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for number, line in enumerate(lines):
        first, *rest = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join([first.strip().ljust(widths[0]), *rest]).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
