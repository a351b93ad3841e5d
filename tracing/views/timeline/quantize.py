"""A picture in 256 colours, a third of the size: a notebook holds many figures.

Rule: the colours that fill most of it stay exactly what they are: the paper is white, and a ground that
differs from it by a shade differs still. The rest, mostly the edges of words and slanted lines, is left to an
octree, which keeps a colour that only a small mark has; a median cut would give it to its neighbours. The
same pixels give the same image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

COLOURS = 256
FLAT = 16  # of them, for what fills areas: more make the file larger, and nobody sees it


def quantized(image: Image) -> Image:
    """The image with a palette."""
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
    found, counts = np.unique(codes, return_counts=True)
    return np.sort(found[np.argsort(-counts, kind="stable")[:FLAT]])


def _octree(pixels: NDArray[np.uint8], most: int) -> tuple[list[int], Any]:
    """So many colours for these pixels, and which of them each one gets."""
    from PIL import Image as Images

    if not len(pixels):
        return [], np.zeros(0, np.int64)
    few = Images.fromarray(pixels[np.newaxis]).quantize(
        most, method=Images.Quantize.FASTOCTREE, dither=Images.Dither.NONE
    )
    return few.getpalette() or [], np.asarray(few)[0].astype(np.int64)
