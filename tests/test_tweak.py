"""Sliders for a program: what is asked for, what is run, what is shown, and by which thread."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from _thread import allocate_lock
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import notebooks
from tracing import Lock, Semaphore, Thread, Tweaked, explore, simulate, sleep, tweak
from tracing.errors import ExploreError, SimulateError
from tracing.views.controls import Choice, Fixed, Slider, Switch, read
from tracing.views.controls.panel import VIEW

ROOT = Path(__file__).resolve().parent.parent


def crossing(cars: int = 3, permits: int = 2, hold_s: float = 0.5) -> None:
    gate = Semaphore(permits)

    def cross() -> None:
        with gate:
            sleep(hold_s)

    for number in range(cars):
        Thread(target=cross, name=f"car-{number + 1}").start()


def picky(n: int = 1, orderly: bool = True) -> None:
    print("n is", n)
    if n > 2:
        raise ValueError(f"{n} is <too> much")
    lock = Lock()
    lock.acquire()
    if not orderly:
        lock.acquire()


def crossed(**more: Any) -> Tweaked:
    return tweak(crossing, **{"cars": (1, 8), "permits": (1, 4), "hold_s": (0.1, 2.0), **more})


# -- what is run ---------------------------------------------------------------------------------------------


def test_a_slider_starts_at_the_default_of_the_function() -> None:
    assert crossed().values == {"cars": 3, "permits": 2, "hold_s": 0.5}


def test_a_slider_without_a_default_starts_at_the_low_end() -> None:
    def program(n, kind):  # type: ignore[no-untyped-def]
        pass

    assert tweak(program, n=(4, 9), kind=["slow", "fast"]).values == {"n": 4, "kind": "slow"}


def test_setting_a_value_simulates_the_program_with_it() -> None:
    tweaked = crossed()
    assert (len(tweaked.run.model.threads), tweaked.run.log.title) == (
        4,
        "crossing: cars 3, permits 2, hold 0.5 s",
    )
    tweaked.set(cars=5, hold_s=1.0)
    assert [thread.name for thread in tweaked.run.log.threads][1:] == [f"car-{n}" for n in range(1, 6)]
    assert tweaked.run.log.title == "crossing: cars 5, permits 2, hold 1 s"
    assert tweaked.values == {"cars": 5, "permits": 2, "hold_s": 1.0}


def test_the_same_values_give_the_same_run_again() -> None:
    tweaked = crossed()
    first = tweaked.run.text()
    tweaked.set(cars=8)
    tweaked.set(cars=3)
    assert tweaked.run.text() == first


def test_a_seed_that_the_program_does_not_take_is_that_of_the_schedule() -> None:
    tweaked = crossed(seed=(0, 20))
    texts = set()
    for seed in range(6):
        tweaked.set(seed=seed)
        assert tweaked.run.log.schedule == f"seed {seed}"
        texts.add(tweaked.run.text().partition("\n")[2])
    assert len(texts) > 1


def test_a_seed_that_the_program_takes_is_its_own() -> None:
    got = []

    def program(seed: int = 4) -> None:
        got.append(seed)

    tweaked = tweak(program, seed=(0, 9))
    tweaked.set(seed=7)
    assert got == [4, 7]
    assert tweaked.run.log.schedule == "seed 0"


def test_a_fixed_value_reaches_the_program_and_cannot_be_moved() -> None:
    tweaked = crossed(permits=1)
    (gate,) = tweaked.run.model.objects
    assert max(len(wait.holders) for wait in tweaked.run.model.waits if wait.obj == gate.number) == 1
    with pytest.raises(
        ValueError, match=r"set\(\) got permits=2, but it is fixed at 1; give tweak\(\) a range"
    ):
        tweaked.set(permits=2)


def test_a_program_of_any_name_gets_what_it_collects() -> None:
    got = {}

    def program(**more: Any) -> None:
        got.update(more)

    tweak(program, n=(1, 2), what="x")
    assert got == {"n": 1, "what": "x"}


def test_a_program_that_hangs_is_diagnosed_and_the_next_one_runs() -> None:
    tweaked = tweak(picky, n=1, orderly=True)
    assert not [each for each in tweaked.run.findings if each.kind == "deadlock"]
    tweaked.set(orderly=False)
    assert tweaked.run.findings[0].kind == "deadlock"
    tweaked.set(orderly=True)
    assert tweaked.run.log.ending.reason == "done"


def test_a_program_without_an_end_is_ended() -> None:
    def spinning(n: int = 1) -> None:
        lock = Lock()
        while True:
            with lock:
                pass

    assert tweak(spinning, n=(1, 2)).run.log.ending.reason == "steps"


def test_what_the_program_raises_is_kept_and_recorded() -> None:
    tweaked = tweak(picky, n=(1, 4))
    assert tweaked.error is None
    tweaked.set(n=3)
    assert isinstance(tweaked.error, ValueError)
    assert [each.kind for each in tweaked.run.findings] == ["uncaught exception"]
    tweaked.set(n=2)
    assert tweaked.error is None


def test_a_program_that_leaves_does_not_end_the_kernel() -> None:
    def program(n: int = 1) -> None:
        sys.exit(n)

    assert isinstance(tweak(program, n=(1, 2)).error, SystemExit)


def test_what_the_program_prints_is_kept_from_the_cells(capsys: pytest.CaptureFixture[str]) -> None:
    tweaked = tweak(picky, n=(1, 4))
    assert tweaked.output == "n is 1\n"
    assert capsys.readouterr().out == ""
    assert repr(tweaked).endswith("n is 1")


def test_inside_a_simulated_run_it_is_refused() -> None:
    with simulate(), pytest.raises(SimulateError, match="end the outer block first"):
        crossed()


# -- what is asked for ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "default", "control"),
    [
        ((1, 8), 3, Slider(name="n", start=3, low=1, high=8, step=1)),
        ((1, 8), 2.5, Slider(name="n", start=2.5, low=1.0, high=8.0, step=0.5)),
        ((0.5, 4.0), 2.0, Slider(name="n", start=2.0, low=0.5, high=4.0, step=0.1)),  # 0.2 does not lead to 2
        ((0.1, 2.0), None, Slider(name="n", start=0.1, low=0.1, high=2.0, step=0.1)),
        ((0, 1, 0.25), None, Slider(name="n", start=0.0, low=0.0, high=1.0, step=0.25)),
        (range(0, 21, 5), None, Slider(name="n", start=0, low=0, high=20, step=5)),
        (range(9, 0, -4), None, Slider(name="n", start=1, low=1, high=9, step=4)),
        (["a", "b"], "b", Choice(name="n", start="b", options=("a", "b"))),
        (True, False, Switch(name="n", start=True)),
        (3, 4, Fixed(name="n", start=3)),
        ("x", None, Fixed(name="n", start="x")),
    ],
)
def test_what_is_given_says_which_control_it_is(given: Any, default: Any, control: Any) -> None:
    found = read("n", given, default)
    assert found == control
    assert type(found.start) is type(control.start)


@pytest.mark.parametrize(
    ("name", "label", "told"),
    [
        ("workers", "workers", "workers 2"),
        ("hold_time_s", "hold time (s)", "hold time 2 s"),
        ("pause_ms", "pause (ms)", "pause 2 ms"),
        ("s", "s", "s 2"),
        ("_n", "n", "n 2"),
    ],
)
def test_a_label_is_words(name: str, label: str, told: str) -> None:
    control = read(name, (1, 8))
    assert (control.label, control.told(2.0)) == (label, told)


def test_a_value_between_two_steps_is_the_number_that_a_reader_sees() -> None:
    assert read("n", (0.1, 2.0)).accepted(0.1 + 0.2) == 0.3


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        ({}, TypeError, r"got nothing to move: give it a range for a parameter of crossing"),
        ({"cars": 3}, TypeError, r"got nothing to move"),
        ({"cras": (1, 2)}, TypeError, r"got 'cras', but crossing takes cars, permits and hold_s by name"),
        ({"cars": (8, 1)}, ValueError, r"got cars=\(8, 1\): low must be less than high"),
        ({"cars": (1, 8, 9)}, ValueError, r"the step fit in between"),
        ({"cars": (1,)}, ValueError, r"a range is two numbers or three, cars=\(low, high\)"),
        ({"cars": ("a", "b")}, ValueError, r"a list in square brackets is a choice"),
        ({"cars": (1, float("inf"))}, ValueError, r"a range is two numbers"),
        ({"cars": [1]}, ValueError, r"give it two options or more"),
        ({"cars": [1, 1]}, ValueError, r"each of them once"),
        ({"cars": range(0)}, ValueError, r"fewer than two numbers"),
        ({"cars": {1, 2}}, TypeError, r"give it a range as in cars=\(1, 8\)"),
        (
            {"cars": (5, 8)},
            ValueError,
            r"the function's default, cars=3, but it is a whole number from 5 to 8",
        ),
        ({"seed": (0.5, 2)}, TypeError, r"seeds are whole numbers"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    given: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        tweak(crossing, **given)


def test_a_parameter_that_is_needed_is_named() -> None:
    def program(a: int, *, b: int) -> None:
        pass

    with pytest.raises(TypeError, match="got nothing for 'b', which program needs: give it a range"):
        tweak(program, a=(1, 2))


class Async:
    async def __call__(self, cars: int = 3) -> None:
        raise AssertionError("run")


async def coroutine(cars: int = 3) -> None:
    raise AssertionError("run")


def generator(cars: int = 3) -> Iterator[int]:
    yield cars


@pytest.mark.parametrize("program", [coroutine, generator, Async(), partial(coroutine, 4)])
def test_what_only_makes_a_coroutine_or_a_generator_is_refused(program: Any) -> None:
    with pytest.raises(TypeError, match=r"no line runs when it is called.*Give it a function that does"):
        tweak(program, cars=(1, 8))
    with pytest.raises(ExploreError, match=r"no line runs when it is called.*Give it a function that does"):
        explore(program)


def test_a_call_instead_of_a_function_is_noticed() -> None:
    with pytest.raises(TypeError, match="give it a function, and do not call it yourself"):
        tweak(crossing(), n=(1, 2))  # type: ignore[arg-type, func-returns-value]


@pytest.mark.parametrize(
    ("values", "error", "sentence"),
    [
        (
            {"speed": 1},
            TypeError,
            r"set\(\) got 'speed', but crossing has controls for cars, permits and hold_s",
        ),
        ({"cars": 9}, ValueError, r"set\(\) got cars=9, but it is a whole number from 1 to 8\."),
        ({"cars": 1.5}, ValueError, r"a whole number from 1 to 8"),
        ({"hold_s": "long"}, ValueError, r"it is a number from 0.1 to 2"),
        ({"hold_s": True}, ValueError, r"it is a number"),
    ],
)
def test_a_value_that_does_not_fit_changes_nothing(
    values: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    tweaked = crossed()
    run = tweaked.run
    with pytest.raises(error, match=sentence):
        tweaked.set(permits=1, **values)
    assert tweaked.run is run
    assert tweaked.values == {"cars": 3, "permits": 2, "hold_s": 0.5}


# -- what is shown -------------------------------------------------------------------------------------------


class Screen:
    """What a frontend was told to show, in place of IPython's `display`."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self.updates: list[dict[str, Any]] = []

    def display(
        self,
        data: dict[str, Any],
        *,
        raw: bool,
        metadata: dict[str, Any] | None = None,
        display_id: bool = False,
    ) -> Screen | None:
        assert raw
        self.shown.append(data)
        return self if display_id else None

    def update(self, data: dict[str, Any], *, raw: bool, metadata: dict[str, Any] | None = None) -> None:
        assert raw
        self.updates.append(data)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    screen = Screen()
    monkeypatch.setattr("IPython.display.display", screen.display)
    return screen


