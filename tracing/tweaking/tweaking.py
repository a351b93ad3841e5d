"""`tweak`: a program with sliders, simulated and drawn again as one of them is dragged.

Owns: which run is shown, and that there is one at a time.

Rule: the last request wins, and no request is lost: what is shown in the end is what the sliders say. The
figure stays until the next one is drawn. Nothing that the program does, hanging included, can hang the
kernel: it is simulated.

How it works: a figure is an ordinary output of the cell, so that it is seen without a kernel, too; the
sliders are an output of their own above it, where they stay while the figure grows. A moved slider calls
`_moved`, in the main thread or in that of a subshell. It takes the lock, and then looks at how the sliders
stand *now*: requests that came while another was served find nothing left to do. A frontend sends the next
position of a slider when the last one has been answered, so dragging piles nothing up.
"""

from __future__ import annotations

import threading
import traceback
from _thread import RLock
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from tracing.cpython.ownership import alone
from tracing.exploring.programs import Program
from tracing.naming.frames import ROOT
from tracing.simulating import Called
from tracing.trace import Trace
from tracing.tweaking.parameters import Parameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tracing.views.alternative import Bundle
    from tracing.views.controls.panel import Panel

STEPS, SECONDS = 20_000, 2.0  # a program that does not end must not keep a reader waiting
FILLED = 1 / 3  # of the time axis: a run that fills less gets an axis of its own
T = TypeVar("T")


