"""A signal that went astray is found: lost, taken by the wrong waiter, or trusted without a second look."""

from __future__ import annotations

from dataclasses import replace

import pytest
from logs import LogBuilder

from tracing import Condition, Event, Lock, Thread, Trace, simulate, sleep
from tracing.diagnosis import Finding, diagnose
from tracing.events import EventLog
from tracing.model import fold


def findings(log: EventLog) -> tuple[Finding, ...]:
    return diagnose(log, fold(log))


def kinds(log: EventLog) -> list[str]:
    return [finding.kind for finding in findings(log)]


def judged(log: EventLog, **lines: str) -> EventLog:
    """The log with what its source says of the waits at these lines: line_5="tested"."""
    said = {int(line.removeprefix("line_")): after for line, after in lines.items()}
    return replace(log, sites=tuple(replace(site, after_wait=said.get(site.line, "")) for site in log.sites))


class Table:
    """Some threads around a condition; main only joins."""

    def __init__(self, *names: str) -> None:
        self.log = LogBuilder()
        self.main, self.lock = self.log.thread(), self.log.lock("lock")
        self.cond = self.log.condition("changed", lock=self.lock)
        self.log.began(self.main)
        self.threads = [self.log.spawn(self.main, name) for name in names]

    def wait(self, thread: int, line: int = 5) -> None:
        """The thread takes the lock, finds nothing, waits."""
        self.log.acquired(thread, self.lock)
        self.wait_on(thread, line)

    def wait_on(self, thread: int, line: int = 5) -> None:
        self.log.cond_wait(thread, self.cond, line=line).released(thread, self.lock)

    def notify(self, thread: int, *woken: int, line: int = 9) -> None:
        self.log.acquired(thread, self.lock).notify(thread, self.cond, *woken, line=line)
        self.log.released(thread, self.lock)

    def wake(self, thread: int) -> None:
        self.log.cond_woke(thread, self.cond).acquired(thread, self.lock)

    def hung(self) -> EventLog:
        for thread in self.threads:
            self.log.join_wait(self.main, thread)
        return self.log.build(reason="hung")


# Lost signal


def a_notification_that_nobody_heard() -> EventLog:
    table = Table("waiter", "sender")
    waiter, sender = table.threads
    table.notify(sender)
    table.log.ended(sender).at(3)
    table.wait(waiter)
    return table.hung()


def test_a_notification_before_the_wait_is_lost() -> None:
    (finding,) = findings(a_notification_that_nobody_heard())
    assert (finding.kind, finding.severity, finding.time) == ("lost signal", "error", 3)
    assert (finding.threads, finding.sites) == ((2, 3), (2, 1))
    assert finding.hint


@pytest.mark.parametrize(
    ("after", "kind"), [("tested", "stalled"), ("untested", "lost signal"), ("", "lost signal")]
)
def test_no_signal_is_lost_on_who_tests_in_a_loop_what_it_waits_for(after: str, kind: str) -> None:
    assert kinds(judged(a_notification_that_nobody_heard(), line_5=after)) == [kind]


def set_and_cleared(*, clearer: str = "starter") -> tuple[LogBuilder, int, int]:
    log = LogBuilder()
    main, go = log.thread(), log.event("go")
    runner, starter = log.began(main).spawn(main, "runner"), log.spawn(main, "starter")
    by = {"starter": starter, "runner": runner}[clearer]
    log.set(starter, go, line=3).cleared(by, go, line=4).ended(starter).at(2)
    return log, runner, go


def test_an_event_cleared_before_the_wait_names_who_set_and_who_cleared_it() -> None:
    log, runner, go = set_and_cleared(clearer="runner")
    (finding,) = findings(log.wait(runner, go, line=8).join_wait(1, runner).build(reason="hung"))
    assert finding.kind == "lost signal"
    assert finding.sentence == (
        "Lost signal: runner waits for go at line 8, which starter had set at line 3 and runner had "
        "cleared again at line 4 before."
    )
    assert (finding.threads, finding.objects, finding.time) == ((runner, 3), (go,), 2)


def test_who_has_seen_the_event_set_waits_for_the_next_time() -> None:
    log, runner, go = set_and_cleared()
    log.passed(runner, go).at(4).wait(runner, go, line=8).join_wait(1, runner)
    assert kinds(log.build(reason="hung")) == ["stalled"]


def test_who_has_set_the_event_itself_missed_nothing() -> None:
    log = LogBuilder()
    main, go = log.thread(), log.event("go")
    log.began(main).set(main, go).cleared(main, go).wait(main, go)
    assert kinds(log.build(reason="hung")) == ["stalled"]


