"""A thread that later comers pass again and again is told of; one that is passed now and then is not."""

from __future__ import annotations

import pytest
from logs import LogBuilder

from tracing.diagnosis import UNSETTLED, Finding, diagnose
from tracing.events import EventLog, Kind
from tracing.model import fold
from tracing.views.text import text

MS = 1_000_000


def findings(log: EventLog) -> tuple[Finding, ...]:
    return diagnose(log, fold(log))


def kinds(log: EventLog) -> list[str]:
    return [finding.kind for finding in findings(log)]


class Shop:
    """patient waits for the lock at line 8, while greedy threads take it at line 3 again and again."""

    def __init__(self, *, clock: str = "virtual", greedy: int = 1) -> None:
        self.log = LogBuilder(clock=clock)
        main, self.oven = self.log.thread(), self.log.lock("oven")
        self.log.began(main)
        self.patient = self.log.spawn(main, "patient")
        self.greedy = [self.log.spawn(main, f"greedy_{number}") for number in range(greedy)]
        self.log.acquired(self.greedy[0], self.oven, line=3)

    def pass_by(self, times: int, *, each: int = 1) -> None:
        """The greedy threads in turn, one pass each `each` ns."""
        holder = self.greedy[0]
        for number in range(times):
            taker = self.greedy[number % len(self.greedy)]
            self.log.at(self.log.now + each).released(holder, self.oven)
            self.log.acquired(taker, self.oven, line=3)
            holder = taker
        self.holder = holder

    def wait(self, *, timeout: int = -1) -> None:
        self.log.wait(self.patient, self.oven, timeout=timeout, line=8)

    def served(self) -> None:
        self.log.released(self.holder, self.oven).acquired(self.patient, self.oven)
        self.log.released(self.patient, self.oven)


def shop(times: int, *, greedy: int = 1, clock: str = "virtual", each: int = 1) -> Shop:
    made = Shop(greedy=greedy, clock=clock)
    made.wait()
    made.pass_by(times, each=each)
    made.served()
    return made


@pytest.mark.parametrize(
    ("times", "greedy", "kind"),
    [
        (4, 1, []),
        (5, 1, ["overtaking"]),
        (9, 1, ["overtaking"]),
        (10, 1, ["starvation"]),
        (14, 3, []),
        (15, 3, ["overtaking"]),
        (30, 3, ["starvation"]),
    ],
)
def test_passes_count_by_the_round(times: int, greedy: int, kind: list[str]) -> None:
    assert kinds(shop(times, greedy=greedy).log.build()) == kind


def test_starvation_is_a_warning_that_names_who_was_passed_by_whom_how_often_and_where() -> None:
    made = shop(20, greedy=2)
    (finding,) = findings(made.log.build())
    assert (finding.severity, finding.time) == ("warning", 0)
    assert (finding.threads, finding.objects, finding.sites) == ((2, 3, 4), (made.oven,), (2,))
    assert finding.sentence == (
        "Starvation: patient was passed 20 times by greedy_0 and greedy_1 while it waited for oven at line 8."
    )
    assert finding.hint


def test_overtaking_is_a_note_on_the_worst_wait_of_each_primitive() -> None:
    made = shop(5)
    made.log.acquired(made.greedy[0], made.oven)
    made.log.wait(made.patient, made.oven, line=9)
    made.pass_by(7)
    made.served()
    (finding,) = findings(made.log.build())
    assert (finding.kind, finding.severity) == ("overtaking", "note")
    assert (
        finding.sentence
        == "Overtaking: patient was passed 7 times by greedy_0 while it waited for oven at line 9."
    )


def test_who_never_gets_it_starves_sooner() -> None:
    made = Shop()
    for _ in range(3):
        made.wait(timeout=5)
        made.pass_by(1)
        made.log.timed_out(made.patient, made.oven)
    made.log.released(made.holder, made.oven).ended(made.patient)
    (finding,) = findings(made.log.build())
    assert finding.sentence == (
        "Starvation: patient was passed 3 times by greedy_0 while it waited 3 times for oven at line 8, "
        "and did not get it."
    )


def test_who_gives_up_and_gets_it_later_does_not_starve() -> None:
    made = Shop()
    made.wait(timeout=5)
    made.pass_by(3)
    made.log.timed_out(made.patient, made.oven)
    made.wait()
    made.served()
    assert kinds(made.log.build()) == []


def test_who_still_waits_when_the_record_ends_starves_sooner() -> None:
    made = Shop()
    made.wait()
    made.pass_by(3)
    assert "starvation" in kinds(made.log.build(reason="timeout"))


def test_who_waits_for_what_nobody_gives_back_does_not_starve() -> None:
    made = Shop()
    made.wait()
    made.pass_by(3)
    made.log.ended(made.greedy[0])
    assert "starvation" not in kinds(made.log.build(reason="timeout"))
    assert "starvation" not in kinds(made.log.build(reason="hung"))