def widgets_of(tweaked: Tweaked) -> dict[str, Any]:
    assert tweaked._panel is not None
    return tweaked._panel._widgets


def said(tweaked: Tweaked) -> str:
    assert tweaked._panel is not None
    return str(tweaked._panel._said.value)


def test_sliders_and_figure_are_two_outputs_and_each_has_a_text_form(screen: Screen) -> None:
    tweaked = crossed()
    tweaked._ipython_display_()
    sliders, figure = screen.shown
    assert sliders.keys() == {VIEW, "text/plain"}
    assert sliders["text/plain"] == (
        "Sliders, in a live notebook: cars from 1 to 8; permits from 1 to 4; hold (s) from 0.1 to 2. "
        "Here: cars 3, permits 2, hold 0.5 s."
    )
    assert figure["text/plain"] == tweaked.run.text()
    assert figure["image/png"] == tweaked.run.png()


def test_a_moved_slider_draws_another_figure_in_the_same_place(screen: Screen) -> None:
    tweaked = crossed()
    tweaked._ipython_display_()
    widgets_of(tweaked)["cars"].value = 5
    (update,) = screen.updates
    assert len(screen.shown) == 2
    assert len(tweaked.run.model.threads) == 6
    assert update["text/plain"] == tweaked.run.text()
    assert update["image/png"].startswith(b"\x89PNG")


