"""The controls in a live notebook: ipywidgets under each other, and a place for what a program says.

Rule: a panel knows values, not what they are for; whoever made it is told that something was moved, and asks
for the values. That may happen in another thread than the one that made it: JupyterLab sends the messages of
widgets to a subshell of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

import ipywidgets

from tracing.views.controls import Choice, Control, Fixed, Slider, Switch

VIEW = "application/vnd.jupyter.widget-view+json"
WIDTH = "min(100%, 560px)"
LETTER = 7.5  # pixels, a label's


class Panel:
    """Widgets for these controls. `moved` is called when the reader has changed one."""

    def __init__(
        self, controls: Iterable[Control], values: Mapping[str, Any], moved: Callable[[], object]
    ) -> None:
        shown = [each for each in controls if not isinstance(each, Fixed)]
        room = f"{max(len(each.label) for each in shown) * LETTER + 12:.0f}px"
        self._widgets = {each.name: _widget(each, values[each.name], room) for each in shown}
        self._said = ipywidgets.HTML(layout=ipywidgets.Layout(display="none"))
        self._box = ipywidgets.VBox([*self._widgets.values(), self._said])
        for widget in self._widgets.values():
            widget.observe(lambda change: moved(), "value")

    def values(self) -> dict[str, Any]:
        """How they stand now."""
        return {name: widget.value for name, widget in self._widgets.items()}

    def put(self, values: Mapping[str, Any]) -> None:
        """Move them, as the reader would."""
        for name, widget in self._widgets.items():
            widget.value = values[name]

    def say(self, output: str, error: str) -> None:
        """Show what was printed, and what went wrong, below; nothing where both are empty."""
        parts = [(output, "inherit"), (error, "var(--jp-error-color1, #B3261E)")]
        self._said.value = "".join(_pre(text, colour) for text, colour in parts if text)
        self._said.layout.display = None if output or error else "none"

    def view(self) -> dict[str, Any]:
        """What a frontend shows it by, of that type: no text form, so that it can have another."""
        return {VIEW: {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}}


def _pre(text: str, colour: str) -> str:
    return (
        f'<pre style="color: {colour}; margin: 4px 0; line-height: 1.3; white-space: pre-wrap">'
        f"{escape(text.rstrip())}</pre>"
    )


def _widget(control: Control, value: Any, room: str) -> Any:
    common: dict[str, Any] = {
        "value": value,
        "description": control.label,
        "style": {"description_width": room},
        "layout": ipywidgets.Layout(width=WIDTH),
    }
    match control:
        case Switch():
            return ipywidgets.Checkbox(**common)
        case Choice(options=options):
            return ipywidgets.Dropdown(options=options, **common)
        case Slider(low=low, high=high, step=step):
            kind = ipywidgets.IntSlider if control.whole else ipywidgets.FloatSlider
            form = "d" if control.whole else f".{control.decimals}f"
            return kind(min=low, max=high, step=step, readout_format=form, **common)
    raise AssertionError(f"no widget shows {control!r}")
