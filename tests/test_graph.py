"""The wait-for graph: what it says, then where it stands, then the bytes."""

from __future__ import annotations

import itertools
import random
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from time import sleep

import pytest
from hypothesis import given, settings

pytest.importorskip("matplotlib")
sys.path.insert(0, str(Path(__file__).parent))

from logs import LogBuilder
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from scenarios.hangs import opposite_orders, philosophers
from test_model import odd_events, odd_log

from tracing import Barrier, Lock, Thread, Trace, simulate
from tracing.views.graph import WaitForGraph, draw_graph
from tracing.views.graph.layout import Arrow, Room, around, lay_out
from tracing.views.timeline import Palette


def crossed(timeout: int = -1) -> Trace:
    """ann has lock_a and wants lock_b, bob the other way round; main waits for ann."""
    log = LogBuilder()
    main, lock_a, lock_b = log.thread("main"), log.lock("lock_a"), log.lock("lock_b")
    ann, bob = log.began(main).spawn(main, "ann"), log.spawn(main, "bob")
    log.join_wait(main, ann, line=9).acquired(ann, lock_a, line=3).acquired(bob, lock_b, line=2)
    log.at(2).wait(ann, lock_b, line=4, timeout=timeout).wait(bob, lock_a, line=5)
    return Trace(log.build(end=9, reason="hung"))


def alone() -> Trace:
    """A thread that takes its own Lock twice."""
    log = LogBuilder()
    main, lock = log.thread("main"), log.lock("lock")
    log.began(main).acquired(main, lock, line=2).wait(main, lock, line=3)
    return Trace(log.build(end=9, reason="hung"))


def abandoned(how: str = "ended") -> Trace:
    """bob ended without giving the lock back; two wait for it."""
    log = LogBuilder()
    main, lock = log.thread("main"), log.lock("lock")
    bob, ann = log.began(main).spawn(main, "bob"), log.spawn(main, "ann")
    log.acquired(bob, lock, line=2)
    log.failed(bob) if how == "failed" else log.ended(bob)
    log.at(4).wait(ann, lock, line=7).wait(main, lock, line=9)
    return Trace(log.build(end=9, reason="hung"))


def joins() -> Trace:
    """main waits for a thread that waits for a thread that sleeps."""
    log = LogBuilder()
    main = log.thread("main")
    ann = log.began(main).spawn(main, "ann")
    bob = log.spawn(ann, "bob")
    log.join_wait(main, ann, line=3).join_wait(ann, bob, line=8).sleep(bob, 5, line=2)
    return Trace(log.build(end=4))


def permits() -> Trace:
    """Both permits taken, by two threads; a crowd waits, one of them with a lock."""
    log = LogBuilder()
    main, pool, lock = log.thread("main"), log.semaphore("pool", value=2), log.lock("lock")
    log.began(main)
    users = [log.spawn(main, f"user {number}") for number in range(6)]
    log.acquired(users[0], pool, line=2).released(users[0], pool).acquired(users[0], pool, line=2)
    log.acquired(users[1], pool, line=2).acquired(users[2], lock, line=1)
    for user in users[2:5]:
        log.wait(user, pool, line=2)
    log.wait(users[5], lock, line=1).join_wait(main, users[0], line=20)
    return Trace(log.build(end=9, reason="timeout"))


def signals() -> Trace:
    """Waits for what nobody can be said to hold."""
    log = LogBuilder()
    main, go = log.thread("main"), log.event("go")
    gate, lock = log.barrier("gate", parties=3), log.lock("mutex")
    ready = log.condition("ready", lock=lock)
    ann, bob, eve = (log.began(main).spawn(main, name) for name in ("ann", "bob", "eve"))
    log.wait(ann, go, line=2).arrived(bob, gate, 1).wait(bob, gate, line=3).acquired(eve, lock, line=4)
    log.cond_wait(eve, ready, line=5).join_wait(main, ann, line=9)
    return Trace(log.build(end=9, reason="hung"))