def test_setting_two_values_moves_both_sliders_and_draws_once(screen: Screen) -> None:
    tweaked = crossed()
    tweaked._ipython_display_()
    tweaked.set(cars=5, permits=3)
    assert {name: widget.value for name, widget in widgets_of(tweaked).items()} == tweaked.values
    assert len(screen.updates) == 1


def test_before_it_is_shown_it_draws_for_nobody(screen: Screen) -> None:
    tweaked = crossed()
    tweaked.set(cars=5)
    tweaked._ipython_display_()
    assert screen.updates == []
    assert widgets_of(tweaked)["cars"].value == 5


def test_an_error_of_the_program_is_shown_until_it_is_gone(screen: Screen) -> None:
    tweaked = tweak(picky, n=(1, 4))
    tweaked._ipython_display_()
    widgets_of(tweaked)["n"].value = 3
    assert "in picky: raise ValueError" in said(tweaked)
    assert "ValueError: 3 is &lt;too&gt; much" in said(tweaked)
    assert "tweaking" not in said(tweaked)
    assert "ValueError: 3 is <too> much" in screen.updates[-1]["text/plain"]
    widgets_of(tweaked)["n"].value = 2
    assert "ValueError" not in said(tweaked)
    assert "n is 2" in said(tweaked)


def test_an_error_of_ours_is_shown_and_the_figure_stays(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    tweaked = crossed()
    tweaked._ipython_display_()
    run = tweaked.run

    def broken(values: object) -> None:
        raise RuntimeError("no run today")

    monkeypatch.setattr(tweaked, "_called", broken)
    widgets_of(tweaked)["cars"].value = 5
    assert "RuntimeError: no run today" in said(tweaked)
    assert tweaked.run is run
    assert screen.updates == []


def test_the_time_axis_stays_until_a_run_is_longer_or_much_shorter() -> None:
    tweaked = crossed(permits=4)
    ends = [tweaked._shown.until]
    for hold in (0.3, 1.0, 0.5, 0.1):
        tweaked.set(hold_s=hold)
        ends.append(tweaked._shown.until)
    assert [round(end, 1) for end in ends] == [0.5, 0.5, 1.0, 1.0, 0.1]
    assert tweaked._shown.figure.get_figwidth() == pytest.approx(9.0)


def test_controls_are_of_one_width_with_labels_of_one_width(screen: Screen) -> None:
    tweaked = tweak(picky, n=(1, 4), orderly=True)
    tweaked._ipython_display_()
    styles = {(each.layout.width, each.style.description_width) for each in widgets_of(tweaked).values()}
    assert len(styles) == 1


# -- by which thread -----------------------------------------------------------------------------------------


def in_a_subshell(work: Callable[[], object]) -> threading.Thread:
    """As ipykernel does it: a daemon with a name of its own."""
    thread = threading.Thread(target=work, name="subshell-1", daemon=True)
    thread.start()
    return thread


def test_a_slider_moved_in_a_subshell_gives_the_run_of_the_main_thread(screen: Screen) -> None:
    """Threads inherit from the one that starts them that they are daemons, and daemons are cut off."""
    tweaked, other = crossed(), crossed()
    tweaked._ipython_display_()
    in_a_subshell(lambda: setattr(widgets_of(tweaked)["cars"], "value", 5)).join(30)
    other.set(cars=5)
    assert tweaked.run.text() == other.run.text()


def test_the_last_request_wins_and_there_is_one_run_at_a_time(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    tweaked = crossed()
    tweaked._ipython_display_()
    cars = widgets_of(tweaked)["cars"]
    running, go_on = threading.Event(), threading.Event()
    called, seen = tweaked._called, []

    def slowly(values: dict[str, Any]) -> Any:
        seen.append(values["cars"])
        assert not running.is_set() or go_on.is_set(), "a second run began before the first had ended"
        running.set()
        assert go_on.wait(30)
        return called(values)

    monkeypatch.setattr(tweaked, "_called", slowly)
    threads = []
    for value in (5, 6, 7):
        threads.append(in_a_subshell(lambda value=value: setattr(cars, "value", value)))  # type: ignore[misc]
        assert running.wait(30)
        while cars.value != value:
            pass  # it is set before anybody is told
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert seen == [5, 7]
    assert tweaked.values["cars"] == 7
    assert len(tweaked.run.model.threads) == 8


def test_while_a_cell_simulates_a_moved_slider_waits_for_its_turn(screen: Screen) -> None:
    tweaked = crossed()
    tweaked._ipython_display_()
    cars = widgets_of(tweaked)["cars"]
    begin = allocate_lock()
    begin.acquire()
    asked = in_a_subshell(lambda: begin.acquire() and setattr(cars, "value", 5))
    with simulate() as run:
        Thread(target=sleep, args=(1,)).start()
        begin.release()
        while cars.value != 5:
            pass  # it is set before anybody is told
    asked.join(30)
    assert len(run.model.threads) == 2
    assert len(tweaked.run.model.threads) == 6


# -- without a kernel, and in strict nbval -------------------------------------------------------------------


def test_a_run_of_its_own_needs_no_widgets() -> None:
    program = (
        "import sys; from tracing import tweak\n"
        "tweaked = tweak(lambda n: None, n=(1, 3)); tweaked.set(n=2)\n"
        "assert tweaked.values == {'n': 2}; print('ipywidgets' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


CELLS = (
    "from tracing import Lock, Thread, sleep, tweak\n\n\n"
    "def program(workers=2, hold_s=0.5):\n    print('here')\n    lock = Lock()\n\n"
    "    def work():\n        with lock:\n            sleep(hold_s)\n\n"
    "    for _ in range(workers):\n        Thread(target=work).start()",
    "tweaked = tweak(program, workers=(1, 4), hold_s=(0.1, 1.0), seed=(0, 9))\ntweaked",
    "tweaked.set(workers=4)\nassert len(tweaked.run.model.threads) == 5\nprint(tweaked.values)",
)


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook with a tweak and a later move, executed and stored as lessons are."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    cells = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": s,
        }
        for n, s in enumerate(CELLS)
    ]
    path = tmp_path / "04_tweak.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    notebooks.execute(path)
    return path


def strict(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", "-c", "/dev/null"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", path.name],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_notebook_stores_the_first_figure_without_widgets_and_strict_nbval_agrees(notebook: Path) -> None:
    stored = json.loads(notebook.read_text(encoding="utf-8"))
    sliders, figure = stored["cells"][1]["outputs"]
    assert sliders["data"].keys() == {"text/plain"}
    assert figure["data"].keys() == {"image/png", "text/plain"}
    assert "workers 2, hold 0.5 s" in "".join(figure["data"]["text/plain"])
    assert "widget" not in json.dumps(stored)
    assert notebooks.problems(notebook) == []
    other = json.loads(json.dumps(stored["cells"][1]).replace("hold 0.5 s", "hold 0.6 s")) | {"id": "other"}
    stored["cells"].append(other)
    notebook.write_text(json.dumps(stored), encoding="utf-8")
    done = strict(notebook)
    assert re.findall(r"^FAILED \S+::(Cell \d)", done.stdout, re.MULTILINE) == [f"Cell {len(CELLS)}"]
    assert f"1 failed, {len(CELLS)} passed" in done.stdout
