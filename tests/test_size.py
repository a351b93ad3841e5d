"""Runs with more than can be numbered, and with more than can be shown.

The limits are made small here, and what is counted is work (what is computed, kept, drawn), not seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate, chain, count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logs import LogBuilder

import tracing.recorder.identity
from tracing import Condition, Kind, Lock, Thread, Timer, Trace, open_trace, record
from tracing.diagnosis.order import lock_order
from tracing.events import LIMITS, EventLog, Limits, TraceEvent, pack
from tracing.files import open_log
from tracing.model import Hold, State, density, fold
from tracing.model.densities.arrays import Grid
from tracing.recorder import PLACES, Recorder
from tracing.runtime import here
from tracing.scripting.stream import Stream, _Tables
from tracing.views.text.words import Words
from tracing.views.timeline import compose_timeline
from tracing.views.timeline.lanes import dense
from tracing.views.timeline.lanes.strips import MOST_STRIPS, strip_rows
from tracing.views.timeline.stage import MOST_LANES
from tracing.views.timeline.style import Palette, _ink


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets how many of each a run can number."""

    def to(**most: int) -> None:
        monkeypatch.setattr(Recorder, "limits", Limits(**most))

    return to


def one_after_the_other(*threads: Thread) -> None:
    for thread in threads:
        thread.start()
        thread.join()


def reopened(run: Trace, folder: Path) -> EventLog:
    """What was saved is what is opened."""
    run.save(folder / "run.jsonl.gz")
    again = open_trace(folder / "run.jsonl.gz").log
    assert list(again) == list(run)
    assert again.notes == run.log.notes
    assert (again.threads, again.objects, again.sites, again.texts) == (
        *(run.log.threads, run.log.objects),
        *(run.log.sites, run.log.texts),
    )
    return again


def all_views(run: Trace) -> list[object]:
    return [run.findings, run.text(), run.explain(), repr(run.table()), run.png(), run.overhead()]


def test_threads_that_cannot_be_numbered_are_left_out_and_the_rest_is_there(
    limit: Callable[..., None], tmp_path: Path
) -> None:
    limit(threads=3)
    lock = Lock()

    def work() -> None:
        with lock:
            pass

    with record() as run:
        one_after_the_other(*(Thread(target=work, name=f"t{number}") for number in range(5)))
        with lock:
            pass
    log = reopened(run, tmp_path)
    assert [thread.name for thread in log.threads] == ["MainThread", "t0", "t1"]
    assert [event.arg for event in log if event.kind is Kind.STARTED] == [2, 3]
    assert sum(event.kind is Kind.ACQUIRED for event in log) == 3
    assert len(log.notes) == 2
    assert log.notes[0].startswith("3 threads can be numbered: 3 that came later")
    assert all_views(run)


def test_primitives_that_cannot_be_numbered_are_left_out_and_the_rest_is_there(
    limit: Callable[..., None], tmp_path: Path
) -> None:
    limit(objects=3)
    with record() as run:
        locks = [Lock() for _ in range(5)]
        for lock in locks:
            with lock:
                pass
        with locks[0]:
            pass
    log = reopened(run, tmp_path)
    assert [info.name for info in log.objects] == ["locks[0]", "locks[1]", "locks[2]"]
    assert [event.obj for event in log if event.kind is Kind.ACQUIRED] == [1, 2, 3, 1]
    assert [note.split(" about")[0] for note in log.notes] == ["4 events"]
    assert all_views(run)


def test_a_condition_whose_lock_has_no_number_and_a_timer_without_one_are_records(
    limit: Callable[..., None], tmp_path: Path
) -> None:
    limit(objects=1)
    with record() as run:
        condition = Condition()
        with condition:
            condition.wait(0.001)
            condition.notify()
        one_after_the_other(Timer(0, int))
    log = reopened(run, tmp_path)
    assert {event.obj for event in log} <= {0, 1}
    assert all_views(run)


def test_messages_that_cannot_be_numbered_are_empty(limit: Callable[..., None], tmp_path: Path) -> None:
    limit(texts=1)

    def fail(message: str) -> None:
        raise ValueError(message)

    with record() as run:
        one_after_the_other(*(Thread(target=fail, args=(word,)) for word in ("one", "two", "one", "three")))
    log = reopened(run, tmp_path)
    failed = [log.text(event.arg) for event in log if event.kind is Kind.FAILED]
    assert failed == ["ValueError: one", "", "ValueError: one", ""]
    assert log.notes == ("1 messages can be numbered: 2 that came later are left out",)
    assert all_views(run)