def tweak(program: Callable[..., object], /, **parameters: Any) -> Tweaked:
    """Sliders for a program's parameters; each move simulates it again and draws the timeline again.

    program: a function that makes all that its threads share, and starts them. parameters, for each of its
    parameters: a range, (low, high) or (low, high, step) or a `range`; a list of options; True or False for a
    switch; or a number, a text or None that stays. A slider starts at the function's default, else at the low
    end. `seed=(0, 20)` is the simulation's seed, unless the program has such a parameter.

    As the last expression of a notebook cell the result shows sliders and figure; where the page was loaded
    anew, run the cell again. What the program raises is in the record, and shown. Raises TypeError for a
    parameter that the program does not have, or for one that it lacks; TypeError or ValueError for a range
    that is none.
    """
    return Tweaked(Parameters.of(program, parameters))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One run of the program, and what it was asked for."""

    values: dict[str, Any]
    run: Trace
    output: str  # printed by the program
    error: BaseException | None  # raised by the program
    until: float  # s: the end of the time axis
    figure: Figure = field(repr=False)


class Tweaked:
    """A program with sliders."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._lock = RLock()
        self._panel: Panel | None = None
        self._figures: list[Any] = []  # handles of the outputs that show the figure
        self._putting = False
        self._shown = self._simulated(parameters.start, until=0.0)

    @property
    def run(self) -> Trace:
        """The run that is shown."""
        return self._shown.run

    @property
    def values(self) -> dict[str, Any]:
        """What it was made with, by parameter."""
        return dict(self._shown.values)

    @property
    def output(self) -> str:
        """What the program printed in it."""
        return self._shown.output

    @property
    def error(self) -> BaseException | None:
        """What the program raised in it, in its main thread; None if nothing."""
        return self._shown.error

    def set(self, **values: Any) -> None:
        """Move sliders, simulate and draw again, as if they had been dragged; returns when it is done.

        Raises TypeError for a name that has no slider, ValueError for a value outside its range.
        """
        alone(self._lock, lambda: self._set(values))

    def _set(self, values: dict[str, Any]) -> None:
        new = {**self._shown.values, **self._parameters.accepted(values)}
        shown = self._simulated(new, self._shown.until)
        try:
            self._putting = True
            if self._panel is not None:
                self._panel.put(new)
        finally:
            self._putting = False
        self._show(shown)

    def _moved(self) -> None:
        """The reader has moved something."""
        alone(self._lock, self._follow)

    def _follow(self) -> None:
        if self._putting or self._panel is None:
            return
        try:
            values = {**self._shown.values, **self._parameters.accepted(self._panel.values())}
            if values != self._shown.values:  # else another callback has seen this position, too
                self._show(self._simulated(values, self._shown.until))
        except Exception as error:  # there is no cell in which it could be raised
            self._panel.say("", _told(error))

    def _simulated(self, values: dict[str, Any], until: float) -> Shown:
        """One run. until: seconds on the time axis of the figure that it follows."""
        run, output, error = _as_main_thread(partial(self._called, values))
        lasts = run.model.duration / 1e9
        done = run.log.ending.reason == "done"
        if done and not until * FILLED <= lasts <= until:
            until = lasts
        return Shown(
            values=values,
            run=run,
            output=output,
            error=error,
            until=until,
            figure=_figure(run, until if done else None),
        )

    def _called(self, values: Mapping[str, Any]) -> tuple[Trace, str, BaseException | None]:
        """The run, what the program printed, and what it raised."""
        program = Program.of(self._parameters.call(values))
        seed, title = self._parameters.seed(values), self._parameters.title(values)
        block = Called(
            *program.namespaces, seed=seed, title=title, max_steps=STEPS, timeout=SECONDS, echo=False
        )
        run: Trace | None = None
        try:
            with block as run:
                program.call()
        except (Exception, SystemExit) as error:  # of the program, and in the record
            if run is None:
                raise
            return run, block.printed, error
        return run, block.printed, None

    def _show(self, shown: Shown) -> None:
        from tracing.views.png import to_quick_png

        self._shown = shown
        if self._figures:
            data, metadata = self._bundle(to_quick_png)
            for figure in self._figures:
                figure.update(data, metadata=metadata, raw=True)
        self._say()

    def _say(self) -> None:
        if self._panel is not None:
            self._panel.say(self.output, _told(self.error))

    def _bundle(self, encoded: Callable[[Figure], bytes]) -> Bundle:
        from tracing.views.alternative import bundle, of_timeline

        said = of_timeline(self.run.log, self.run.findings)
        return bundle(encoded(self._shown.figure), self.run.text(), said)

    def __repr__(self) -> str:
        from tracing.views.controls import words

        sliders = f"Sliders, in a live notebook: {words(self._parameters.controls, self.values)}."
        return "\n".join(filter(None, [sliders, self.output.rstrip()]))

    def _ipython_display_(self) -> None:
        """Sliders and figure, each an output of its own."""
        alone(self._lock, self._display)

    def _display(self) -> None:
        from IPython import display as notebook

        from tracing.views.controls.panel import Panel
        from tracing.views.png import to_png

        display: Any = notebook.display  # without types
        if self._panel is None:
            self._panel = Panel(self._parameters.controls, self.values, self._moved)
            self._say()
        display({**self._panel.view(), "text/plain": repr(self)}, raw=True)
        data, metadata = self._bundle(to_png)
        figure = display(data, metadata=metadata, raw=True, display_id=True)
        if figure is not None:  # there is somebody who can show it
            self._figures.append(figure)


def _as_main_thread(work: Callable[[], T]) -> T:
    """Do it in the main thread, or else in one that looks like it.

    A subshell's is a daemon with a name of its own, and threads inherit that from the one that starts them.
    """
    if threading.current_thread() is threading.main_thread():
        return work()
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # raised again where it was asked for
            done.set_exception(error)

    threading.Thread(target=run, name=threading.main_thread().name, daemon=False).start()
    return done.result()


def _figure(run: Trace, until: float | None) -> Figure:
    figure = run.timeline(**({"end": until} if until else {})).get_figure(root=True)
    assert figure is not None
    return figure


def _told(error: BaseException | None) -> str:
    """The error and where the program raised it: as a traceback, without the lines of this package."""
    if error is None:
        return ""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(ROOT)
    ]
    lines = [f"line {frame.lineno}, in {frame.name}: {frame.line}" for frame in frames]
    return "\n".join([*lines, "".join(traceback.format_exception_only(error)).rstrip()])
