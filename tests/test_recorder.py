"""The log while it is written, and its merge: a fake clock, threads that are lists written by hand."""

from __future__ import annotations

import sys
import threading
import weakref
from types import CodeType

import pytest

from tracing import Lock, naming
from tracing.events import Ending, EventLog, Kind
from tracing.recorder import (
    IDENTITIES,
    Identities,
    Identity,
    Places,
    Recorder,
    ThreadLog,
    merging,
    user_frame,
)


class Thing:
    """Something with an identity."""

    def __init__(self, type: str = "Lock", **more: int) -> None:
        self.identity = Identity(type, self, **more)


class Clock:
    """Says what it is told to."""

    def __init__(self, time: int = 1000) -> None:
        self.time = time

    def __call__(self) -> int:
        return self.time


def recorder_of(*names: str) -> tuple[Recorder, list[ThreadLog]]:
    recorder = Recorder(now=Clock())
    return recorder, [recorder.add_thread(name) for name in names]


def write(log: ThreadLog, time: int, kind: Kind, thing: Thing | None = None, arg: int | None = None) -> None:
    """One event, `time` ns after the beginning of the run."""
    code = thing.identity.code(kind, None) if thing else int(kind)
    log.extend((1000 + time, code) if arg is None else (1000 + time, code, arg, 0))


def snapshot(recorder: Recorder, *, end: int = 10**9) -> EventLog:
    try:
        return merging.snapshot(recorder, Ending(reason="done", time=end))
    finally:
        recorder.close()


def brief(log: EventLog) -> list[tuple[int, int, str, int | None]]:
    return [(event.time, event.thread, event.kind.name, event.arg) for event in log]


def test_events_of_all_threads_are_merged_by_time_and_counted_from_the_beginning() -> None:
    recorder, (a, b) = recorder_of("a", "b")
    write(a, 10, Kind.BEGAN, arg=0)
    write(b, 20, Kind.BEGAN, arg=1)
    write(b, 30, Kind.ENDED)
    write(a, 25, Kind.SLEEP, arg=7)
    log = snapshot(recorder)
    assert brief(log) == [
        (10, 1, "BEGAN", 0),
        (20, 2, "BEGAN", 1),
        (25, 1, "SLEEP", 7),
        (30, 2, "ENDED", None),
    ]
    assert [event.seq for event in log] == [0, 1, 2, 3]
    assert [info.name for info in log.threads] == ["a", "b"]


def test_what_happened_after_the_end_is_left_out() -> None:
    recorder, (a,) = recorder_of("a")
    for time in (10, 20, 21):
        write(a, time, Kind.NOTE, arg=time)
    assert [time for time, *_ in brief(snapshot(recorder, end=20))] == [10, 20]


def test_a_stamp_taken_earlier_is_put_where_it_belongs() -> None:
    recorder, (a, b) = recorder_of("a", "b")
    lock = Thing()
    write(a, 10, Kind.ACQUIRED, lock)
    write(b, 40, Kind.ACQUIRED, lock)
    write(a, 30, Kind.RELEASED, lock)
    assert [kind for _, _, kind, _ in brief(snapshot(recorder))] == ["ACQUIRED", "RELEASED", "ACQUIRED"]


@pytest.mark.parametrize("first", ["a", "b"])
def test_with_a_coarse_clock_causes_come_before_effects(first: str) -> None:
    recorder, logs = recorder_of("a", "b")
    writer, reader = logs if first == "a" else logs[::-1]
    lock = Thing()
    write(writer, 10, Kind.ACQUIRED, lock)
    write(reader, 10, Kind.WAIT, lock, arg=-1)
    write(writer, 20, Kind.RELEASED, lock)
    write(reader, 20, Kind.ACQUIRED, lock)
    kinds = [kind for time, _, kind, _ in brief(snapshot(recorder)) if time == 20]
    assert kinds == ["RELEASED", "ACQUIRED"]


