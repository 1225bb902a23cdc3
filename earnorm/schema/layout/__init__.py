"""Places the models of a graph in columns, and leads the edges between them at right angles.

The packages stand side by side, in columns, those that are referred to left of those that refer to them. Between two
columns lies a channel, in which edges run up and down; they cross a column in the gaps between its boxes. All edges
to one model are one line with branches, so there are as many lines as targets, not as edges.
"""

from earnorm.schema.layout.boxes import Box, Row
from earnorm.schema.layout.columns import Frame
from earnorm.schema.layout.picture import Picture, Route, lay_out

__all__ = ["Box", "Frame", "Picture", "Route", "Row", "lay_out"]