def crowd(size: int = 6) -> Trace:
    """The crossed locks with many more who wait for them."""
    log = LogBuilder()
    main, lock_a, lock_b = log.thread("main"), log.lock("lock_a"), log.lock("lock_b")
    ann, bob = log.began(main).spawn(main, "ann"), log.spawn(main, "bob")
    log.acquired(ann, lock_a, line=3).acquired(bob, lock_b, line=2)
    log.wait(ann, lock_b, line=4).wait(bob, lock_a, line=5)
    for number in range(size):
        log.wait(log.spawn(main, f"worker {number}"), lock_b if number % 3 else lock_a, line=4)
    log.join_wait(main, ann, line=12)
    return Trace(log.build(end=9, reason="hung"))


def two_circles() -> Trace:
    """Two deadlocks that have nothing to do with each other, and a thread that runs on with a lock."""
    log = LogBuilder()
    main = log.thread("main")
    locks = [log.lock(f"lock_{letter}") for letter in "abcde"]
    log.began(main).acquired(main, locks[4], line=1)
    for first, second in ((0, 1), (2, 3)):
        one, two = log.spawn(main, f"one {first}"), log.spawn(main, f"two {first}")
        log.acquired(one, locks[first], line=2).acquired(two, locks[second], line=3)
        log.wait(one, locks[second], line=4).wait(two, locks[first], line=5)
    return Trace(log.build(end=9, reason="timeout"))


def hostile() -> Trace:
    """Names that are anything but names."""
    log = LogBuilder()
    main = log.thread("$\\frac{a}{b}$ _under_")
    lock_a, lock_b = log.lock("$lock_$" + "y" * 300), log.lock("<i>\n$")
    ann = log.began(main).spawn(main, "two\nlines\tand a tab")
    bob = log.spawn(main, "😀🚀 emoji $")
    log.acquired(ann, lock_a, line=3).acquired(bob, lock_b, line=2)
    log.wait(ann, lock_b, line=4).wait(bob, lock_a, line=5).join_wait(main, bob, line=10**9)
    return Trace(log.build(end=9, reason="hung"))


def empty() -> Trace:
    return Trace(LogBuilder().build())


def simulated(program: Callable[[], object]) -> Trace:
    """The first of the schedules in which the program hangs."""
    for seed in range(200):
        with simulate(seed=seed) as run:
            program()
        if run.log.ending.reason == "hung":
            return run
    raise AssertionError("no seed in which it hangs")


def ab_ba() -> Trace:
    return simulated(opposite_orders)


def dining() -> Trace:
    return simulated(philosophers)


def contended() -> Trace:
    """Three threads use a lock in turn, three seconds each."""
    my_lock = Lock()

    def use() -> None:
        with my_lock:
            sleep(3)

    with simulate(seed=1) as run:
        threads = [Thread(target=use, name=name) for name in ("writer", "reader", "printer")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return run


def full_queues() -> Trace:
    """ann and bob each wait for room in the queue that the other one empties."""

    def work(mine: Queue[int], other: Queue[int]) -> None:
        other.put(1)
        mine.get()
        other.put(2)
        other.put(3)

    with simulate() as run:
        ann_s: Queue[int] = Queue(1)
        bob_s: Queue[int] = Queue(1)
        for name, mine, other in (("ann", ann_s, bob_s), ("bob", bob_s, ann_s)):
            Thread(target=work, args=(mine, other), name=name).start()
    return run


def starved_pool() -> Trace:
    """The only worker of a pool waits for a call that waits for a worker."""
    with simulate() as run, ThreadPoolExecutor(1, "cook") as pool:
        pool.submit(lambda: pool.submit(int).result()).result()
    return run


EDGE = ("waits ", "held by", "run by", "emptied by", "needs the worker")  # so begin the words of an arrow
CASES = {
    make.__name__: make
    for make in (
        *(crossed, alone, abandoned, joins, permits, signals, crowd, two_circles, hostile, empty),
        *(ab_ba, dining, contended, full_queues, starved_pool),
    )
}


def lines(run: Trace, at: float | None = None) -> list[str]:
    return run.wait_for_graph(at).text().splitlines()


def texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every visible text of a figure with the words' extent."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()  # all stands where it will be drawn, and no ink is spent
    found = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in found]


def assert_legible(figure: Figure) -> None:
    inside, shown = figure.bbox, texts(figure)
    for text, box in shown:
        assert 0 <= box.x0 < box.x1 <= inside.x1, f"{text!r} leaves the figure sideways"
        assert 0 <= box.y0 < box.y1 <= inside.y1, f"{text!r} leaves the figure"
    for (text, box), (other, second) in itertools.combinations(shown, 2):
        wide = min(box.x1, second.x1) - max(box.x0, second.x0)
        high = min(box.y1, second.y1) - max(box.y0, second.y0)
        assert wide <= 0.5 or high <= 1.0, f"{text!r} lies on {other!r}"


