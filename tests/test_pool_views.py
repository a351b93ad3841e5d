"""What a reader sees of queues and pools: in the model, the picture, the table, the text and the files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from queue import Queue, SimpleQueue

import gallery
import pytest
from logs import LogBuilder

from tracing import Thread, Trace, record, simulate, sleep
from tracing.events import LENGTH_BITS, Kind
from tracing.files.chrome import to_chrome
from tracing.model import Arrow, State, Step, fold
from tracing.views.page.data import data_of
from tracing.views.tables import table
from tracing.views.timeline import Palette, compose_timeline
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Link, Scene

Clock = Callable[[], AbstractContextManager[Trace]]
SECOND = 1_000_000_000


def bakery() -> LogBuilder:
    """Two calls and one worker: the second is made when the first has ended, and a third is cancelled."""
    log = LogBuilder()
    main = log.thread()
    worker = log.began(main).spawn(main, "cook_0")
    pool = log.object("ThreadPoolExecutor", "cooks")
    first, second, third = (log.object("Future", name, owner=pool) for name in ("first", "second", "third"))
    for call in (first, second, third):
        log.add(Kind.SUBMITTED, main, call, log.text("bake"))
    log.add(Kind.CALL_BEGAN, worker, first)
    log.at(2).add(Kind.CALL_CANCELLED, main, third)
    log.at(5).add(Kind.CALL_ENDED, worker, first).add(Kind.CALL_BEGAN, worker, second)
    log.at(9).add(Kind.CALL_FAILED, worker, second, log.text("ValueError: burnt"))
    return log


def test_the_strip_of_a_call_that_fails_ends_with_a_cross_as_a_block_does_that_an_exception_leaves() -> None:
    log = bakery().build()
    ended, failed = (hold for lane in fold(log).threads for hold in lane.holds)
    assert (ended.failed, failed.failed) == (False, True)
    shapes = compose_timeline(log).scene.shapes
    (cross,) = (shape for shape in shapes if isinstance(shape, Glyph) and shape.what == "left by exception")
    strips = [shape for shape in shapes if isinstance(shape, Bar) and shape.what == "holds"]
    assert cross.x == failed.end == max(strip.x1 for strip in strips)
    assert any(strip.y0 < cross.y < strip.y1 for strip in strips)
    assert cross.nudge < 0  # the next call may begin where this one ends
    said = [shape.texts[0] for shape in shapes if isinstance(shape, Label) and shape.what == "holds"]
    assert [text.endswith("which fails") for text in said] == [False, True]


def shop() -> Trace:
    with simulate(seed=1) as run:
        jobs: Queue[int] = Queue(maxsize=2)

        def bake(minutes: float) -> None:
            sleep(minutes)

        def serve() -> None:
            for _ in range(3):
                jobs.get()
                sleep(1)

        waiter = Thread(target=serve, name="waiter")
        waiter.start()
        cooks = ThreadPoolExecutor(2, thread_name_prefix="cook")
        with cooks:
            cakes = [cooks.submit(bake, 1) for _ in range(5)]
            for number in range(3):
                jobs.put(number)
            cakes[0].result()
        waiter.join()
    return run


def drawn(name: str) -> Scene:
    return compose_timeline(gallery.GALLERY[name]().log).scene


# The model


def test_a_pool_counts_the_calls_that_wait_for_a_worker() -> None:
    model = fold(bakery().build())
    lengths = {step.time: step.value for step in model.objects[0].value}
    assert lengths == {0: 2, 2: 1, 5: 0}
    waited = [(band.start, band.end, band.open) for thing in model.objects[1:] for band in thing.bands]
    assert waited == [(0, 0, False), (0, 5, False), (0, 2, False)]


def test_a_call_that_no_worker_has_begun_waits_to_the_end_of_the_record() -> None:
    log = LogBuilder()
    main = log.thread()
    call = log.object("Future", "call", owner=log.object("ThreadPoolExecutor", "pool"))
    log.began(main).at(1).add(Kind.SUBMITTED, main, call, log.text("bake"))
    (band,) = fold(log.build(end=7)).objects[call - 1].bands
    assert (band.start, band.end, band.open) == (1, 7, True)


def test_a_call_that_was_submitted_before_the_record_was_never_in_waiting() -> None:
    log = LogBuilder()
    main = log.thread()
    pool = log.object("ThreadPoolExecutor", "pool")
    call = log.object("Future", "call", owner=pool)
    log.began(main).at(1).add(Kind.CALL_BEGAN, main, call).at(2).add(Kind.CALL_ENDED, main, call)
    model = fold(log.build())
    assert model.objects[pool - 1].value == (Step(time=0, value=0),)
    assert not [arrow for arrow in model.arrows if arrow.what == "submit"]


def test_an_arrow_leads_from_who_submits_a_call_to_the_worker_that_begins_it() -> None:
    model = fold(bakery().build())
    found = [arrow for arrow in model.arrows if arrow.what == "submit"]
    assert found == [
        Arrow(what="submit", source=1, source_time=0, target=2, target_time=time, obj=obj)
        for time, obj in ((0, 2), (5, 3))
    ]


def test_an_arrow_leads_from_who_put_an_item_to_who_got_it_whether_or_not_it_had_to_wait() -> None:
    log = LogBuilder()
    main = log.thread()
    getter = log.began(main).spawn(main, "getter")
    jobs = log.object("Queue", "jobs")
    log.at(1).add(Kind.PUT, main, jobs, 1 << LENGTH_BITS | 1)
    log.at(4).add(Kind.GOT, getter, jobs, 1 << LENGTH_BITS)
    log.at(5).add(Kind.GET_WAIT, getter, jobs, -1)
    log.at(7).add(Kind.PUT, main, jobs, 2 << LENGTH_BITS | 1)
    log.at(8).add(Kind.GOT, getter, jobs, 2 << LENGTH_BITS)
    arrows = [(a.what, a.source_time, a.target_time) for a in fold(log.build()).arrows if a.obj == jobs]
    assert arrows == [("item", 1, 4), ("hand-off", 7, 8)]


def test_of_an_item_that_has_no_number_no_arrow_says_who_put_it() -> None:
    with simulate(seed=0) as run:
        inbox: SimpleQueue[int] = SimpleQueue()
        inbox.put(1)
        getter = Thread(target=inbox.get)
        getter.start()
        getter.join()
    assert [arrow.what for arrow in run.model.arrows if arrow.what == "item"] == []


@pytest.mark.parametrize("seed", range(20))
def test_each_item_that_one_thread_put_and_another_got_has_one_arrow(seed: int) -> None:
    with simulate(seed=seed) as run:
        jobs: Queue[int] = Queue(2)

        def put() -> None:
            for number in range(4):
                jobs.put(number)

        def get() -> None:
            for _ in range(4):
                jobs.get()

        threads = [Thread(target=target) for target in (put, get, put, get)]
        for thread in threads:
            thread.start()
    log = run.log
    made = Counter(a.target for a in run.model.arrows if a.what == "item" or (a.what == "hand-off"))
    puts = {event.arg >> LENGTH_BITS: event.thread for event in log if event.kind is Kind.PUT and event.arg}
    gets = [event for event in log if event.kind is Kind.GOT]
    assert len(gets) == 8
    for event in gets:
        assert puts[(event.arg or 0) >> LENGTH_BITS] != event.thread
    to_getters = {event.thread for event in gets}
    assert sum(made[thread] for thread in to_getters) == 8


# The picture


def test_a_worker_s_calls_are_bars_named_by_their_function_with_a_seam_between_two() -> None:
    scene = drawn("pool")
    calls = [shape for shape in scene.shapes if isinstance(shape, Bar) and shape.what == "holds"]
    assert len(calls) == 5
    says = scene.says()
    assert {"runs bake-4, which fails", *(f"runs bake-{number}" for number in (1, 2, 3, 5))} <= set(says)
    seams = [shape for shape in scene.shapes if isinstance(shape, Line) and shape.what == "seam"]
    assert sorted(seam.points[0][0] / SECOND for seam in seams) == [1.0, 1.5, 2.0]


def test_two_locks_held_one_after_the_other_need_no_seam() -> None:
    assert not [s for s in drawn("nested").shapes if isinstance(s, Line) and s.what == "seam" and s.width > 1]


def test_each_call_has_an_arrow_from_who_submitted_it() -> None:
    arrows = [shape for shape in drawn("pool").shapes if isinstance(shape, Link) and shape.what == "submit"]
    assert sorted(arrow.x1 / SECOND for arrow in arrows) == [0.0, 0.0, 1.0, 1.5, 2.0]


def test_a_pool_s_lane_says_how_many_calls_wait_and_how_many_workers_it_may_have() -> None:
    whole = compose_timeline(gallery.GALLERY["pool"]().log)
    assert [text for text in whole.scene.says() if "in waiting" in text] == [
        "3 in waiting",
        "2 in waiting",
        "1 in waiting",
    ]
    (lane,) = [lane for lane in whole.lanes if lane.name == "cooks"]
    assert lane.note == "ThreadPoolExecutor(2)"


def test_a_worker_is_not_shown_as_running_between_calls() -> None:
    scene = drawn("pool")
    idle = [s for s in scene.shapes if isinstance(s, Line) and s.what == "no call"]
    assert sorted((s.points[0][0] / SECOND, s.points[1][0] / SECOND) for s in idle) == [
        (2.5, 3.5),
        (3.0, 3.5),
    ]


def test_a_worker_that_has_no_call_is_not_said_to_be_ready_or_to_run_but_to_wait() -> None:
    with simulate() as run, ThreadPoolExecutor(1, "cook") as pool:
        pool.submit(sleep, 1)
        sleep(4)
        pool.submit(sleep, 1)
    (cook,) = (row for row in run.table().threads if row.name == "cook_0")
    assert cook.ready is not None
    assert (round(cook.running / SECOND), round(cook.ready / SECOND)) == (0, 0)
    assert (round(cook.waiting / SECOND), cook.sleeping) == (3, 2 * SECOND)
    told = "\n".join(line for line in f"{run.text()}\n{run.explain()}".splitlines() if "eady" in line)
    assert "MainThread" in told
    assert re.search(r"cook_0 (was ready for )?[\d.]+ s\b", told) is None, told
    shapes = compose_timeline(run.log).scene.shapes
    long = [s.what for s in shapes if isinstance(s, Line) and s.points[-1][0] - s.points[0][0] > 2 * SECOND]
    assert "no call" in long
    assert "ready" not in long


@pytest.mark.parametrize("clock", [record, simulate])
def test_the_page_and_the_file_for_perfetto_know_an_idle_worker(clock: Clock, tmp_path: Path) -> None:
    with clock() as run, ThreadPoolExecutor(1, "cook") as pool:
        for _ in range(2):
            pool.submit(sleep, 0.001).result()
            sleep(0.01)
    data = data_of(run.log, run.model, Palette())
    (cook,) = (each for each in data["threads"] if each["name"] == "cook_0")
    asleep = data["states"].index("sleeping")
    after = [cook["states"][at + 1 :] for at, state in enumerate(cook["states"]) if state == asleep]
    idle = data["states"].index("idle")
    assert [idle in rest for rest in after] == [True, True]
    (lane,) = (info.number for info in run.log.threads if info.name == "cook_0")
    to_chrome(run.log, run.model, tmp_path / "run.json")
    events = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["traceEvents"]
    slices = [each for each in events if each["ph"] == "X" and each["pid"] == 1 and each["tid"] == lane]
    assert sum(each["name"] == "idle" for each in slices) >= 2
    assert not any(each["name"] == "ready" and each["dur"] > 5_000 for each in slices)


def test_before_its_first_call_a_worker_may_be_in_the_pool_s_initializer() -> None:
    log = bakery().build(end=12)
    (_, worker) = fold(log).threads
    idle = [(span.start, span.end) for span in worker.spans if span.state is State.IDLE]
    assert idle == [(9, 12)]


def test_who_waits_for_a_call_is_said_with_its_name_and_who_runs_it() -> None:
    assert "waits 1.9 s for bake-3, run by cook_1" in drawn("pool").says()


def test_a_call_that_fails_is_marked_with_its_exception() -> None:
    assert "ValueError: burnt" in drawn("pool").says()


def test_where_there_are_too_many_arrows_those_of_items_give_way_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tracing.views.timeline.lanes.across.MOST_ARROWS", 20)
    log = LogBuilder()
    main = log.thread()
    getter = log.began(main).spawn(main, "getter")
    jobs = log.object("Queue", "jobs")
    for number in range(1, 31):
        log.at(number * 10_000).add(Kind.PUT, main, jobs, number << LENGTH_BITS | 1)
        log.at(number * 10_000 + 5_000).add(Kind.GOT, getter, jobs, number << LENGTH_BITS)
    log.at(400_000).add(Kind.GET_WAIT, getter, jobs, -1)
    log.at(450_000).add(Kind.PUT, main, jobs, 31 << LENGTH_BITS | 1)
    log.at(460_000).add(Kind.GOT, getter, jobs, 31 << LENGTH_BITS)
    built = log.build()
    scene = compose_timeline(built).scene
    assert {shape.what for shape in scene.shapes if isinstance(shape, Link)} == {"start", "hand-off"}
    assert scene.arrows_left_out == 30


# The table


def test_a_queue_s_row_has_its_puts_gets_longest_length_and_how_long_an_item_was_in_it() -> None:
    log = gallery.GALLERY["queue"]().log
    row = table(log, fold(log)).queue("jobs")
    assert (row.type, row.puts, row.gets, row.longest_length) == ("Queue", 5, 5, 3)
    inside = (0.0, 0.8, 1.6, 2.4, 3.0)  # each, from its put to its get
    assert row.mean_time_inside == pytest.approx(sum(inside) / 5 * SECOND)
    assert (row.waits, row.total_wait, row.longest_wait) == (2, 400_000_000, 200_000_000)


def test_an_item_that_nobody_got_was_in_the_queue_to_the_end_of_the_record() -> None:
    log = LogBuilder()
    main = log.thread()
    jobs = log.began(main).object("Queue", "jobs")
    log.at(2).add(Kind.PUT, main, jobs, 1 << LENGTH_BITS | 1)
    built = log.build(end=10)
    assert table(built, fold(built)).queue("jobs").mean_time_inside == 8


def test_a_queue_that_nobody_used_has_no_mean_time() -> None:
    log = LogBuilder()
    main = log.thread()
    jobs = log.began(main).object("Queue", "jobs")
    log.at(2).add(Kind.GET_WAIT, main, jobs, -1)
    built = log.build(end=10)
    row = table(built, fold(built)).queue("jobs")
    assert (row.puts, row.mean_time_inside, row.waits) == (0, None, 1)


def test_a_pool_s_row_has_its_tasks_and_their_waits_for_a_worker() -> None:
    built = bakery().build()
    row = table(built, fold(built)).pool("cooks")
    assert (row.tasks, row.failed, row.most_queued) == (3, 1, 3)
    assert row.longest_wait_for_worker == 5
    assert row.mean_wait_for_worker == (0 + 5 + 2) // 3


def test_in_words_each_queue_and_pool_has_one_row_and_the_calls_none() -> None:
    run = shop()
    text = repr(run.table())
    heads = [line for line in text.splitlines() if "type" in line]
    assert [head.split()[1] for head in heads] == ["puts", "most"]
    assert sum(line.startswith("jobs ") for line in text.splitlines()) == 1
    assert sum(line.startswith("cooks ") for line in text.splitlines()) == 1
    assert "cakes" not in text
    assert {row.name for row in run.table().primitives} >= {"jobs", "cooks", "cakes[0]"}
    assert "longest wait for worker" in run.table()._repr_html_()


def test_an_unknown_queue_or_pool_is_named_with_those_that_there_are() -> None:
    numbers = shop().table()
    with pytest.raises(KeyError, match="there are jobs"):
        numbers.queue("orders")
    with pytest.raises(KeyError, match="there are cooks"):
        numbers.pool("waiters")


# A run


@pytest.mark.parametrize("clock", [record, simulate])
def test_a_pool_is_recorded_with_how_many_workers_it_may_have(clock: type) -> None:
    with clock() as run, ThreadPoolExecutor(3) as pool:
        pool.submit(int).result()
    (info,) = [each for each in run.log.objects if each.type == "ThreadPoolExecutor"]
    assert info.value == 3


def test_a_file_for_perfetto_has_the_calls_in_waiting_and_what_each_waited_for(tmp_path: Path) -> None:
    shop().to_perfetto(tmp_path / "run.json")
    entries = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    entries = entries["traceEvents"] if isinstance(entries, dict) else entries
    names = {entry["name"] for entry in entries}
    assert {"cooks calls in waiting", "jobs items", "waits for a worker"} <= names
