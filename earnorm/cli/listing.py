"""Rows under headers: a table where it fits, else one block for each row; nothing is cut off."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

__all__ = ["Listing", "facts_grid"]

_ENDLESS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Something that rich prints; each row has a cell for each header, the first one names the row."""

    headers: tuple[str, ...]
    rows: Sequence[Sequence[Text]]

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        table = self._table()
        width = Measurement.get(console, options.update_width(_ENDLESS), table).maximum
        if width <= options.max_width:
            yield table
        else:
            yield from self._blocks()

    def _table(self) -> Table:
        # A row of several lines would run into the next one.
        leading = int(any("\n" in cell.plain for row in self.rows for cell in row))
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, leading=leading)
        for header in self.headers:
            table.add_column(header, overflow="fold")
        for row in self.rows:
            table.add_row(*row)
        return table

    def _blocks(self) -> Iterator[RenderableType]:
        for number, row in enumerate(self.rows):
            if number:
                yield ""
            yield row[0]
            facts = facts_grid(zip(self.headers[1:], row[1:], strict=True))
            yield Padding(facts, (0, 0, 0, 2), expand=False)


def facts_grid(facts: Iterable[tuple[str, Text]]) -> Table:
    """A line for each fact that is not empty, its name before it."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", overflow="fold")
    grid.add_column(overflow="fold")
    for header, cell in facts:
        if cell.plain:
            grid.add_row(header, cell)
    return grid