def words(run: Trace) -> list[str]:
    return [text for text, _ in texts(run.wait_for_graph().figure())]


def dashes(figure: Figure) -> list[str]:
    """How the arrows' lines are drawn, in the order of the edges."""
    return [line.get_linestyle() for line in figure.findobj(Line2D) if line.get_gid() in ("waits", "holds")]


# What is said


def test_a_line_for_each_edge_and_a_sentence_for_the_circle() -> None:
    assert lines(crossed()) == [
        "ann holds lock_a since line 3",
        "ann waits for lock_b at line 4",
        "bob holds lock_b since line 2",
        "bob waits for lock_a at line 5",
        "main waits for ann to end at line 9",
        "ann → lock_b → bob → lock_a → ann is a circle: a deadlock.",
    ]


def test_the_circle_is_that_of_the_threads_that_wait_for_each_other() -> None:
    graph = crossed().wait_for_graph()
    assert graph.cycle == (2, 3)
    assert graph.circle(graph.cycle) == (("thread", 2), ("object", 2), ("thread", 3), ("object", 1))
    assert [edge.what for edge in graph.edges] == ["waits for"] * 3 + ["holds"] * 2


def test_a_thread_alone_can_be_a_circle() -> None:
    assert alone().wait_for_graph().cycle == (1,)
    assert lines(alone())[-1] == "main → lock → main is a circle: a deadlock."


def test_a_circle_with_a_timeout_is_no_deadlock() -> None:
    run = crossed(timeout=10**10)
    assert lines(run)[-1].endswith("is a circle: until a timeout opens it.")
    assert "ann waits for lock_b at line 4, with a timeout" in lines(run)
    assert "circle" in words(run)
    assert "deadlock" not in words(run)


@pytest.mark.parametrize("how", ["ended", "failed"])
def test_a_holder_that_has_ended_is_marked(how: str) -> None:
    run = abandoned(how)
    assert "bob holds lock since line 2, and has ended" in lines(run)
    assert f"has {how}" in words(run)
    assert run.wait_for_graph().cycle == ()


def test_before_it_ended_a_holder_is_not_marked() -> None:
    log = LogBuilder()
    bob, lock = log.thread("bob"), log.lock("lock")
    log.began(bob).acquired(bob, lock, line=2).at(8).ended(bob)
    run = Trace(log.build())
    assert lines(run, at=5e-9) == ["bob holds lock since line 2"]
    assert lines(run, at=8e-9) == ["bob holds lock since line 2, and has ended"]


def test_who_does_not_wait_is_said_to_run_or_to_sleep() -> None:
    assert lines(joins()) == ["ann waits for bob to end at line 8", "main waits for ann to end at line 3"]
    assert {"sleeping", "waits for its end", "line 8"} <= set(words(joins()))


def test_permits_are_held_by_several_and_make_no_circle_by_themselves() -> None:
    run = permits()
    assert run.wait_for_graph().cycles == ()
    assert "user 1 holds a permit of pool since line 2" in lines(run)
    assert words(run).count("held by") == 3


def test_all_circles_are_found_and_drawn() -> None:
    assert [len(cycle) for cycle in two_circles().wait_for_graph().cycles] == [2, 2]
    assert words(two_circles()).count("deadlock") == 2


def test_where_nobody_waits_text_and_picture_say_so() -> None:
    assert lines(empty()) == ["Nobody waits, and nobody holds anything."]
    assert "Nobody waits, and nobody holds anything." in words(empty())


def test_a_crowd_is_one_box_in_the_picture_and_a_line_each_in_the_text() -> None:
    run = crowd(60)
    assert {"and 36 more", "and 16 more", "wait for", "deadlock", "worker 0"} <= set(words(run))
    assert "worker 59" not in words(run)
    assert len(lines(run)) == 66
    assert_legible(run.wait_for_graph().figure())