def test_source_lines_that_cannot_be_numbered_are_not_known_and_nothing_else_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with record() as run:
        first = Lock()
        first.acquire()
        most = len(PLACES)
        monkeypatch.setattr(PLACES, "most", most)
        first.release()
        second = Lock()
        second.acquire()
        second.release()
    log = reopened(run, tmp_path)
    assert [(event.obj, bool(event.site)) for event in log if event.obj] == [
        *((1, True), (1, False), (2, False), (2, False)),
    ]
    assert log.notes == (f"{most:,} source lines can be numbered: those that came later are not known",)
    assert all_views(run)


def test_the_number_of_a_primitive_s_creation_does_not_run_into_what_else_a_code_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The serial numbers count all primitives of the process: a kernel may come to millions."""
    monkeypatch.setattr(tracing.recorder.identity, "next_serial", count(1 << 30).__next__)
    with record() as run, Lock():
        pass
    assert [(event.kind, event.obj, event.thread) for event in run] == [
        *((Kind.BEGAN, 0, 1), (Kind.ACQUIRED, 1, 1), (Kind.RELEASED, 1, 1), (Kind.ENDED, 0, 1)),
    ]


@pytest.mark.parametrize("hasty", [False, True])
def test_a_streamed_record_leaves_out_the_same(
    limit: Callable[..., None], tmp_path: Path, hasty: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(threads=3, objects=2)
    monkeypatch.setattr(_Tables, "_to_be_named", lambda tables, more: not hasty)

    def work(lock: Lock) -> None:
        with lock:
            pass

    with record() as run:
        stream = Stream(run_recorder(run), tmp_path, python="3")
        for number in range(5):
            one_after_the_other(Thread(target=work, args=(Lock(),), name=f"t{number}"))
            stream.flush()
        stream.finish("done")
    log = open_log(tmp_path / "trace")
    assert [thread.name for thread in log.threads] == ["MainThread", "t0", "t1"]
    assert len(log.objects) == 2
    assert log.notes[0].startswith("3 threads can be numbered: 3 that came later")
    assert "events about a thread or primitive" in log.notes[1]  # how many: a join that waits is one more
    assert all_views(Trace(log))


@pytest.mark.parametrize("hasty", [False, True])
@pytest.mark.parametrize("objects", [1, 2, 3, 4])
def test_a_streamed_condition_whose_lock_has_no_number_is_a_record(
    limit: Callable[..., None], tmp_path: Path, hasty: bool, objects: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(objects=objects)
    monkeypatch.setattr(_Tables, "_to_be_named", lambda tables, more: not hasty)
    with record() as run:
        stream = Stream(run_recorder(run), tmp_path, python="3")
        for _ in range(2):
            condition = Condition()
            with condition:
                condition.notify_all()
            stream.flush()
        stream.finish("done")
    log = open_log(tmp_path / "trace")
    assert [each.number for each in log.objects] == list(range(1, objects + 1))
    assert all_views(Trace(log))


def run_recorder(run: Trace) -> Recorder:
    assert here.agent is not None
    return here.agent.run.recorder  # type: ignore[no-any-return,attr-defined]


def test_the_limits_are_what_a_code_has_room_for() -> None:
    code = pack(max(Kind), site=LIMITS.sites, obj=LIMITS.objects, thread=LIMITS.threads)
    assert code < 1 << 62


# What is shown of a large run costs what is shown, not what there is.


def crowd(threads: int, locks: int, *, shared: bool = False) -> EventLog:
    """Threads one after the other, each with locks of its own, or all with the same."""
    log = LogBuilder(clock="real")
    main = log.thread()
    log.began(main)
    common = [log.lock() for _ in range(locks)]
    for number in range(threads):
        child = log.at(log.now + 10).spawn(main, f"t{number}")
        for lock in common if shared else [log.lock()]:
            log.at(log.now + 10).acquired(child, lock).at(log.now + 10).released(child, lock)
        log.ended(child).at(log.now + 10).joined(main, child)
    return log.ended(main).build()


def picture_rows(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows of pixels' shares were computed, one a thread and state or primitive, each time."""
    rows: list[int] = []
    cover = Grid.cover

    def spying(grid: Grid, *columns: Any) -> Any:
        rows.append(columns[-1])
        return cover(grid, *columns)

    monkeypatch.setattr(Grid, "cover", spying)
    monkeypatch.setattr("tracing.views.timeline.stage.DENSE", 100)
    assert Trace(log).png()
    return rows


