"""The key: it has one of each thing that figures show, drawn by what draws them there."""

from __future__ import annotations

import io

import gallery
import pytest
from PIL import Image

import tracing
from tracing.views.png import to_png
from tracing.views.timeline import compose_timeline
from tracing.views.timeline.key import COLUMN_WIDE, LEFT, RIGHT, Entry, compose_key
from tracing.views.timeline.key.samples import POINT, ROW
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Link
from tracing.views.timeline.style import ALARM, QUIET
from tracing.views.timeline.words import width

ENTRIES = [entry for group in (*LEFT, *RIGHT) for entry in group.entries]
MARKS = {"left by exception", "notify", "last", "cancelled"}
IN_ROWS = {"would block", "refused", "set", "clear", "fired"}
SHAPES = {"disc", "ring", "diamond", "square", "cross", "zigzag", "right", "down", "tick", "end"}


def test_the_key_has_every_mark_that_readers_asked_for() -> None:
    shapes = compose_key().shapes
    assert {shape.shape for shape in shapes if isinstance(shape, Glyph)} >= SHAPES
    assert {shape.what for shape in shapes if isinstance(shape, Glyph)} >= MARKS | IN_ROWS
    assert {shape.hatch for shape in shapes if isinstance(shape, Bar)} >= {"", "/", "-", "|"}
    assert {"ready", "sleeping", "trip", "switch", "series", "steps", "room", "parting"} <= {
        s.what for s in shapes if isinstance(s, Line)
    }
    assert {"ever after", "flag up", "pending", "holds", "held", "wanted", "block", "broken", "break"} <= {
        s.what for s in shapes if isinstance(s, Bar)
    }
    assert {s.what for s in shapes if isinstance(s, Link)} == {"start", "hand-off", "cancel"}
    assert {s.edge for s in shapes if isinstance(s, Bar) and s.what == "block"} == {QUIET, ALARM}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.words.partition(":")[0])
def test_each_row_has_a_sample_and_its_words_fit(entry: Entry) -> None:
    scene = compose_key()
    (words,) = [s for s in scene.shapes if isinstance(s, Label) and s.texts == (entry.words,)]
    (spot,) = words.spots
    column = int(spot.x / POINT // COLUMN_WIDE)
    assert spot.x / POINT + width(words.texts[0], words.size) < (column + 1) * COLUMN_WIDE
    row = spot.y // ROW * ROW
    beside = [s for s in scene.shapes if isinstance(s, Bar | Glyph | Line | Link) and _is_in(s, column, row)]
    assert beside


def _is_in(shape: Bar | Glyph | Line | Link, column: int, row: float) -> bool:
    """Whether it stands in that column, and with its middle in the row that begins at that height."""
    if isinstance(shape, Line):
        (x0, y0), (x1, y1) = shape.points[0], shape.points[-1]
    elif isinstance(shape, Glyph):
        (x0, y0), (x1, y1) = (shape.x, shape.y + 3), (shape.x, shape.y + 3)  # on the upper edge
    else:
        x0, y0, x1, y1 = shape.x0, shape.y0, shape.x1, shape.y1
    return (x0 + x1) / 2 / POINT // COLUMN_WIDE == column and row <= (y0 + y1) / 2 < row + ROW


def test_the_groups_stand_below_their_names_in_the_order_of_the_list() -> None:
    labels = [s for s in compose_key().shapes if isinstance(s, Label) and s.what in ("group", "key")]
    in_columns = sorted(labels, key=lambda s: (s.spots[0].x // (COLUMN_WIDE * POINT), s.spots[0].y))
    assert [s.texts[0] for s in in_columns] == [line.strip() for line in repr(tracing.key()).splitlines()]
    names = [group.name for group in (*LEFT, *RIGHT)]
    assert [s.texts[0] for s in in_columns if s.bold] == names
    assert {"What a thread does", "Marks above a thread", "Arrows"} <= set(names)


def test_all_words_of_the_key_are_drawn() -> None:
    drawn = [text.get_text() for text in tracing.key().figure().axes[0].texts]
    assert {entry.words for entry in ENTRIES} <= set(drawn)


def test_what_figures_draw_at_the_ends_of_threads_stands_in_the_key() -> None:
    known = {shape.shape for shape in compose_key().shapes if isinstance(shape, Glyph)}
    for picture in gallery.GALLERY.values():
        ends = [
            shape
            for shape in compose_timeline(picture().log).scene.shapes
            if isinstance(shape, Glyph) and shape.what in {"ended", "failed", "cut off", "still running"}
        ]
        assert {shape.shape for shape in ends} <= known


def test_each_mark_and_each_line_of_a_figure_stands_in_the_key_or_has_words_beside_it() -> None:
    known = {s.what for s in compose_key().shapes if isinstance(s, Glyph | Line)}
    told = {"cancelled late", "reset", "call failed", "pass"}
    rules = {"separator", "down", "seam", "starting"}  # between lanes and holds; before a thread's first turn
    for picture in gallery.GALLERY.values():
        shapes = compose_timeline(picture().log).scene.shapes
        drawn = {shape.what for shape in shapes if isinstance(shape, Glyph | Line)}
        assert drawn <= known | told | rules
        assert drawn & told <= {shape.what for shape in shapes if isinstance(shape, Label)}


def test_what_figures_draw_at_moments_stands_in_the_key() -> None:
    known = {(s.what, s.shape) for s in compose_key().shapes if isinstance(s, Glyph)}
    own = {"read": "ring", "write": "disc", "note": "down", "last": "hollow"}
    assert set(own.items()) <= known


def test_the_key_is_a_figure_in_a_notebook_and_a_list_elsewhere() -> None:
    key = tracing.key()
    bundle = key._repr_mimebundle_()
    assert Image.open(io.BytesIO(bundle["image/png"])).format == "PNG"
    assert bundle["text/plain"] == repr(key)
    assert [line[2:] for line in repr(key).splitlines() if line[0] == " "] == [e.words for e in ENTRIES]
    assert bundle["image/png"] == to_png(tracing.key().figure())