def test_edges_that_have_no_room_in_the_picture_are_counted_there() -> None:
    log = LogBuilder()
    log.began(log.thread("main"))
    for number in range(50):
        log.acquired(log.spawn(1, f"worker {number}"), log.lock(f"lock {number}"), line=2)
    run = Trace(log.build(end=9, reason="timeout"))
    assert "14 more waits and holds are not drawn; text() says them." in words(run)
    assert len(lines(run)) == 50


# When


def test_a_run_that_hung_is_shown_at_its_end() -> None:
    assert crossed().wait_for_graph().at is None
    assert "Who waits for whom at the end" in words(crossed())


def test_any_other_run_is_shown_in_the_middle_of_its_longest_wait_for_what_somebody_had() -> None:
    run = contended()
    graph = run.wait_for_graph()
    longest = max(wait.end - wait.start for wait in run.model.waits if wait.obj)
    (wait,) = [wait for wait in run.model.waits if wait.obj and wait.end - wait.start == longest]
    assert graph.at == (wait.start + wait.end) // 2
    assert any(edge.wait == wait.index for edge in graph.edges)


def test_the_moment_can_be_chosen() -> None:
    assert lines(crossed(), at=1e-9) == [
        "ann holds lock_a since line 3",
        "bob holds lock_b since line 2",
        "main waits for ann to end at line 9",
    ]
    assert crossed().wait_for_graph(at=9e-9).text() == crossed().wait_for_graph().text()


@pytest.mark.parametrize("at", [-1, 10.0, float("nan")])
def test_a_moment_outside_the_run_is_refused(at: float) -> None:
    with pytest.raises(ValueError, match="the run lasts from 0 to"):
        crossed().wait_for_graph(at)


# Real programs


def test_locks_taken_crosswise_are_a_circle_of_two() -> None:
    graph = ab_ba().wait_for_graph()
    assert len(graph.cycle) == 2
    assert graph.text().endswith("is a circle: a deadlock.")


def test_two_full_queues_are_a_circle_through_who_empties_them() -> None:
    graph = full_queues().wait_for_graph()
    assert [len(cycle) for cycle in graph.cycles] == [2]
    assert {line.split(" at ")[0] for line in graph.text().splitlines()[:-1]} == {
        "ann waits for room in bob_s",
        "bob waits for room in ann_s",
        "ann gets items out of ann_s",
        "bob gets items out of bob_s",
    }
    assert graph.text().endswith("is a circle: a deadlock.")
    assert words(full_queues()).count("emptied by") == 2
    assert "deadlock" in words(full_queues())


def test_a_starved_pool_is_a_circle_through_its_worker() -> None:
    assert [line.split(" at ")[0] for line in lines(starved_pool())[1:]] == [
        "cook_0 is a worker that could run int-1",
        "cook_0 runs lambda-1",
        "cook_0 waits for int-1",
        "cook_0 → int-1 → cook_0 is a circle: a deadlock.",
    ]


def test_who_could_end_a_wait_is_said_only_of_a_standstill() -> None:
    with simulate() as run:
        box: Queue[int] = Queue()
        Thread(target=lambda: [box.put(1), sleep(1), box.put(2)], name="ann").start()
        box.get()
        box.get()
    assert [edge.what for edge in run.wait_for_graph(0.5).edges] == ["waits for"]
    assert run.wait_for_graph(0.5).cycles == ()


def test_five_philosophers_are_one_circle() -> None:
    graph = dining().wait_for_graph()
    assert len(graph.cycle) == 5
    assert graph.text().splitlines()[-1].count("forks[") == 5


def test_threads_at_a_barrier_that_nobody_completes_are_a_graph_without_a_circle() -> None:
    def program() -> None:
        gate = Barrier(3)
        for name in ("ann", "bob"):
            Thread(target=gate.wait, name=name).start()

    with simulate(seed=0) as run:
        program()
    graph = run.wait_for_graph()
    assert graph.cycle == ()
    assert [line.partition(" at line")[0] for line in graph.text().splitlines()] == [
        "ann waits at gate",
        "bob waits at gate",
    ]


# What is seen


@pytest.mark.parametrize("name", CASES)
def test_no_text_lies_on_another_or_leaves_the_figure(name: str) -> None:
    assert_legible(CASES[name]().wait_for_graph().figure())


@pytest.mark.parametrize("name", CASES)
def test_every_edge_has_its_words(name: str) -> None:
    run = CASES[name]()
    graph = run.wait_for_graph()
    ends = {(edge.what, edge.thread, edge.obj, edge.target) for edge in graph.edges}
    said = [text for text in words(run) if text.startswith(EDGE)]
    assert len(said) == len(ends)
    assert len(dashes(graph.figure())) == len(ends)