def test_a_signal_is_not_called_lost_where_the_run_went_well() -> None:
    log, runner, go = set_and_cleared()
    log.wait(runner, go).at(5).set(1, go).passed(runner, go).ended(runner).joined(1, runner)
    assert kinds(log.build()) == []


# Wrong waiter


def woken_in_vain(*, thief: bool = False, woken: str = "one", used: bool = False) -> EventLog:
    """ann and bob wait; cem notifies for bob, ann is woken and waits again."""
    table = Table("ann", "bob", "cem", "dan")
    ann, bob, cem, dan = table.threads
    table.wait(ann)
    table.wait(bob, line=6)
    table.log.at(2)
    table.notify(cem, *([ann] if woken == "one" else [ann, bob]))
    if thief:
        table.log.acquired(dan, table.lock).released(dan, table.lock)
    table.log.ended(cem).ended(dan).at(4)
    table.wake(ann)
    if used:
        table.log.released(ann, table.lock).acquired(ann, table.lock)
    table.wait_on(ann)
    if woken == "all":
        table.wake(bob)
        table.wait_on(bob, line=6)
    return table.hung()


def test_a_notification_taken_by_a_thread_that_can_only_wait_again_went_to_the_wrong_one() -> None:
    (finding,) = findings(woken_in_vain())
    assert (finding.kind, finding.severity, finding.time) == ("wrong waiter", "error", 2)
    assert finding.sentence == (
        "Wrong waiter: notify() of changed by cem at line 9 woke ann, which could only wait again at "
        "line 5; bob still waits on changed at line 6."
    )
    assert (finding.threads, finding.objects) == ((4, 2, 3), (2,))
    assert "notify_all" in finding.hint


def test_where_another_thread_may_have_come_first_the_waiter_need_not_be_the_wrong_one() -> None:
    assert kinds(woken_in_vain(thief=True)) == ["stalled"]


def test_a_waiter_that_did_something_before_it_waited_again_was_not_the_wrong_one() -> None:
    assert kinds(woken_in_vain(used=True)) == ["stalled"]


def test_who_is_woken_with_all_others_is_not_the_wrong_one() -> None:
    assert kinds(woken_in_vain(woken="all")) == ["stalled"]


def test_a_lone_waiter_is_not_the_wrong_one() -> None:
    table = Table("ann", "cem")
    ann, cem = table.threads
    table.wait(ann)
    table.notify(cem, ann)
    table.log.ended(cem)
    table.wake(ann)
    table.wait_on(ann)
    assert kinds(table.hung()) == ["stalled"]


def test_the_wrong_waiter_itself_may_be_the_one_that_is_left() -> None:
    table = Table("ann", "bob", "cem")
    ann, bob, cem = table.threads
    table.wait(ann)
    table.wait(bob, line=6)
    table.notify(cem, ann)
    table.wake(ann)
    table.wait_on(ann)
    table.notify(cem, bob)
    table.wake(bob)
    table.log.released(bob, table.lock).ended(bob).ended(cem)
    (finding,) = findings(table.hung())
    assert finding.sentence == (
        "Wrong waiter: notify() of changed by cem at line 9 woke ann, which could only wait again at "
        "line 5, while bob waited, too; ann still waits on changed at line 5."
    )


# Wait not re-checked


def test_a_thread_that_goes_on_without_a_test_is_told_with_the_place_of_its_wait() -> None:
    table = Table("ann", "bob", "cook")
    ann, bob, cook = table.threads
    table.wait(ann)
    table.wait(bob)
    table.notify(cook, ann, bob)
    table.log.at(7)
    for thread in (ann, bob):
        table.wake(thread)
        table.log.released(thread, table.lock).ended(thread)
    log = judged(table.log.ended(cook).build(), line_5="untested")
    (finding,) = (each for each in findings(log) if each.kind == "wait not re-checked")
    assert (finding.severity, finding.time, finding.threads) == ("warning", 7, (ann, bob))
    assert (finding.objects, finding.sites) == ((table.cond,), (1,))
    assert finding.sentence == (
        "ann and bob went on after the wait on changed at line 5 without testing again what they had "
        "waited for; cook had woken both at line 9."
    )


