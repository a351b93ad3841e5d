"""A figure printed in grey: marks differ in form, words stand clear of lines, no marker hides an arrow."""

from __future__ import annotations

from itertools import combinations

import gallery
import pytest
from logs import LogBuilder

from tracing import Barrier, Thread, Trace, explore, key, simulate, sleep
from tracing.views.timeline import compose_timeline, draw_timeline
from tracing.views.timeline.axis import Scale
from tracing.views.timeline.compose import Composition
from tracing.views.timeline.frame import Place, View
from tracing.views.timeline.key import LEFT, RIGHT, Entry, Group, samples
from tracing.views.timeline.labels import Box, Placed, Placer
from tracing.views.timeline.lanes.across import REACH
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Link, Scene, inside
from tracing.views.timeline.style import PAPER

POINTS = 560.0
TOLD_BY_NAME = {
    frozenset(
        {"thin line: ready, another thread has the turn", 'thin line, "no call": a pool\'s worker has none'}
    ),
    frozenset(
        {"solid bar: who has it", "solid band of an Event: it is set"}
    ),  # the row's type stands in front
}


# In grey


def form(shape: Bar | Line | Glyph | Link) -> tuple[object, ...]:
    """What is seen of a shape without colour."""
    if isinstance(shape, Bar):
        framed = shape.edge not in ("", shape.fill)
        return "bar", shape.fill != PAPER, framed, shape.hatch, round(shape.y1 - shape.y0)
    if isinstance(shape, Line):
        return "line", shape.dash, shape.width, len(shape.points)
    return ("mark", shape.shape) if isinstance(shape, Glyph) else ("arrow", bool(shape.bulge))


def forms(entry: Entry) -> frozenset[tuple[object, ...]]:
    scene = Scene()
    entry.draw(scene, samples.surroundings(), Place(top=4, bottom=20, strips={}))
    return frozenset(form(shape) for shape in scene.shapes if isinstance(shape, Bar | Line | Glyph | Link))


@pytest.mark.parametrize("group", [*LEFT, *RIGHT], ids=lambda group: group.name)
def test_no_two_things_of_the_key_differ_in_colour_only(group: Group) -> None:
    alike = {frozenset({a.words, b.words}) for a, b in combinations(group.entries, 2) if forms(a) == forms(b)}
    assert alike <= TOLD_BY_NAME


def test_the_key_tells_apart_arrows_by_more_than_their_colour() -> None:
    (arrows,) = (group for group in RIGHT if group.name == "Arrows")
    assert all(word in arrows.entries[0].words for word in ("beginning", "end"))


def test_a_refused_call_is_a_cross_and_a_failed_try_a_tick_also_in_the_row_of_the_lock() -> None:
    shapes = compose_timeline(gallery.failed_tries().log).scene.shapes
    found = {
        (s.what, s.shape) for s in shapes if isinstance(s, Glyph) and s.what in ("refused", "would block")
    }
    assert found == {("refused", "cross"), ("would block", "tick")}


def test_who_is_inside_start_is_said_to_be() -> None:
    log = LogBuilder(clock="real")
    main = log.thread()
    child = log.thread("child", parent=main)
    log.at(10).started(main, child)
    log.at(400).began(child, main)
    log.at(500).ended(child)
    log.at(510).ended(main)
    assert "in start()" in compose_timeline(log.build()).scene.says()


def test_a_ring_and_a_hollow_triangle_have_no_gap() -> None:
    drawn = [patch for patch in key().figure().axes[0].patches if patch.get_gid() in ("read", "last")]
    assert len(drawn) == 2
    assert all(patch.get_closed() for patch in drawn)


# Words, arrows and markers


def placed(part: Composition) -> tuple[Scale, list[Placed]]:
    scale = Scale(start=part.start, per_ns=POINTS / (part.end - part.start), width=POINTS)
    return scale, Placer(scale).place_all(part.scene)