@pytest.mark.parametrize("name", ["crossed", "permits", "dining"])
def test_the_figure_is_no_larger_than_a_page(name: str) -> None:
    figure = CASES[name]().wait_for_graph().figure()
    assert figure.get_figwidth() < 14
    assert figure.get_figheight() < 8


def test_waits_are_dashed_and_holds_are_not() -> None:
    kinds = dashes(crossed().wait_for_graph().figure())
    assert sorted(kinds) == ["-", "-", "--", "--", "--"]


def test_a_primitive_has_the_colour_that_it_has_in_the_timeline() -> None:
    palette, run = Palette(), crossed()
    figure = draw_graph(run.log, run.model, palette=palette)
    filled = {to_hex(patch.get_facecolor()).upper() for patch in figure.findobj(Rectangle)}
    fresh = Palette()
    pales = [fresh.ink(name).pale for name in ("lock_a", "lock_b")]
    assert filled.issuperset(pales)
    assert palette.ink("lock_a") == fresh.ink("lock_a")


def test_hostile_names_are_drawn_as_plain_text_without_warnings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = words(hostile())
    assert {"$\\frac{a}{b}$ _under_", "two lines and a tab", "<i> $"} <= set(shown)
    assert all("\n" not in text for text in shown)
    assert all("\n" not in line for line in lines(hostile()))


def waits_within_waits() -> Trace:
    """A thread that waits for a lock of its own, within that for two more things, and another one for it."""
    log = LogBuilder()
    main, ann, own = log.thread("main"), log.thread("ann"), log.lock("own")
    log.began(main).began(ann).acquired(main, own)
    for obj in (own, log.lock("other"), log.event("ready")):
        log.wait(main, obj)
    return Trace(log.join_wait(ann, main).at(9).build(reason="hung"))


def test_a_circle_within_other_waits_keeps_its_boxes_apart_and_the_figure_small() -> None:
    figure = waits_within_waits().wait_for_graph().figure()
    assert_legible(figure)
    assert figure.get_figwidth() < 14
    assert figure.get_figheight() < 14


@pytest.mark.parametrize("seed", range(4))
def test_boxes_are_apart_also_where_there_is_not_room_for_everything(seed: int) -> None:
    rng = random.Random(seed)
    nodes = [("thread" if n < 4 else "object", n) for n in range(9)]
    pairs = [(rng.choice(nodes), rng.choice(nodes)) for _ in range(14)]
    arrows = [
        Arrow(source=one, target=other, size=(90.0, 10.0), words=("waits for",), waits=True)
        for one, other in pairs
    ]
    parts, _ = lay_out(dict.fromkeys(nodes, (70.0, 30.0)), arrows, [])
    boxes = [around(centre, (70.0, 30.0)) for part in parts for centre in part.centres.values()]
    assert len(boxes) == len(nodes)
    assert not any(one.meets(other) for one, other in itertools.combinations(boxes, 2))


def test_arrows_without_room_for_their_words_are_counted_in_the_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Room, "_spot", lambda *where: None)
    assert "5 arrows without room for words: print() says them" in words(crossed())


@settings(deadline=None, max_examples=25)
@given(odd_events)
def test_a_log_in_any_order_is_drawn_without_an_error(events: list[tuple[int, int, int, int, int]]) -> None:
    graph = Trace(odd_log(events)).wait_for_graph()
    assert len(graph.text().splitlines()) >= len({edge.thread for edge in graph.edges})
    assert_legible(graph.figure())


@pytest.mark.parametrize("name", ["crossed", "permits", "hostile"])
def test_the_same_run_gives_the_same_bytes(name: str) -> None:
    run, again = CASES[name](), CASES[name]()
    first = run.wait_for_graph()
    assert first.png() == first.png()
    assert draw_png(run) == draw_png(again)


def draw_png(run: Trace) -> bytes:
    from tracing.views.png import to_png

    return to_png(draw_graph(run.log, run.model))


def test_a_notebook_shows_picture_and_words() -> None:
    graph: WaitForGraph = crossed().wait_for_graph()
    bundle, _ = graph._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == graph.text() == repr(graph)