def test_of_those_that_go_on_without_a_test_it_is_said_who_came_first_and_who_failed() -> None:
    table = Table("ann", "bob", "cook")
    ann, bob, cook = table.threads
    table.wait(ann)
    table.wait(bob)
    table.notify(cook, ann, bob)
    table.log.at(7)
    table.wake(bob)
    table.log.released(bob, table.lock).ended(bob)
    table.log.at(8)
    table.wake(ann)
    table.log.released(ann, table.lock).failed(ann, "IndexError: pop from empty list")
    log = judged(table.log.ended(cook).build(), line_5="untested")
    (finding,) = (each for each in findings(log) if each.kind == "wait not re-checked")
    assert finding.sentence == (
        "ann and bob went on after the wait on changed at line 5 without testing again what they had waited "
        "for; cook had woken both at line 9, bob came first, and ann has failed with IndexError: pop from "
        "empty list."
    )


@pytest.mark.parametrize("after", ["tested", ""])
def test_who_tests_again_or_may_is_left_in_peace(after: str) -> None:
    table = Table("ann", "cook")
    ann, cook = table.threads
    table.wait(ann)
    table.notify(cook, ann)
    table.wake(ann)
    table.log.released(ann, table.lock).ended(ann).ended(cook)
    assert "wait not re-checked" not in kinds(judged(table.log.build(), line_5=after))


def test_who_never_woke_up_has_not_gone_on() -> None:
    table = Table("ann")
    table.wait(table.threads[0])
    assert kinds(judged(table.hung(), line_5="untested")) == ["stalled"]


# Programs


def run_of(seed: int, **targets: object) -> Trace:
    with simulate(seed) as run:
        threads = [Thread(target=target, name=name) for name, target in targets.items()]  # type: ignore[arg-type]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return run


def turns(seed: int, *, all_of_them: bool) -> Trace:
    """Three players, each waits for its turn on the same condition."""
    changed, turn = Condition(), [0]

    def play(number: int) -> None:
        with changed:
            while turn[0] != number:
                changed.wait()
            turn[0] += 1
            changed.notify(3 if all_of_them else 1)

    return run_of(seed, two=lambda: play(2), one=lambda: play(1), zero=lambda: play(0))


def test_players_on_one_condition_hang_by_the_wrong_waiter_or_end_well() -> None:
    found = {tuple(finding.kind for finding in turns(seed, all_of_them=False).findings) for seed in range(20)}
    assert found == {(), ("wrong waiter",)}


def test_players_that_are_all_woken_end_well() -> None:
    assert {turns(seed, all_of_them=True).findings for seed in range(20)} == {()}


def test_who_comes_after_set_and_clear_has_lost_the_signal() -> None:
    go = Event()

    def start() -> None:
        go.set()
        go.clear()

    def run() -> None:
        sleep(1)
        go.wait()

    (finding,) = run_of(0, runner=run, starter=start).findings
    assert finding.kind == "lost signal"
    assert "runner waits for go" in finding.sentence
    assert "which starter had set" in finding.sentence


def two_eaters(*, again: bool) -> Trace:
    plates: list[int] = []
    lock = Lock()
    served = Condition(lock)

    def eat() -> None:
        with lock:
            if again:
                while not plates:
                    served.wait()
            elif not plates:
                served.wait()
            plates.pop()

    def cook() -> None:
        sleep(1)
        for number in range(2):
            with lock:
                plates.append(number)
                served.notify()

    return run_of(0, ann=eat, bob=eat, cook=cook)


def test_an_if_around_wait_is_a_warning_even_where_all_went_well() -> None:
    (finding,) = two_eaters(again=False).findings
    assert (finding.kind, finding.severity) == ("wait not re-checked", "warning")
    assert "served" in finding.sentence


def test_a_while_around_wait_is_none() -> None:
    assert two_eaters(again=True).findings == ()


def test_the_warning_survives_the_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    from tracing import open_trace

    path = tmp_path_factory.mktemp("traces") / "run.trace"
    run = two_eaters(again=False)
    run.save(path)
    assert open_trace(path).findings == run.findings


def test_the_line_of_each_who_still_waits_is_told() -> None:
    with simulate() as run:
        changed = Condition()

        def getter() -> None:
            with changed:
                while True:
                    changed.wait()

        def putter() -> None:
            with changed:
                changed.wait()

        for target in (getter, getter, putter):
            Thread(target=target).start()
            sleep(1)
        with changed:
            changed.notify()
    (finding,) = (each for each in run.findings if each.kind == "wrong waiter")
    first, second = (target.__code__.co_firstlineno for target in (getter, putter))
    assert f"still wait on changed at line {first + 3} and at line {second + 2}." in finding.sentence
