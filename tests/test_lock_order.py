"""Locks taken in contradicting orders are found in runs that went well; the lock-order graph shows where."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from logs import LogBuilder
from programs import Program
from scenarios.hangs import one_order, opposite_orders, philosophers, polite_philosophers
from test_graph import assert_legible, dashes, texts
from test_model import odd_events, odd_log

from tracing import (
    Barrier,
    BoundedSemaphore,
    Condition,
    Event,
    Lock,
    RLock,
    Semaphore,
    Thread,
    Trace,
    record,
    simulate,
    sleep,
)
from tracing.diagnosis import Finding
from tracing.views.graph.order import LockOrder

KIND = "lock-order inversion"


def nested(*locks: object) -> Callable[[], None]:
    """Takes them one inside the other, in that order."""

    def work() -> None:
        for lock in locks:
            lock.acquire()  # type: ignore[attr-defined]
        for lock in reversed(locks):
            lock.release()  # type: ignore[attr-defined]

    return work


def apart(*targets: Callable[[], object]) -> Trace:
    """Threads one after the other, ordered by nothing but the time that each happens to take."""
    with simulate(seed=0) as run:
        for number, target in enumerate(targets):
            Thread(target=target, name=f"worker {number}").start()
            sleep(1)  # simulated work
    return run


def inversions(run: Trace) -> list[Finding]:
    return [finding for finding in run.findings if finding.kind == KIND]


def words(run: Trace) -> list[str]:
    return [text for text, _ in texts(run.lock_order().figure())]


def crossed() -> LogBuilder:
    """ann takes a, then b; when she is done, bob takes b, then a."""
    log = LogBuilder()
    main, lock_a, lock_b = log.thread("main"), log.lock("lock_a"), log.lock("lock_b")
    ann, bob = log.began(main).spawn(main, "ann"), log.spawn(main, "bob")
    log.at(1).acquired(ann, lock_a, line=4).at(2).acquired(ann, lock_b, line=5)
    log.released(ann, lock_b).released(ann, lock_a)
    log.at(3).acquired(bob, lock_b, line=8).at(4).acquired(bob, lock_a, line=9)
    return log.released(bob, lock_a).released(bob, lock_b).ended(ann).ended(bob).ended(main)


# What is reported


def test_two_locks_taken_in_both_orders_are_a_warning() -> None:
    (finding,) = inversions(Trace(crossed().build()))
    assert (finding.severity, finding.threads, finding.objects, finding.time) == (
        "warning",
        (2, 3),
        (1, 2),
        4,
    )
    assert finding.sentence == (
        "Lock-order inversion: ann takes lock_a at line 4, then lock_b at line 5; bob takes lock_b at "
        "line 8, then lock_a at line 9: in another schedule they may deadlock."
    )
    assert len(finding.sites) == 4
    assert "same order" in finding.hint


def test_a_circle_of_five_is_one_finding() -> None:
    with simulate(seed=0) as run:
        philosophers()
    (finding,) = inversions(run)
    assert len(finding.threads) == len(finding.objects) == 5
    assert inversions_of(polite_philosophers) == []


def inversions_of(program: Callable[[], object], seeds: int = 20) -> list[Finding]:
    found = []
    for seed in range(seeds):
        with simulate(seed=seed) as run:
            program()
        found += inversions(run)
    return found


def test_each_schedule_of_opposite_orders_deadlocks_or_is_warned_of() -> None:
    for seed in range(20):
        with simulate(seed=seed) as run:
            opposite_orders()
        assert [finding.kind for finding in run.findings] in (["deadlock"], [KIND])
    assert inversions_of(one_order) == []


def test_what_deadlocked_is_not_told_again() -> None:
    log = LogBuilder()
    main, lock_a, lock_b = log.thread("main"), log.lock("lock_a"), log.lock("lock_b")
    ann = log.began(main).spawn(main, "ann")
    log.acquired(ann, lock_a).acquired(main, lock_b).wait(ann, lock_b).wait(main, lock_a)
    run = Trace(log.build(reason="hung"))
    assert [finding.kind for finding in run.findings] == ["deadlock"]
    assert run.lock_order().cycles == ((1, 2),)


def test_rlocks_and_semaphores_of_one_permit_are_locks_too() -> None:
    for make in (RLock, Semaphore, BoundedSemaphore, Condition):
        one, two = make(), make()
        assert len(inversions(apart(nested(one, two), nested(two, one)))) == 1, make


def test_a_lock_that_a_wait_takes_back_is_taken_while_the_others_are_held() -> None:
    ready, other = Condition(), Lock()

    def wait() -> None:
        with ready, other:
            ready.wait(timeout=0.1)

    run = apart(wait)
    orders = [
        (run.log.object(edge.first).name, run.log.object(edge.second).name) for edge in run.lock_order().edges
    ]
    assert orders == [("ready.lock", "other"), ("other", "ready.lock")]


def test_a_second_circle_around_the_locks_of_a_first_is_not_told() -> None:
    a, b, c = Lock(), Lock(), Lock()
    run = apart(nested(a, b), nested(b, a), nested(b, c), nested(c, a))
    assert [len(finding.objects) for finding in inversions(run)] == [2]


# What is not


def test_one_thread_alone_cannot_deadlock() -> None:
    one, two = Lock(), Lock()
    run = apart(lambda: (nested(one, two)(), nested(two, one)()))
    assert inversions(run) == []
    assert len(run.lock_order().edges) == 2


def test_a_circle_of_three_edges_takes_three_threads() -> None:
    a, b, c = Lock(), Lock(), Lock()
    assert len(inversions(apart(nested(a, b), nested(b, c), nested(c, a)))) == 1
    assert inversions(apart(lambda: (nested(a, b)(), nested(b, c)()), nested(c, a))) == []


def test_a_gate_lock_around_both_orders_keeps_them_apart() -> None:
    gate, one, two = Lock(), Lock(), Lock()
    assert inversions(apart(nested(gate, one, two), nested(gate, two, one))) == []
    assert len(inversions(apart(nested(gate, one, two), nested(two, one)))) == 1


def seated(seats: int, waiter: Semaphore, uninvited: int = 0) -> Trace:
    """Philosophers, one after the other, the left fork first; all but the uninvited ask the waiter."""
    forks = [Lock() for _ in range(seats)]
    pairs = [(forks[seat], forks[(seat + 1) % seats]) for seat in range(seats)]
    return apart(*(nested(*(waiter,) * (seat >= uninvited), *pair) for seat, pair in enumerate(pairs)))


def test_fewer_permits_than_locks_in_the_circle_keep_it_open() -> None:
    assert inversions(seated(4, Semaphore(3))) == []
    assert inversions(seated(4, BoundedSemaphore(2))) == []
    assert seated(4, Semaphore(3)).lock_order().cycles == ()


def test_as_many_permits_as_locks_in_the_circle_let_it_close() -> None:
    assert len(inversions(seated(4, Semaphore(4)))) == 1


def test_a_semaphore_keeps_a_circle_open_only_by_those_who_ask_it() -> None:
    assert len(inversions(seated(4, Semaphore(3), uninvited=1))) == 1
    assert inversions(seated(4, Semaphore(2), uninvited=1)) == []


def test_a_semaphore_that_others_release_keeps_nobody_out() -> None:
    one, two, more = Lock(), Lock(), Semaphore(3)

    def work(*locks: Lock) -> Callable[[], None]:
        return lambda: (more.acquire(), nested(*locks)())[1]

    assert len(inversions(apart(work(one, two), work(two, one), more.release))) == 1
    few = Semaphore(1)
    assert len(inversions(apart(few.release, nested(few, one, two), nested(few, two, one)))) == 1


def test_a_gate_around_two_of_three_orders_is_enough() -> None:
    gate, a, b, c = Lock(), Lock(), Lock(), Lock()
    assert inversions(apart(nested(gate, a, b), nested(gate, b, c), nested(c, a))) == []


@pytest.mark.parametrize("how", [{"blocking": False}, {"timeout": 1}])
def test_who_would_have_given_up_cannot_deadlock(how: dict[str, float]) -> None:
    one, two = Lock(), Lock()

    def polite() -> None:
        with two:
            assert one.acquire(**how)  # type: ignore[arg-type]
            one.release()

    run = apart(nested(one, two), polite)
    assert inversions(run) == []
    assert [edge.blocking for edge in run.lock_order().edges] == [True, False]


def test_a_wait_that_a_timeout_would_end_cannot_deadlock() -> None:
    log = LogBuilder()
    main, lock_a, lock_b = log.thread("main"), log.lock("lock_a"), log.lock("lock_b")
    ann = log.began(main).spawn(main, "ann")
    log.acquired(ann, lock_a).acquired(main, lock_b).wait(ann, lock_b, timeout=9).wait(main, lock_a)
    log.timed_out(ann, lock_b).released(ann, lock_a).acquired(main, lock_a).released(main, lock_a)
    run = Trace(log.released(main, lock_b).ended(ann).ended(main).build())
    assert inversions(run) == []
    assert sorted(edge.blocking for edge in run.lock_order().edges) == [False, True]


def test_a_thread_that_goes_deeper_into_its_rlock_takes_nothing_new() -> None:
    one, two = RLock(), RLock()
    assert inversions(apart(nested(one, two, one), nested(one, two))) == []


def test_a_thread_that_was_joined_before_the_other_began_never_meets_it() -> None:
    one, two = Lock(), Lock()
    with simulate(seed=0) as run:
        for work in (nested(one, two), nested(two, one)):
            thread = Thread(target=work)
            thread.start()
            thread.join()
    assert inversions(run) == []
    assert len(run.lock_order().edges) == 2


def test_what_a_thread_did_before_it_started_the_other_never_meets_it() -> None:
    one, two = Lock(), Lock()
    with simulate(seed=0) as run:
        nested(one, two)()
        Thread(target=nested(two, one)).start()
    assert inversions(run) == []
    with simulate(seed=0) as run:
        thread = Thread(target=nested(two, one))
        thread.start()
        nested(one, two)()
        thread.join()
    assert [finding.kind for finding in run.findings] in ([KIND], ["deadlock"])


def test_a_thread_joined_by_one_that_was_joined_is_over_as_well() -> None:
    one, two = Lock(), Lock()

    def middle() -> None:
        inner = Thread(target=nested(one, two), name="inner")
        inner.start()
        inner.join()

    with simulate(seed=0) as run:
        outer = Thread(target=middle, name="outer")
        outer.start()
        outer.join()
        nested(two, one)()
    assert inversions(run) == []


def around_an_event(setters: int) -> Trace:
    """One takes the locks before it sets the event, the other after it has waited for that."""
    one, two, go = Lock(), Lock(), Event()

    def first() -> None:
        nested(one, two)()
        go.set()

    def second() -> None:
        go.wait()
        nested(two, one)()

    return apart(first, second, *[go.set] * (setters - 1))


def test_an_event_that_one_sets_once_orders_and_one_that_others_set_does_not() -> None:
    assert inversions(around_an_event(setters=1)) == []
    assert len(inversions(around_an_event(setters=2))) == 1


def test_a_barrier_for_all_orders_what_is_on_its_sides_and_not_what_is_on_one() -> None:
    one, two, gate = Lock(), Lock(), Barrier(2)

    def early() -> None:
        nested(one, two)()
        gate.wait()

    def late() -> None:
        gate.wait()
        nested(two, one)()

    assert inversions(apart(early, late)) == []
    log = LogBuilder()
    main, a, b = log.thread("main"), log.lock("a"), log.lock("b")
    gate_, ann = log.barrier("gate", parties=2), log.began(main).spawn(main, "ann")
    log.arrived(ann, gate_, 1).wait(ann, gate_).arrived(main, gate_, 2).tripped(main, gate_)
    log.passed(main, gate_).passed(ann, gate_)
    for thread, locks in ((main, (a, b)), (ann, (b, a))):
        log.acquired(thread, locks[0]).acquired(thread, locks[1])
        log.released(thread, locks[1]).released(thread, locks[0])
    assert len(inversions(Trace(log.ended(ann).ended(main).build()))) == 1


def test_a_lock_that_others_release_and_permits_that_are_signals_are_no_locks() -> None:
    log = crossed()
    log.acquired(1, 1).released(2, 1)
    assert inversions(Trace(log.build())) == []
    two, signal = Lock(), Semaphore(0)
    assert apart(signal.release, nested(two, signal)).lock_order().edges == ()
    several = Semaphore(2)
    assert apart(nested(several, two)).lock_order().edges == ()


# The graph


def test_the_text_has_a_line_for_each_order_and_a_sentence_for_the_circle() -> None:
    graph = Trace(crossed().build()).lock_order()
    assert graph.text().splitlines() == [
        "lock_a line 4 → lock_b line 5, by ann",
        "lock_b line 8 → lock_a line 9, by bob",
        "lock_a → lock_b → lock_a is a circle: ann and bob can deadlock.",
    ]
    assert graph.cycles == ((1, 2),)
    assert graph.cycle == (1, 2)
    assert [(edge.first, edge.second, edge.thread) for edge in graph.edges] == [(1, 2, 2), (2, 1, 3)]


def test_threads_that_take_the_same_order_at_the_same_lines_share_a_line() -> None:
    with simulate(seed=0) as run:
        lock_a, lock_b = Lock(), Lock()
        for name in ("ann", "bob"):
            Thread(target=nested(lock_a, lock_b), name=name).start()
    (line,) = run.lock_order().text().splitlines()
    assert line.endswith(", by ann and bob")


def test_locks_inside_each_other_are_shown_from_each_to_the_next() -> None:
    a, b, c = Lock(), Lock(), Lock()
    graph = apart(nested(a, b, c)).lock_order()
    assert [(edge.first, edge.second, edge.gates) for edge in graph.edges] == [
        (1, 2, ()),
        (1, 3, (2,)),
        (2, 3, (1,)),
    ]
    assert len(graph.text().splitlines()) == 2
    assert "while it also held a" in graph.text()


def test_where_no_lock_was_taken_while_another_was_held_text_and_picture_say_so() -> None:
    run = apart(nested(Lock()))
    assert run.lock_order().text() == "No lock was taken while another was held."
    assert "No lock was taken while another was held." in words(run)
    assert run.lock_order().cycle == ()


def test_the_text_is_the_same_on_the_real_clock_where_the_order_is() -> None:
    said = set()
    for _ in range(3):
        with record() as run:
            lock_a, lock_b = Lock(), Lock()
            for name, work in (("ann", nested(lock_a, lock_b)), ("bob", nested(lock_b, lock_a))):
                thread = Thread(target=work, name=name)
                thread.start()
                thread.join()
        said.add(repr(run.lock_order()))
    assert len(said) == 1


# What is seen


def gated() -> Trace:
    gate, one, two = Lock(), Lock(), Lock()
    return apart(nested(gate, one, two), nested(gate, two, one))


def dining() -> Trace:
    with simulate(seed=0) as run:
        philosophers()
    return run


def polite() -> Trace:
    with simulate(seed=0) as run:
        polite_philosophers()
    return run


def deep() -> Trace:
    return apart(nested(*(Lock() for _ in range(10))))


def tangled() -> Trace:
    a, b, c, d, e = Lock(), Lock(), RLock(), Lock(), Condition()
    return apart(nested(a, b, c), nested(a, d), nested(a, c, e), nested(d, e), nested(e, b), nested(c, a))


CASES = {make.__name__: make for make in (crossed, gated, dining, polite, deep, tangled)}


def case(name: str) -> LockOrder:
    made = CASES[name]()
    return (made if isinstance(made, Trace) else Trace(made.build())).lock_order()


@pytest.mark.parametrize("name", CASES)
def test_no_text_lies_on_another_or_leaves_the_figure(name: str) -> None:
    figure = case(name).figure()
    assert_legible(figure)
    assert figure.get_figwidth() < 20
    assert figure.get_figheight() < 15


@pytest.mark.parametrize("name", CASES)
def test_every_step_has_its_arrow_and_its_words(name: str) -> None:
    graph = case(name)
    steps = {(edge.first, edge.second) for edge in graph.shown}
    figure = graph.figure()
    assert len(dashes(figure)) == len(steps)
    assert len([text for text, _ in texts(figure) if text.startswith("by ")]) == len(steps)


def test_circles_that_can_deadlock_are_marked_and_others_are_said_to_be_harmless() -> None:
    harmless = "A circle that is not marked cannot deadlock."
    assert "inversion" in [text for text, _ in texts(case("crossed").figure())]
    assert harmless not in [text for text, _ in texts(case("crossed").figure())]
    shown = [text for text, _ in texts(case("gated").figure())]
    assert harmless in shown
    assert "inside gate" in shown
    assert "inversion" not in shown


def test_tries_are_dashed() -> None:
    one, two = Lock(), Lock()

    def polite() -> None:
        with two:
            one.acquire(timeout=1)
            one.release()

    assert sorted(dashes(apart(nested(one, two), polite).lock_order().figure())) == ["-", "--"]


def test_the_same_run_gives_the_same_bytes_and_a_notebook_shows_picture_and_words() -> None:
    graph, again = case("crossed"), case("crossed")
    assert graph.png() == again.png()
    bundle, _ = graph._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == graph.text() == repr(graph)


# Whatever a program does


@settings(deadline=None, max_examples=40)
@given(odd_events)
def test_a_log_in_any_order_has_a_graph(events: list[tuple[int, int, int, int, int]]) -> None:
    graph = Trace(odd_log(events)).lock_order()
    for cycle in graph.inversions:
        assert len({edge.thread for edge in cycle}) == len(cycle) >= 2
        assert all(
            one.second == other.first for one, other in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
        )
    assert_legible(graph.figure())


@pytest.mark.parametrize("seed", range(10))
def test_the_graph_of_a_random_program_is_that_of_its_log_every_time(seed: int) -> None:
    log = Program(seed).run()
    assert Trace(log).lock_order() == Trace(log).lock_order()