def beside_a_line(what: str) -> list[Placed]:
    """What is said in a bar through whose middle that line goes."""
    scene = Scene(height=40)
    words = inside("waiting", ("waits",), 0, 100, 10, 8, "#000000")
    through = Line(what=what, points=((50.0, 0.0), (50.0, 40.0)))
    scene.add(Bar(what="waiting", x0=0, x1=100, y0=2, y1=18), words, through)
    return Placer(Scale(start=0, per_ns=2.0, width=200)).place_all(scene)


@pytest.mark.parametrize("what", ["parting", "trip"])
def test_words_stand_beside_the_line_at_which_runs_part_or_a_barrier_trips(what: str) -> None:
    (words,) = beside_a_line(what)
    assert not words.box.x0 < 100 < words.box.x1


def _two_deposits() -> None:
    balance = [0]

    def deposit() -> None:
        balance[0] += 1

    threads = [Thread(target=deposit, name=name) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert balance == [2]


def pieces(scale: Scale, link: Link) -> list[Box]:
    """The arrow, in 50 boxes of a point."""
    x0, x1, y0, y1 = scale.x(link.x0), scale.x(link.x1), scale.y(link.y0), scale.y(link.y1)
    points = [(x0 + (x1 - x0) * share / 50, y0 + (y1 - y0) * share / 50) for share in range(51)]
    return [Box(x - 0.5, y - 0.5, x + 0.5, y + 0.5) for x, y in points]


def test_no_arrow_goes_through_the_word_running() -> None:
    passing = explore(_two_deposits, grain="bytecode").passing
    assert passing is not None
    part = compose_timeline(passing.log, view=View(axis="order"))
    scale, words = placed(part)
    running = [each.box for each in words if each.label.what == "running"]
    arrows = [piece for s in part.scene.shapes if isinstance(s, Link) for piece in pieces(scale, s)]
    assert running
    assert not [box for box in running for piece in arrows if box.meets(piece)]


def _called_off() -> Trace:
    with simulate() as run:
        trip = Barrier(3)
        for name in ("ann", "bob"):
            Thread(target=trip.wait, name=name).start()
        sleep(1)
        trip.abort()
    return run


def test_the_marker_of_a_finding_covers_no_head_of_an_arrow() -> None:
    run = _called_off()
    part = compose_timeline(run.log, view=View(findings=run.findings))
    scale, _ = placed(part)
    shapes = part.scene.shapes
    markers = [s for s in shapes if isinstance(s, Glyph) and s.what == "finding"]
    heads = [(s.x1, s.y1) for s in shapes if isinstance(s, Link) and s.what == "break"]
    assert len(markers) == len(heads) == 2
    for marker in markers:
        left = scale.x(marker.x) + marker.nudge
        covered = [(x, y) for x, y in heads if abs(scale.x(x) - left) < REACH and abs(y - marker.y) < REACH]
        assert not covered


def test_a_marker_at_the_left_edge_stays_in_the_figure_with_its_number() -> None:
    def fail() -> None:
        raise ValueError

    with simulate() as run:
        Thread(target=fail, name="clumsy").start()
        sleep(1)
    ax = draw_timeline(run.log, findings=run.findings)
    (number,) = (text for text in ax.texts if text.get_text() == "1")
    assert number.get_position()[0] > ax.get_xlim()[0]


@pytest.mark.parametrize("name", ["semaphore", "queue", "event", "barrier", "contention_virtual", "pool"])
def test_no_row_goes_on_beyond_the_end_of_its_run_beside_a_longer_one(name: str) -> None:
    log = gallery.GALLERY[name]().log
    shapes = compose_timeline(log, view=View(end=2 * log.ending.time)).scene.shapes
    rows = {"steps", "free", "down", "room", "series", "zero"}
    ends = [x for s in shapes if isinstance(s, Line) and s.what in rows for x, _ in s.points]
    ends += [s.x1 for s in shapes if isinstance(s, Bar) and s.what == "steps"]
    assert ends
    assert max(ends) <= log.ending.time


def test_words_that_say_no_more_than_their_bar_are_the_only_ones_that_an_arrow_drives_away() -> None:
    labels = [s for s in compose_timeline(gallery.nested().log).scene.shapes if isinstance(s, Label)]
    assert {label.what for label in labels if label.spare} == {"running"}
