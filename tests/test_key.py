"""The key: it has one of each thing that figures show, drawn by what draws them there."""

from __future__ import annotations

import io

import gallery
import pytest
from PIL import Image

import tracing
from tracing.views.timeline import compose_timeline, to_png
from tracing.views.timeline.key import COLUMN_WIDE, ENTRIES, POINT, ROW, compose_key
from tracing.views.timeline.labels import width
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Link

SHAPES = {"disc", "ring", "diamond", "square", "cross", "zigzag", "right", "down", "tick", "end"}


def test_the_key_has_every_mark_that_readers_asked_for() -> None:
    shapes = compose_key().shapes
    assert {shape.shape for shape in shapes if isinstance(shape, Glyph)} >= SHAPES
    assert {shape.hatch for shape in shapes if isinstance(shape, Bar)} >= {"", "/", "-"}
    assert {"ready", "sleeping", "trip", "switch", "series"} <= {
        s.what for s in shapes if isinstance(s, Line)
    }
    assert {"ever after", "flag up", "pending", "holds", "held", "wanted", "block"} <= {
        s.what for s in shapes if isinstance(s, Bar)
    }
    assert {s.what for s in shapes if isinstance(s, Link)} == {"start", "hand-off"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.words.partition(":")[0])
def test_each_row_has_a_sample_and_its_words_fit(entry: object) -> None:
    place = ENTRIES.index(entry)  # type: ignore[arg-type]
    column, row = divmod(place, -(-len(ENTRIES) // 2))
    shapes = compose_key().shapes
    (words,) = [s for s in shapes if isinstance(s, Label) and s.texts == (ENTRIES[place].words,)]
    (spot,) = words.spots
    assert row * ROW < spot.y < (row + 1) * ROW
    assert spot.x / POINT + width(words.texts[0], words.size) < (column + 1) * COLUMN_WIDE


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


def test_what_figures_draw_at_moments_stands_in_the_key() -> None:
    known = {(s.what, s.shape) for s in compose_key().shapes if isinstance(s, Glyph)}
    own = {"read": "ring", "write": "disc", "note": "down", "last": "down"}
    assert set(own.items()) <= known


def test_the_key_is_a_figure_in_a_notebook_and_a_list_elsewhere() -> None:
    key = tracing.key()
    bundle = key._repr_mimebundle_()
    assert Image.open(io.BytesIO(bundle["image/png"])).format == "PNG"
    assert bundle["text/plain"] == repr(key)
    assert repr(key).splitlines() == [entry.words for entry in ENTRIES]
    assert bundle["image/png"] == to_png(tracing.key().figure())