def test_with_a_coarse_clock_each_thread_keeps_its_own_order() -> None:
    recorder, (a, b) = recorder_of("a", "b")
    lock, other = Thing(), Thing()
    for log, thing in ((a, lock), (b, other)):
        for kind in (Kind.ACQUIRED, Kind.RELEASED, Kind.ACQUIRED, Kind.SET):
            write(log, 10, kind, thing)
    log = snapshot(recorder)
    for number in (1, 2):
        kinds = [event.kind for event in log if event.thread == number]
        assert kinds == [Kind.ACQUIRED, Kind.RELEASED, Kind.ACQUIRED, Kind.SET]


def test_objects_are_numbered_by_first_use() -> None:
    recorder, (a,) = recorder_of("a")
    things = [Thing("Event"), Thing("Lock"), Thing("Semaphore")]
    for time, index in enumerate((2, 0, 2)):
        write(a, time, Kind.ACQUIRED, things[index])
    log = snapshot(recorder)
    assert [event.obj for event in log] == [1, 2, 1]
    assert [info.type for info in log.objects] == ["Semaphore", "Event"]
    assert [info.number for info in log.objects] == [1, 2]


def test_a_condition_and_its_lock_are_in_the_record_together() -> None:
    recorder, (a,) = recorder_of("a")
    condition = Thing("Condition")
    lock = Thing("RLock", owner=condition.identity.serial)
    condition.identity.lock = lock.identity.serial
    write(a, 1, Kind.ACQUIRED, lock)
    log = snapshot(recorder)
    assert [(info.type, info.lock, info.owner) for info in log.objects] == [
        ("RLock", 0, 2),
        ("Condition", 1, 0),
    ]


def test_what_dies_during_a_run_keeps_its_identity() -> None:
    recorder, (a,) = recorder_of("a")
    thing = Thing("Barrier")
    gone = weakref.ref(thing)
    write(a, 1, Kind.ARRIVED, thing, arg=1)
    del thing
    assert gone() is None
    assert snapshot(recorder).objects[0].type == "Barrier"


def test_identities_are_forgotten_with_their_primitives() -> None:
    thing = Thing()
    serial = thing.identity.serial
    assert IDENTITIES.get(serial) is thing.identity
    del thing
    assert IDENTITIES.get(serial) is None


def test_of_primitives_that_are_gone_no_more_is_kept_than_of_those_alive() -> None:
    known = Identities()
    kept = [Thing().identity for _ in range(100)]
    for identity in kept:
        known.add(identity)
    for _ in range(5 * Identities.LEAST):
        known.add(Thing().identity)
    assert len(known) <= 2 * len(kept) + Identities.LEAST + 1
    assert [known.get(each.serial) for each in kept] == kept


def test_what_died_before_a_run_is_not_kept_by_it() -> None:
    first, _ = recorder_of("a")
    thing = Thing()
    serial = thing.identity.serial
    del thing
    assert serial in first.identities  # it died during the first run
    second, _ = recorder_of("a")
    assert serial not in second.identities  # or run after run would keep all that ever was
    snapshot(first), snapshot(second)


def test_a_run_looks_at_a_place_once_however_many_primitives_were_made_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[CodeType] = []

    def scope_of(code: CodeType) -> tuple[str, str]:
        asked.append(code)
        return naming.scope_of(code)

    monkeypatch.setattr(merging, "scope_of", scope_of)
    others = [Lock() for _ in range(200)]  # a process may have thousands, and each of its runs looks at them
    recorder, (a,) = recorder_of("a")
    locks: list[Lock] = []
    locks.append(Lock())  # its name is its place among those that the function makes
    a.extend((1001, locks[0]._tracing_identity.code(Kind.ACQUIRED, None)))
    assert [each.name for each in snapshot(recorder).objects] == ["locks[0]"]
    assert 0 < len(asked) < len(others)


