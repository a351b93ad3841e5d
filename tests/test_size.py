"""Runs with more than can be numbered, and with more than can be shown.

The limits are made small here, and what is counted is work (what is computed, kept, drawn), not seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

import tracing.recorder.identity
from tracing import Condition, Kind, Lock, Thread, Timer, Trace, open_trace, record
from tracing.events import LIMITS, EventLog, Limits
from tracing.files import open_log
from tracing.recorder import PLACES, Recorder
from tracing.scripting.stream import Stream


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


def test_a_streamed_record_leaves_out_the_same(limit: Callable[..., None], tmp_path: Path) -> None:
    limit(threads=3, objects=2)

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
    assert [note.split(" can be")[0].split(" about")[0] for note in log.notes] == ["3 threads", "6 events"]
    assert all_views(Trace(log))


def run_recorder(run: Trace) -> Recorder:
    from tracing.runtime import here

    assert here.agent is not None
    return here.agent.run.recorder  # type: ignore[no-any-return,attr-defined]


def test_the_limits_are_what_a_code_has_room_for() -> None:
    from tracing.events import pack

    code = pack(max(Kind), site=LIMITS.sites, obj=LIMITS.objects, thread=LIMITS.threads)
    assert code < 1 << 62
