"""A thread that an exception ended at a container which another one had changed: who did that, and where."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

import pytest

from tracing import Lock, Thread, Trace, replay, sleep
from tracing.exploring.containers import KIND

Target = Callable[[], object]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends a thread is in the record."""
    monkeypatch.setattr(threading, "excepthook", lambda args: None)


def run(reader: Target, writer: Target) -> None:
    threads = [Thread(target=reader, name="reader"), Thread(target=writer, name="writer")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def told(trace: Trace) -> list[str]:
    """The findings of what ended a thread."""
    return [each.kind for each in trace.findings if each.kind in (KIND, "uncaught exception")]


# Wrong: the reader has looked, and sleeps; the writer comes


def key_added() -> None:
    jobs = {"one": 1, "two": 2}

    def report() -> None:
        for _ in jobs:
            sleep(0.1)

    def add() -> None:
        sleep(0.05)
        jobs["three"] = 3

    run(report, add)


def key_deleted_by_items() -> None:
    jobs = {"one": 1, "two": 2}

    def report() -> None:
        for _, _ in jobs.items():
            sleep(0.1)

    def delete() -> None:
        sleep(0.05)
        del jobs["one"]

    run(report, delete)


def added_to_a_set() -> None:
    names = {"ann", "bob"}

    def report() -> None:
        for _ in names:
            sleep(0.1)

    def add() -> None:
        sleep(0.05)
        names.add("eve")

    run(report, add)


def appended_to_a_deque() -> None:
    line = deque(["ann", "bob"])

    def report() -> None:
        for _ in line:
            sleep(0.1)

    def append() -> None:
        sleep(0.05)
        line.append("eve")

    run(report, append)


def last_one_taken() -> None:
    tickets = ["last"]

    def buy() -> None:
        if tickets:
            sleep(0.1)
            tickets.pop()

    def buy_first() -> None:
        sleep(0.05)
        tickets.pop()

    run(buy, buy_first)


def key_taken() -> None:
    stock = {"soup": 1}

    def buy() -> None:
        if "soup" in stock:
            sleep(0.1)
            del stock["soup"]

    def buy_first() -> None:
        sleep(0.05)
        stock.pop("soup")

    run(buy, buy_first)


WRONG = [key_added, key_deleted_by_items, added_to_a_set, appended_to_a_deque, last_one_taken, key_taken]


@pytest.mark.parametrize("program", WRONG, ids=lambda program: program.__name__)
@pytest.mark.parametrize("grain", ["sync", "bytecode"])
def test_who_changed_it_is_named_once_with_the_exception(program: Target, grain: str) -> None:
    trace = replay(program, grain=grain)
    assert told(trace) == [KIND]
    (finding,) = (each for each in trace.findings if each.kind == KIND)
    assert [trace.log.thread(number).name for number in finding.threads] == ["reader", "writer"]
    assert finding.severity == "error"
    assert " looked into " in finding.sentence


def test_the_sentence_has_all_three_lines() -> None:
    (finding,) = (each for each in replay(key_added).findings if each.kind == KIND)
    first = key_added.__code__.co_firstlineno
    walks, adds = f"test_containers.py line {first + 4}", f"test_containers.py line {first + 9}"
    assert finding.sentence == (
        f"reader looked into jobs at {walks}, writer changed it at {adds}, and reader ended with an "
        f"exception that it did not catch at {walks}: RuntimeError: dictionary changed size during iteration."
    )


# Not the other thread's doing


def changed_by_itself() -> None:
    jobs = {"one": 1, "two": 2}

    def report() -> None:
        for _ in jobs:
            jobs["three"] = 3

    run(report, jobs.copy)


def another_one_changed() -> None:
    jobs, others = {"one": 1}, {"two": 2}

    def report() -> None:
        if jobs:
            sleep(0.1)
            del jobs["two"]

    def add() -> None:
        sleep(0.05)
        others["three"] = 3

    run(report, add)


def changed_before_it_looked() -> None:
    jobs = ["one"]

    def report() -> None:
        sleep(0.1)
        while True:
            jobs.pop()

    run(report, jobs.clear)


ALONE = [changed_by_itself, another_one_changed, changed_before_it_looked]


@pytest.mark.parametrize("program", ALONE, ids=lambda program: program.__name__)
def test_who_has_nothing_to_do_with_it_is_not_named(program: Target) -> None:
    assert told(replay(program, grain="bytecode")) == ["uncaught exception"]


def test_under_one_lock_nobody_is_told_of() -> None:
    jobs, lock = {"one": 1, "two": 2}, Lock()

    def report() -> None:
        with lock:
            for _ in jobs:
                sleep(0.1)

    def add() -> None:
        sleep(0.05)
        with lock:
            jobs["three"] = 3

    assert told(replay(lambda: run(report, add), grain="bytecode")) == []