def test_on_the_real_clock_ten_rounds_within_milliseconds_are_no_starvation() -> None:
    assert kinds(shop(1000, clock="real", each=MS // 100).log.build()) == ["overtaking"]
    assert kinds(shop(1000, clock="real", each=MS).log.build()) == ["starvation"]


def test_a_queue_in_order_passes_nobody() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    log.began(main)
    workers = [log.spawn(main, f"w{number}") for number in range(4)]
    log.acquired(main, lock)
    for worker in workers:
        log.wait(worker, lock)
    for holder, after in zip([main, *workers], workers, strict=False):
        log.released(holder, lock).acquired(after, lock)
    assert kinds(log.released(workers[-1], lock).build()) == []


def test_what_is_the_operating_systems_doing_stays_out_of_the_text_of_a_real_run() -> None:
    for times in (5, 200):
        real, virtual = (shop(times, clock=clock, each=MS).log.build() for clock in ("real", "virtual"))
        assert kinds(real)
        assert set(kinds(real)) <= UNSETTLED
        assert "Findings:" not in text(real, fold(real), findings(real))
        assert findings(virtual)[0].sentence in text(virtual, fold(virtual), findings(virtual))


class Pool:
    """patient waits for an item at line 8; greedy puts in what it has at line 4, and gets it at line 3."""

    def __init__(self, *, clock: str = "virtual") -> None:
        self.log = LogBuilder(clock=clock)
        main, self.things = self.log.thread(), self.log.object("Queue", "things", value=0)
        self.patient = self.log.began(main).spawn(main, "patient")
        self.greedy = self.log.spawn(main, "greedy")
        self.log.add(Kind.GET_WAIT, self.patient, self.things, -1, line=8)

    def put(self, thread: int, length: int) -> None:
        self.log.add(Kind.PUT, thread, self.things, length, line=4)

    def get(self, thread: int, length: int) -> None:
        self.log.at(self.log.now + MS).add(Kind.GOT, thread, self.things, length, line=3)


def test_who_takes_what_it_gave_back_passes_those_who_wait_for_it() -> None:
    for clock, times in (("virtual", 10), ("real", 100)):
        pool = Pool(clock=clock)
        for _ in range(times):
            pool.put(pool.greedy, 1)
            pool.get(pool.greedy, 0)
        pool.put(pool.greedy, 1)
        pool.get(pool.patient, 0)
        (finding,) = findings(pool.log.build())
        assert (finding.kind, finding.severity) == ("starvation", "warning")
        assert finding.sentence == (
            f"Starvation: patient was passed {times} times by greedy while it waited for an item of things "
            "at line 8; greedy put it back at line 4, and got it again at line 3."
        )


@pytest.mark.parametrize(("crowd", "told"), [(2, 2), (3, 1), (6, 1)])
def test_of_a_crowd_that_starves_at_one_pool_who_was_passed_most_is_told(crowd: int, told: int) -> None:
    pool = Pool()
    others = [pool.log.spawn(1, f"late_{number}") for number in range(1, crowd)]
    for waiter in [None, *others]:
        if waiter:
            pool.log.add(Kind.GET_WAIT, waiter, pool.things, -1, line=8)
        pool.put(pool.greedy, 1)
        pool.get(pool.greedy, 0)
    for _ in range(20):
        pool.put(pool.greedy, 1)
        pool.get(pool.greedy, 0)
    for waiter in [pool.patient, *others]:
        pool.put(pool.greedy, 1)
        pool.get(waiter, 0)
    found = findings(pool.log.build())
    assert [finding.kind for finding in found] == ["starvation"] * told
    assert {pool.patient, *others} <= {number for finding in found for number in finding.threads}
    assert found[0].sentence.startswith(f"Starvation: patient was passed {20 + crowd} times by greedy")
    if told == 1:
        assert "The same befell late_1 and late_2" in found[0].sentence or crowd > 3


def test_nobody_is_passed_while_something_is_left() -> None:
    pool = Pool()
    for _ in range(20):
        pool.put(pool.greedy, 2)
        pool.get(pool.greedy, 1)
    assert kinds(pool.log.build()) == []


def test_a_worker_that_only_gets_passes_nobody() -> None:
    pool = Pool(clock="real")
    for _ in range(200):
        pool.put(1, 1)
        pool.get(pool.greedy, 0)
    assert kinds(pool.log.build()) == []


def test_who_waits_for_room_is_not_passed_by_who_gets() -> None:
    pool = Pool()
    waiter = pool.log.spawn(1, "waiter")
    pool.log.add(Kind.PUT_WAIT, waiter, pool.things, -1, line=9)
    pool.put(pool.greedy, 1)
    pool.get(pool.greedy, 0)
    waits = {wait.thread: wait.overtaken for wait in fold(pool.log.build()).waits}
    assert waits == {pool.patient: 1, waiter: 0}