def test_texts_are_kept_once() -> None:
    recorder, (a,) = recorder_of("a")
    for time, text in enumerate(("KeyError: 1", "ValueError", "KeyError: 1")):
        write(a, time, Kind.NOTE, arg=recorder.text(text))
    log = snapshot(recorder)
    assert [log.text(event.arg) for event in log] == ["KeyError: 1", "ValueError", "KeyError: 1"]
    assert log.texts == ("KeyError: 1", "ValueError")


def test_numbers_that_threads_ask_for_together_are_different() -> None:
    recorder, _ = recorder_of()
    together = threading.Barrier(8)
    numbers: list[tuple[str, int]] = []
    serials: list[int] = []

    def work(me: int) -> None:
        together.wait()
        for index in range(200):
            numbers.append((text := f"{me % 2}:{index}", recorder.text(text)))
            serials.append(Thing().identity.serial)
            recorder.add_thread("x")

    threads = [threading.Thread(target=work, args=(me,)) for me in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(serials)) == 1600
    assert (
        len(set(numbers))
        == len({text for text, _ in numbers})
        == len({number for _, number in numbers})
        == 400
    )
    assert sorted(log.number for log in recorder.logs) == list(range(1, 1601))
    recorder.close()


def test_a_log_is_compacted_while_its_thread_writes() -> None:
    recorder, (a,) = recorder_of("a")
    done = threading.Event()

    def writer() -> None:
        for time in range(20_000):
            write(a, time, Kind.NOTE, arg=time)
        done.set()

    thread = threading.Thread(target=writer)
    readers = [threading.Thread(target=compact, args=(a, done)) for _ in range(2)]
    for each in (*readers, thread):
        each.start()
    for each in (*readers, thread):
        each.join()
    log = snapshot(recorder)
    assert [(event.time, event.arg) for event in log] == [(time, time) for time in range(20_000)]


def compact(log: ThreadLog, done: threading.Event) -> None:
    while not done.is_set():
        log.compact()
        log.columns()


def test_half_an_event_is_left_for_the_next_compaction() -> None:
    a = ThreadLog(number=1, name="a", parent=0, daemon=False, timer=0, lines=True)
    a.entries.append(1)
    assert a.compact() == 0
    a.entries.append(2)
    assert a.compact() == 2
    assert list(a.columns()) == [1, 2]


def test_primitives_may_be_made_while_a_run_begins_and_is_merged() -> None:
    def maker() -> None:
        for _ in range(300):
            Thing()

    makers = [threading.Thread(target=maker) for _ in range(3)]
    for thread in makers:
        thread.start()
    while any(thread.is_alive() for thread in makers):
        recorder, (a,) = recorder_of("a")
        write(a, 1, Kind.ACQUIRED, Thing())
        assert len(snapshot(recorder)) == 1


def test_a_finaliser_may_come_in_anywhere_while_a_number_is_given() -> None:
    places = Places()
    counter = places._counter

    class Reentrant(dict):  # type: ignore[type-arg]
        def setdefault(self, key: int, default: int = 0) -> int:
            with counter._lock:  # as a finaliser in the same thread
                return super().setdefault(key, default)

    places._numbers = Reentrant()
    with counter._lock:
        assert places.number(sys._getframe()) == 1


def test_a_place_has_one_number() -> None:
    places = Places()
    numbers = {places.number(sys._getframe()) for _ in range(3)}
    numbers |= {places.number(sys._getframe())}
    assert numbers == {1, 2}
    assert places.place(2)[0] is sys._getframe().f_code  # 1 is the comprehension's own code before 3.12


def test_the_users_frame_is_the_innermost_of_the_program() -> None:
    frame = sys._getframe()
    found = []
    sorted([1], key=lambda _: found.append(user_frame(sys._getframe())))
    assert found[0] is not None
    assert found[0].f_back is frame or found[0] is frame
    assert user_frame(None) is None
