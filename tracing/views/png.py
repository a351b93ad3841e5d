"""Figures as PNG, in 256 colours and a third of the size: a notebook holds many of them.

Rule: the same pixels give the same bytes.

How it works: the colours that fill most of it stay exactly what they are: the paper is white, and a ground
that differs from it by a shade differs still. The rest, mostly the edges of words and slanted lines, is left
to an octree, which keeps a colour that only a small mark has; a median cut would give it to its neighbours.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from PIL.Image import Image

DPI = 110
COLOURS = 256
FLAT = 16  # of them, for what fills areas: more make the file larger, and nobody sees it


def to_png(figure: Figure, dpi: float = DPI) -> bytes:
    """The figure as PNG: the same bytes for the same figure, on every run."""
    from PIL import Image

    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=dpi, facecolor="white")
    quantized(Image.open(full)).save(small, format="png", optimize=True)
    return small.getvalue()


def to_quick_png(figure: Figure) -> bytes:
    """The same picture in half the time and three times the bytes: for one that is soon replaced."""
    from PIL import Image

    canvas: Any = figure.canvas
    canvas.draw()
    image = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    quick = io.BytesIO()
    image.convert("RGB").save(quick, format="png", compress_level=1)
    return quick.getvalue()


def quantized(image: Image) -> Image:
    """The image with a palette."""
    import numpy as np
    from PIL import Image as Images

    pixels = np.asarray(image.convert("RGB"))
    codes = pixels.astype(np.int64) @ (1 << 16, 1 << 8, 1)
    flat = _flat(codes)
    place = np.minimum(np.searchsorted(flat, codes), len(flat) - 1)
    other = flat[place] != codes
    palette, places = _octree(pixels[other], COLOURS - len(flat))
    place[other] = places + len(flat)
    few = Images.fromarray(place.astype(np.uint8), mode="P")
    few.putpalette(
        [part for code in flat.tolist() for part in (code >> 16, code >> 8 & 255, code & 255)] + palette
    )
    return few


def _flat(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The colours that most pixels have, sorted."""
    import numpy as np

    found, counts = np.unique(codes, return_counts=True)
    return np.sort(found[np.argsort(-counts, kind="stable")[:FLAT]])


def _octree(pixels: NDArray[np.uint8], most: int) -> tuple[list[int], Any]:
    """So many colours for these pixels, and which of them each one gets."""
    import numpy as np
    from PIL import Image as Images

    if not len(pixels):
        return [], np.zeros(0, np.int64)
    few = Images.fromarray(pixels[np.newaxis]).quantize(
        most, method=Images.Quantize.FASTOCTREE, dither=Images.Dither.NONE
    )
    return few.getpalette() or [], np.asarray(few)[0].astype(np.int64)
