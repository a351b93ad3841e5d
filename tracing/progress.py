"""A bar that shows how far a long search, or the reading of a long record, is; short ones show none."""

from __future__ import annotations

import sys
import threading
from typing import Any

PATIENCE = 1.0  # s without a bar


class Progress:
    """Counts up to `total`, in `unit`. wanted: None: in a terminal or a notebook, where it is seen."""

    def __init__(self, total: int, unit: str, wanted: bool | None = None) -> None:
        self.bar: Any = _bar(total, unit) if (_is_seen() if wanted is None else wanted) else None
        self.count = 0

    def step(self, doing: str, by: int = 1) -> None:
        """So many more are done."""
        self.count += by
        if self.bar is not None:
            self.bar.set_description_str(doing, refresh=False)
            self.bar.update(by)

    def close(self) -> None:
        """All is done: the bar goes."""
        if self.bar is not None:
            self.bar.total = self.count  # else, in a notebook, tqdm leaves it there, in red: not at its end
            self.bar.close()


def _is_seen() -> bool:
    return sys.stderr.isatty() or _is_kernel()


def _is_kernel() -> bool:
    """Whether this process is a notebook's; pytest, with a plugin for them, imports ipykernel as well."""
    loaded = sys.modules.get("ipykernel.kernelapp")
    return loaded is not None and loaded.IPKernelApp.initialized()


def _bar(total: int, unit: str) -> Any:
    from tqdm.auto import tqdm  # type: ignore[import-untyped, unused-ignore]

    class Bar(tqdm):  # type: ignore[misc, unused-ignore]
        monitor_interval = 0  # no thread of its own

        def display(self, *args: Any, **kwargs: Any) -> Any:
            """In a notebook the bar comes as a widget and nothing else.

            With a text beside it, as tqdm would have it, a cell's outputs would tell the machine's speed.
            """
            if not getattr(self, "displayed", True) and kwargs.get("check_delay", True):
                _show_widget(self.container)
                self.displayed = True
            return super().display(*args, **kwargs)

    Bar.set_lock(threading.RLock())  # not one for processes, which would start one
    scaled = total >= 100_000  # 1.2M, not 1200000
    return Bar(total=total, delay=PATIENCE, leave=False, unit=f" {unit}", unit_scale=scaled, file=sys.stderr)


def _show_widget(widget: Any) -> None:
    from IPython.display import display

    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    display({"application/vnd.jupyter.widget-view+json": view}, raw=True)  # type: ignore[no-untyped-call]
