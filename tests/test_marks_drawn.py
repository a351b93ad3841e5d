"""The program's marks in the picture: what stands where, before a single pixel."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import LogBuilder
from scenarios import races

from tracing import Trace, explore, mark, simulate, sleep
from tracing.events import Kind
from tracing.model import Block
from tracing.views.timeline.axis import Scale
from tracing.views.timeline.compose import Composition, composed
from tracing.views.timeline.frame import View
from tracing.views.timeline.labels import Placer
from tracing.views.timeline.lanes.marks import MOST_ROWS, block_rows
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Link, Scene, Spot
from tracing.views.timeline.stage import MOST_SERIES, set_stage

AXES = ("time", "order")


def drawn(run: Trace, axis: str) -> Composition:
    return composed(set_stage(run.log, run.model, View(axis=axis)).fit(600))


@cache
def marked() -> Trace:
    with simulate() as run:
        with mark("cooking"):
            sleep(1)
            with mark("tasting"):
                sleep(1)
        mark("shelf", value=3)
        sleep(1)
        mark("shelf", value=-1.5)
        mark("looks")
        try:
            with mark("eating"):
                sleep(1)
                raise ValueError
        except ValueError:
            pass
    return run


@pytest.mark.parametrize("axis", AXES)
def test_a_block_is_a_bar_below_its_threads_bar_and_one_within_it_stands_below_that(axis: str) -> None:
    part = drawn(marked(), axis)
    cooking, eating, tasting = [  # row by row
        each for each in part.scene.shapes if isinstance(each, Bar) and each.what == "block"
    ]
    (running, *_) = [each for each in part.scene.shapes if isinstance(each, Bar) and each.what == "running"]
    assert running.y1 <= cooking.y0 < cooking.y1 <= tasting.y0
    assert cooking.x0 < tasting.x0 < tasting.x1 <= cooking.x1 <= eating.x0
    (lane, *_) = part.lanes
    assert tasting.y1 <= lane.top + lane.height + 1.5
    said = part.scene.says()
    assert {"cooking", "tasting", "eating, left by an exception"} <= set(said)
    assert cooking.edge != eating.edge


@pytest.mark.parametrize("axis", AXES)
def test_a_number_has_a_lane_of_its_own_with_a_step_line_and_its_values(axis: str) -> None:
    part = drawn(marked(), axis)
    assert [(lane.name, lane.note) for lane in part.lanes][-1] == ("shelf", "a number")
    (line,) = (each for each in part.scene.shapes if isinstance(each, Line) and each.what == "series")
    (_, _), (_, high), (_, low), (_, last) = ((x, y) for x, y in line.points)
    assert high < low == last  # 3 stands higher than -1.5
    lane = part.lanes[-1]
    assert all(lane.top <= y <= lane.top + lane.height for _, y in line.points)
    values = [
        each.texts[0] for each in part.scene.shapes if isinstance(each, Label) and each.what == "series"
    ]
    assert values == ["3", "-1.5"]


def test_a_moment_is_a_tick_with_its_words() -> None:
    part = drawn(marked(), "time")
    assert [each.what for each in part.scene.shapes if isinstance(each, Glyph) and each.shape == "down"] == [
        "note"
    ]
    assert "looks" in part.scene.says()


def test_a_read_is_open_a_write_filled_and_both_say_the_value() -> None:
    failure = explore(races.lost_update, grain="bytecode").failure
    assert failure is not None
    part = drawn(failure.trace, "order")
    shapes = {each.what: each.shape for each in part.scene.shapes if isinstance(each, Glyph)}
    assert (shapes["read"], shapes["write"]) == ("ring", "disc")
    assert {"reads 0", "writes 1"} <= set(part.scene.says())
    assert "ring: a read of counter, filled disc: a write" in part.notes, "the variable is named once"


def test_of_several_variables_each_read_and_write_names_its_own() -> None:
    log = LogBuilder()
    main = log.thread()
    for kind, text in ((Kind.READ, "left = 1"), (Kind.WRITE, "right = 2"), (Kind.READ, "shelf")):
        log.at(log.now + 1000).add(kind, main, arg=log.text(text))
    part = composed(set_stage(log.build(), None, View(axis="time")).fit(600))
    said = [s.texts for s in part.scene.shapes if isinstance(s, Label) and s.what in ("read", "write")]
    assert said == [
        ("reads left = 1", "left = 1", "= 1"),
        ("writes right = 2", "right = 2", "= 2"),
        ("reads shelf", "shelf"),
    ]
    assert not part.notes


def test_a_findings_marker_stands_above_the_reads_and_writes_that_it_is_about() -> None:
    found = explore(races.lost_update, grain="bytecode")
    assert found.failure is not None
    run = found.failure.trace
    part = composed(set_stage(run.log, run.model, View(axis="order", findings=run.findings)).fit(600))
    glyphs = [s for s in part.scene.shapes if isinstance(s, Glyph)]
    per_column = 600 / (part.right - part.left)
    touches = [g for g in glyphs if g.what in ("read", "write")]
    markers = [g for g in glyphs if g.what == "finding"]
    assert touches
    assert markers
    for marker in markers:
        for touch in touches:
            aside = abs((touch.x - marker.x) * per_column - marker.nudge)
            assert aside > 7 or abs(touch.y - marker.y) > 7
    scale = Scale(start=part.left, per_ns=per_column, width=600)
    words = [each for each in Placer(scale).place_all(part.scene) if each.label.what in ("read", "write")]
    assert len(words) == len(touches), "the markers leave room for their words"


def test_numbers_and_blocks_for_which_there_is_no_room_are_counted() -> None:
    with simulate() as run:
        for number in range(MOST_SERIES + 2):
            mark(f"n{number}", value=number)
        nested(MOST_ROWS + 1)
    notes = drawn(run, "order").notes
    assert "2 marked numbers without a lane" in notes
    assert f"1 marked blocks left out: a lane has room for {MOST_ROWS} in each other" in notes


def nested(deep: int) -> None:
    with mark(f"depth {deep}"):
        sleep(1)
        if deep > 1:
            nested(deep - 1)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20))))
@settings(deadline=None)
def test_blocks_of_one_row_never_overlap_and_none_is_lost(stretches: list[tuple[int, int]]) -> None:
    blocks = sorted(
        (Block(name="x", thread=1, start=start, end=start + length) for start, length in stretches),
        key=lambda block: (block.start, -block.end),
    )
    rows = block_rows(blocks)
    assert sorted((b.start, b.end) for row in rows for b in row) == sorted((b.start, b.end) for b in blocks)
    for row in rows:
        assert all(one.end <= other.start for one, other in pairwise(row))


def test_the_picture_of_marks_is_painted() -> None:
    assert marked().png()
    assert marked().timeline(axis="order").texts


def _crossing(touched: bool, halo: str = "") -> Scene:
    """An arrow to the beginning of a bar, and words above it that would lie on the arrow to the left."""
    scene = Scene(height=40)
    scene.add(Link(what="start", x0=0, y0=0, x1=200, y1=30))
    spots = tuple(
        Spot(x=210, y=24, align=align, nudge=nudge) for align, nudge in (("right", -5), ("left", 5))
    )
    words = ("reads n[0] = 1", "n[0] = 1")
    scene.add(
        Label(
            what="read",
            texts=words,
            spots=spots if touched else spots[:1],
            size=6.8,
            backed=not halo,
            halo=halo,
        )
    )
    return scene


@pytest.mark.parametrize("halo", ["", "#aebac7"])
def test_words_stand_beside_an_arrow_rather_than_on_it_and_on_it_rather_than_nowhere(halo: str) -> None:
    scale = Scale(start=0, per_ns=1, width=400)
    (beside,) = Placer(scale).place_all(_crossing(touched=True, halo=halo))
    assert (beside.align, beside.text) == ("left", "reads n[0] = 1")
    (upon,) = Placer(scale).place_all(_crossing(touched=False, halo=halo))
    assert (upon.align, upon.text) == ("right", "reads n[0] = 1")


def test_each_read_and_write_has_its_value_in_the_picture_also_where_an_arrow_ends() -> None:
    found = explore(races.lost_update, grain="bytecode")
    assert found.failure is not None
    run = found.failure.trace
    touched = [mark for mark in run.model.marks if mark.what in ("read", "write")]
    words = [text for text in run.timeline().texts if text.get_gid() in ("read", "write")]
    assert len(words) == len(touched) >= 4
