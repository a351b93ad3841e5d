"""Sliders for a program's parameters, that simulate and draw it again as one drags.

`parameters` reads what was asked for, `tweaking` runs and shows it.
"""

from tracing.tweaking.tweaking import Tweaked, tweak

__all__ = ["Tweaked", "tweak"]
