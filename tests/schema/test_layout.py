"""In a picture nothing lies on anything else, and every line can be followed."""

from collections import defaultdict
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import RelationshipGraph
from earnorm.schema.layout import Box, Frame, Picture, lay_out
from earnorm.schema.layout.boxes import text_width
from tests.schema.graphs import graphs

Segment = tuple[tuple[int, int], tuple[int, int]]


def overlap(one: Box | Frame, other: Box | Frame) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def lines(picture: Picture) -> dict[object, set[Segment]]:
    """The pieces of each line, by where it ends."""
    found = defaultdict[object, set[Segment]](set)
    for route in picture.routes:
        for start, end in pairwise(route.points):
            if start != end:
                found[route.points[-1]].add((min(start, end), max(start, end)))
    return found


def lie_on_each_other(one: Segment, other: Segment) -> bool:
    for axis in (0, 1):
        across = 1 - axis
        is_parallel = one[0][across] == one[1][across] == other[0][across] == other[1][across]
        if is_parallel and one[0][axis] < other[1][axis] and other[0][axis] < one[1][axis]:
            return True
    return False


def runs_through(segment: Segment, box: Box) -> bool:
    (x1, y1), (x2, y2) = segment
    return (x1 < box.x + box.width and box.x < x2 and box.y <= y1 <= box.y + box.height) or (
        x1 == x2 and box.x <= x1 <= box.x + box.width and y1 < box.y + box.height and box.y < y2
    )


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_no_box_and_no_frame_lies_on_another(graph: RelationshipGraph) -> None:
    picture = lay_out(graph)

    assert not any(overlap(one, other) for one, other in combinations(picture.boxes, 2))
    assert not any(overlap(one, other) for one, other in combinations(picture.frames, 2))
    for box in picture.boxes:
        (frame,) = (one for one in picture.frames if overlap(box, one))
        assert frame.x < box.x
        assert box.x + box.width < frame.x + frame.width
        assert frame.y < box.y
        assert box.y + box.height < frame.y + frame.height


@settings(deadline=None, max_examples=100)
@given(graphs(st.text(min_size=1, max_size=80)))
def test_every_text_has_room_where_it_stands(graph: RelationshipGraph) -> None:
    picture = lay_out(graph)

    for frame in picture.frames:
        assert text_width(frame.cluster.name, 13, is_bold=True) < frame.width
    for box in picture.boxes:
        assert text_width(box.title, 13, is_bold=True) < box.width
        for row in box.rows:
            assert text_width(row.text, 11) + text_width(row.words, 10) < box.width


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_every_model_and_every_edge_is_in_the_picture(graph: RelationshipGraph) -> None:
    picture = lay_out(graph)
    shown = {box.key for box in picture.boxes if not box.is_missing}

    assert shown == {node.key for node in graph.nodes}
    assert len(picture.routes) == len(graph.edges)
    for box in picture.boxes:
        assert 0 < box.x < box.x + box.width < picture.width
        assert 0 < box.y < box.y + box.height < picture.height
    for route in picture.routes:
        assert all(0 < x < picture.width and 0 < y < picture.height for x, y in route.points)


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_an_edge_runs_at_right_angles_from_its_row_to_its_target(graph: RelationshipGraph) -> None:
    for route in lay_out(graph).routes:
        (x, y), (end_x, end_y) = route.points[0], route.points[-1]

        assert y == route.row.y
        assert x in {route.source.x, route.source.x + route.source.width}
        assert end_x in {route.target.x, route.target.x + route.target.width}
        assert route.target.y < end_y < route.target.y + route.target.height
        for one, other in pairwise(route.points):
            assert one[0] == other[0] or one[1] == other[1]


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_no_line_runs_through_a_box_or_along_another_line(graph: RelationshipGraph) -> None:
    picture = lay_out(graph)
    found = lines(picture)

    for segments in found.values():
        for segment in segments:
            assert not any(runs_through(segment, box) for box in picture.boxes)
    for one, other in combinations(found.values(), 2):
        assert not any(lie_on_each_other(a, b) for a in one for b in other)


@given(graphs())
@settings(deadline=None, max_examples=30)
def test_equal_graphs_have_equal_pictures(graph: RelationshipGraph) -> None:
    again = RelationshipGraph(nodes=graph.nodes, edges=graph.edges)

    assert [route.points for route in lay_out(again).routes] == [
        route.points for route in lay_out(graph).routes
    ]
