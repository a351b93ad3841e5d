"""Lanes of primitives: what happens in no time is drawn too, and nothing depends on how times are rounded."""

from __future__ import annotations

from tracing import Event, Semaphore, Thread, Trace, simulate, sleep
from tracing.model import Step
from tracing.views.timeline import compose_timeline
from tracing.views.timeline.compose import View
from tracing.views.timeline.objects.stairs import without_spikes
from tracing.views.timeline.scene import Glyph, Label, Line


def _steps(*pairs: tuple[int, int]) -> tuple[Step, ...]:
    return tuple(Step(time=time, value=value) for time, value in pairs)


def _two_come_late() -> Trace:
    with simulate() as run:
        door = Event()

        def late() -> None:
            sleep(2)
            door.wait()

        threads = [Thread(target=door.wait, name="early"), Thread(target=late, name="late-1")]
        threads.append(Thread(target=late, name="late-2"))
        for thread in threads:
            thread.start()
        sleep(1)
        door.set()
        for thread in threads:
            thread.join()
    return run


def test_who_finds_the_flag_up_is_marked_at_the_thread_and_at_the_flag() -> None:
    part = compose_timeline(_two_come_late().log)
    ticks = [s for s in part.scene.shapes if isinstance(s, Glyph) and s.what == "pass"]
    lanes = {lane.name: lane for lane in part.lanes}
    assert len(ticks) == 4
    for name in ("late-1", "late-2"):
        assert any(lanes[name].top - 2 <= tick.y < lanes[name].top + lanes[name].height for tick in ticks)
    assert sum(tick.y > lanes["late-2"].top + lanes["late-2"].height for tick in ticks) == 2


def test_who_had_to_wait_for_the_flag_has_no_mark_of_an_instant_pass() -> None:
    part = compose_timeline(_two_come_late().log, view=View(end=15 * 10**8))
    assert not [s for s in part.scene.shapes if getattr(s, "what", "") == "pass"]


def test_a_permit_that_is_handed_on_within_a_pixel_leaves_no_spike() -> None:
    before = _steps((0, 1), (100, 0), (500, 1), (501, 0), (900, 1))
    assert without_spikes(before, 10) == _steps((0, 1), (100, 0), (900, 1))
    assert without_spikes(before, 1) == before


def test_two_permits_handed_on_together_leave_no_spike() -> None:
    before = _steps((0, 0), (500, 1), (501, 2), (502, 1), (503, 0), (900, 1))
    assert without_spikes(before, 10) == _steps((0, 0), (900, 1))


def test_numbers_that_change_on_and_on_stay() -> None:
    before = _steps((0, 0), *((100 + 4 * i, (i + 1) % 2) for i in range(50)))
    assert without_spikes(before, 10) == before


def test_a_handed_on_permit_is_drawn_as_a_level_line() -> None:
    with simulate() as run:
        seats = Semaphore(1)

        def sit() -> None:
            with seats:
                sleep(1)

        threads = [Thread(target=sit, name=f"guest-{n}") for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    shapes = compose_timeline(run.log).scene.shapes
    (stairs,) = [s for s in shapes if isinstance(s, Line) and s.what == "steps"]
    assert len(stairs.points) >= 4
    assert not [x for x, _ in stairs.points if 5 * 10**8 < x < 25 * 10**8], "level, without a corner"


def test_the_first_value_has_a_place_in_front_of_the_lane() -> None:
    with simulate() as run:
        seats = Semaphore(3)
        seats.acquire()
        sleep(5)
    labels = [s for s in compose_timeline(run.log).scene.shapes if isinstance(s, Label) and s.what == "steps"]
    (first,) = [label for label in labels if label.texts[0] == "3"]
    assert any(spot.align == "right" and spot.room is None for spot in first.spots)