@pytest.mark.parametrize(("threads", "locks", "shared"), [(40, 9, False), (400, 9, False), (4, 400, True)])
def test_a_picture_by_shares_computes_only_the_lanes_that_it_draws(
    threads: int, locks: int, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = picture_rows(crowd(threads, locks, shared=shared), monkeypatch)
    assert max(rows) <= MOST_LANES * len(State)


def test_a_lock_that_very_many_threads_have_had_is_drawn_in_as_many_layers_as_there_are_tints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layers: list[int] = []
    stacked = dense.stacked

    def spying(stack: list[Any], *size: int) -> Any:
        layers.append(len(stack))
        return stacked(stack, *size)

    monkeypatch.setattr(dense, "stacked", spying)
    rows = picture_rows(crowd(400, 2, shared=True), monkeypatch)
    assert max(layers) <= len(State)
    assert max(rows) <= MOST_LANES * len(State)  # and not one for each holder


def test_the_density_of_some_is_that_of_all() -> None:
    log = crowd(9, 2, shared=True)
    whole, some = density(log, bins=7), density(log, bins=7, threads=[4, 2], objects=[2])
    assert (list(some.threads), list(some.objects)) == ([4, 2], [2])
    for number, thread in some.threads.items():
        assert all((thread.shares[state] == whole.threads[number].shares[state]).all() for state in State)
    assert (some.objects[2].holder == whole.objects[2].holder).all()
    assert (some.objects[2].held == whole.objects[2].held).all()


def phrases(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many events are put into words for the text."""
    said: list[TraceEvent] = []
    phrase = Words.phrase

    def spying(words: Words, event: TraceEvent) -> str:
        said.append(event)
        return phrase(words, event)

    with monkeypatch.context() as patch:
        patch.setattr(Words, "phrase", spying)
        assert Trace(log).text()
    return len(said)


def test_the_text_finds_words_only_for_what_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_thread(locks: int) -> EventLog:
        log = LogBuilder(clock="real")
        main = log.began(main := log.thread()) and main
        for lock in [log.lock() for _ in range(locks)]:
            log.at(log.now + 10).acquired(main, lock).at(log.now + 10).released(main, lock)
        return log.ended(main).build()

    assert phrases(one_thread(2000), monkeypatch) == phrases(one_thread(200), monkeypatch)


def test_what_is_left_out_is_counted_in_each_view() -> None:
    run = Trace(crowd(400, 10))
    assert "… and 377 more threads" in run.text()
    assert "… and 360 more" in repr(run.table())
    labels = [label for label in compose_timeline(run.log, run.model).scene.says() if "more thread" in label]
    assert labels == ["… and 383 more threads and 404 more primitives"]


def test_the_order_of_locks_is_not_looked_for_where_nobody_has_two(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> Iterator[TraceEvent]:
        raise AssertionError

    monkeypatch.setattr("tracing.events.EventLog.events_of", never)
    log = crowd(20, 20)
    assert lock_order(log, fold(log)) == ()


def test_very_many_primitives_have_few_different_inks() -> None:
    palette = Palette()
    inks = [palette.ink(f"lock {number}") for number in range(1000)]
    assert inks == [_ink.__wrapped__(number) for number in range(1000)]
    assert len({id(ink) for ink in inks}) < 40


periods = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), min_size=1, max_size=5)


@given(st.lists(periods, max_size=12))
def test_the_strips_are_those_that_comparing_each_with_each_gives(locks: list[list[tuple[int, int]]]) -> None:
    held = {}
    for obj, own in enumerate(locks, 1):  # each (gap, length)
        edges = list(accumulate(chain.from_iterable(own)))
        apart = zip(edges[::2], edges[1::2], strict=True)
        held[obj] = [Hold(obj=obj, thread=1, start=start, end=end) for start, end in apart]
    rows: dict[int, int] = {}
    for obj, holds in held.items():
        met = {rows[o] for o in rows for one in held[o] for other in holds if overlap(one, other)}
        rows[obj] = min(set(range(MOST_STRIPS + 1)) - (met - {MOST_STRIPS}))
    assert strip_rows(held) == rows


def overlap(one: Hold, other: Hold) -> bool:
    return one.start < other.end and other.start < one.end


def test_a_lock_after_the_other_is_not_compared_with_all_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(
        "tracing.views.timeline.lanes.strips.takewhile", lambda *asked: seen.extend(asked[1]) or iter(())
    )
    held = {obj: [Hold(obj=obj, thread=1, start=obj, end=obj + 1)] for obj in range(1, 1000)}
    assert set(strip_rows(held).values()) == {0}
    assert not seen
