"""Runs beside each other: what `compare` shows of them, and where they part."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logs import LogBuilder
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from programs import Program

from tracing import Kind, Lock, Thread, Trace, compare, explore, record, replay, simulate, sleep
from tracing.events import EventLog
from tracing.model import fold, part
from tracing.views.text import parting_sentence
from tracing.views.timeline import Run, compare_timelines


def run_of(title: str) -> Trace:
    with record(title=title) as run:
        lock_a = Lock()
        with lock_a:
            pass
    return run


def test_a_comparison_shows_each_run_on_one_axis_and_in_words() -> None:
    broken, fixed = run_of("Broken"), run_of("Fixed")
    both = compare(broken, fixed)
    upper, lower = both.figure().axes
    assert upper.get_xlim() == lower.get_xlim()
    assert (upper.get_title(loc="left"), lower.get_title(loc="left")) == ("Broken", "Fixed")
    bundle, _ = both._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == f"{broken.text()}\n\n{fixed.text()}\n\n{both.sentence}" == repr(both)


def test_a_comparison_of_nothing_says_what_to_give_it() -> None:
    with pytest.raises(ValueError, match=r"compare\(broken, fixed\)"):
        compare()


def test_a_run_that_hangs_at_once_above_a_long_one_is_marked_only_at_its_beginning() -> None:
    with simulate() as stuck:
        lock_a = Lock()
        lock_a.acquire()
        lock_a.acquire()
    with simulate() as long:
        sleep(2)
    upper, lower = compare(stuck, long).figure().axes
    assert [label.get_text() for label in upper.get_xticklabels()] == ["0"]
    assert len(lower.get_xticklabels()) > 2


# Where they part


def tellers(*order: str, locked: bool = False, title: str = "", late: int = 0) -> EventLog:
    """Tellers who each note a deposit, with the lock or without, in that order."""
    log = LogBuilder(clock="virtual", title=title)
    main, lock = log.thread("main"), log.lock("lock")
    threads = {name: log.spawn(main, name, line=2) for name in ("teller-1", "teller-2")}
    for name in order:
        log.at(log.now + 10 + late)
        if locked:
            log.acquired(threads[name], lock, line=4)
        log.note(threads[name], "deposit", line=5)
        if locked:
            log.released(threads[name], lock)
    return log.build()


def said(a: EventLog, b: EventLog) -> str:
    return parting_sentence(a, b, part(a, b))


def test_runs_part_at_the_first_event_that_another_thread_does() -> None:
    a = tellers("teller-1", "teller-2", title="broken")
    b = tellers("teller-2", "teller-1", title="fixed")
    parting = part(a, b)
    assert parting is not None
    assert (parting.index, parting.event_a, parting.event_b) == (4, a[4], b[4])
    assert said(a, b) == (
        'The runs are the same for 4 events; then in "broken" teller-1 notes: deposit at line 5, '
        'while in "fixed" teller-2 notes: deposit at line 5.'
    )


def test_runs_part_where_one_thread_does_something_else() -> None:
    assert said(tellers("teller-1"), tellers("teller-1", locked=True)) == (
        "The runs are the same for 4 events; then in the first run teller-1 notes: deposit at line 5, "
        "while in the second run teller-1 acquires lock at line 4."
    )


def test_runs_part_where_the_same_is_done_to_something_else() -> None:
    logs = []
    for name in ("lock_a", "lock_b"):
        log = LogBuilder()
        main, both = log.thread("main"), log.lock("both")
        log.acquired(main, both).acquired(main, log.lock(name))
        logs.append(log.build())
    parting = part(*logs)
    assert parting is not None
    assert parting.index == 1


def test_whom_a_thread_starts_joins_or_wakes_counts() -> None:
    logs = []
    for whom in (0, 1):
        log = LogBuilder()
        main = log.thread("main")
        children = [log.spawn(main, name) for name in ("a", "b")]
        logs.append(log.join_wait(main, children[whom]).build())
    assert said(*logs) == (
        "The runs are the same for 4 events; then in the first run main waits for a to end, "
        "while in the second run main waits for b to end."
    )


def test_what_a_thread_says_counts() -> None:
    logs = []
    for text in ("ValueError: no", "KeyError: 3"):
        log = LogBuilder()
        logs.append(log.note(log.thread("main"), "the same").failed(1, text, line=2).build())
    assert said(*logs) == (
        "The runs are the same for 1 event; then in the first run main fails: ValueError: no at line 2, "
        "while in the second run main fails: KeyError: 3 at line 2."
    )


def test_times_and_lines_and_numbers_do_not_count() -> None:
    log = LogBuilder(clock="real")
    other, main = log.thread("other"), log.thread("main")
    log.at(3).acquired(main, log.lock("lock"), line=77).at(9).ended(other)
    again = LogBuilder(clock="real")
    main, other, _ = again.thread("main"), again.thread("other"), again.lock("unused")
    again.acquired(main, again.lock("lock"), line=4).ended(other)
    assert part(log.build(), again.build()) is None


def test_equal_runs_are_said_to_be_the_same() -> None:
    assert said(tellers("teller-1"), tellers("teller-1", late=9)) == (
        "The runs are the same: 5 events in the same order."
    )
    assert said(LogBuilder().build(), LogBuilder().build()) == (
        "The runs are the same: 0 events in the same order."
    )


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("done", "the first run is over"),
        ("hung", "the first run hangs"),
        ("timeout", "the first run is ended"),
        ("running", "the first run has come no further"),
    ],
)
def test_a_run_that_is_over_first_parts_there(reason: str, told: str) -> None:
    log = LogBuilder()
    short = log.acquired(log.thread("main"), log.lock("lock")).build(reason=reason)
    longer = LogBuilder()
    main, lock = longer.thread("main"), longer.lock("lock")
    rest = longer.acquired(main, lock).released(main, lock, line=8).build()
    assert said(short, rest) == (
        f"The runs are the same for 1 event; then {told}, "
        "while in the second run main releases lock at line 8."
    )
    assert part(rest, short) is not None


def test_runs_may_differ_from_the_beginning() -> None:
    log = LogBuilder()
    first = log.note(log.thread("main"), "a").build()
    other = LogBuilder()
    second = other.sleep(other.thread("main"), 1_000_000_000, line=3).build()
    assert said(first, second) == (
        "The runs differ from the beginning: in the first run main notes: a, "
        "while in the second run main sleeps 1.0 s at line 3."
    )


def test_runs_of_different_programs_are_said_to_be_that() -> None:
    log = LogBuilder(title="queue")
    main = log.thread("main")
    log.spawn(main, "producer")
    assert said(log.build(), tellers("teller-1", title="bank")) == (
        "The runs seem to be of different programs, with no name in common: "
        'in "queue" main starts producer, while in "bank" main starts teller-1 at line 2.'
    )


def test_runs_of_other_functions_are_of_different_programs_though_their_threads_have_the_same_names() -> None:
    def bakers() -> list[Thread]:
        return [Thread(target=sleep, args=(seconds,), name="baker") for seconds in (1, 2)]

    def one_by_one() -> None:
        for baker in bakers():
            baker.start()
            baker.join()

    def all_at_once() -> None:
        crew = bakers()
        for baker in crew:
            baker.start()
        for baker in crew:
            baker.join()

    with simulate(title="slow") as slow:
        one_by_one()
    with simulate(title="fast") as fast:
        all_at_once()
    both = compare(slow, fast)
    assert both.parting is not None
    assert both.parting.index == 4
    assert both.sentence.startswith(
        "The runs seem to be of different programs, with no function in common: "
        'in "slow" MainThread waits for baker-1 to end at line '
    )
    assert not any(map(marks, both.figure().axes))
    with simulate() as again:
        one_by_one()
        all_at_once()
    assert "of different programs" not in compare(slow, again).sentence


def turns(title: str, times: int) -> Trace:
    def work() -> None:
        for _ in range(times):
            with lock:
                sleep(1)

    with simulate(title=title, schedule={}) as run:
        lock = Lock()
        thread = Thread(target=work, name="worker")
        thread.start()
        thread.join()
    return run


def test_a_comparison_says_where_its_runs_part() -> None:
    one, two = turns("one turn", 1), turns("two turns", 2)
    both = compare(one, two)
    assert both.parting is not None
    assert both.parting.event_a is not None
    assert both.parting.event_b is not None
    assert (both.parting.event_a.kind, both.parting.event_b.kind) == (Kind.ENDED, Kind.ACQUIRED)
    assert both.sentence == parting_sentence(one.log, two.log, both.parting)
    assert both.sentence.startswith(
        'The runs are the same for 8 events; then in "one turn" worker ends, while'
    )
    assert repr(both).endswith(both.sentence)


def two_orders() -> None:
    def work(first: Lock, second: Lock) -> None:
        with first, second:
            pass

    lock_a, lock_b = Lock(), Lock()
    ann = Thread(target=work, args=(lock_a, lock_b), name="ann")
    bob = Thread(target=work, args=(lock_b, lock_a), name="bob")
    for thread in (ann, bob):
        thread.start()
    for thread in (ann, bob):
        thread.join()


def test_an_exploration_says_where_the_failing_run_parts_from_the_passing_one() -> None:
    found = explore(two_orders)
    assert found.failure is not None
    assert found.passing is not None
    sentence = compare(found.failure.trace, found.passing).sentence
    assert sentence == found.comparison.sentence
    assert sentence.startswith(
        'The runs are the same for 6 events; then in "two_orders fails" bob begins, while in '
        '"two_orders passes" ann acquires lock_b at line'
    )
    before, _, _ = found.text().partition("The run that fails:")
    assert " ".join(before.split()).endswith(sentence)
    assert [len(marks(ax)) for ax in found.figure().axes] == [1, 1]


def test_an_exploration_without_a_failure_has_nothing_to_part_from() -> None:
    found = explore(lambda: sleep(1))
    assert found.comparison.parting is None
    assert "The runs" not in found.text()


def test_one_run_parts_from_nothing() -> None:
    alone = compare(turns("alone", 1))
    assert (alone.parting, alone.sentence) == (None, "")
    assert repr(alone) == alone.runs[0].text()


def test_of_three_runs_the_first_two_are_told_apart() -> None:
    one, two = turns("one turn", 1), turns("two turns", 2)
    assert compare(one, two, one).sentence == compare(one, two).sentence
    assert dashed(compare(one, two, one).figure()) == [1, 1, 0]


def dashed(figure: Figure) -> list[int]:
    """How many lines go through each run from top to bottom."""
    found = []
    for ax in figure.axes:
        bottom, top = ax.get_ylim()
        paths = [path for each in ax.collections for path in each.get_paths()]
        spans = [(path.vertices[:, 0].tolist(), sorted(path.vertices[:, 1].tolist())) for path in paths]
        found.append(sum(len(ys) == 2 and xs[0] == xs[1] and ys == sorted((bottom, top)) for xs, ys in spans))
    return found


def marks(ax: Axes) -> list[str]:
    """The words at the line."""
    return [text.get_text() for text in ax.texts if text.get_text() == "here the runs part"]


def texts(figure: Figure) -> list[str]:
    return [each.get_text() for each in figure.texts]


def test_the_figure_marks_where_the_runs_part_and_says_it_below() -> None:
    both = compare(turns("one turn", 1), turns("two turns", 2))
    figure = both.figure()
    assert dashed(figure) == [1, 1]
    assert " ".join(reversed(texts(figure))).split() == both.sentence.split()
    assert [len(marks(ax)) for ax in figure.axes] == [1, 1]


def test_equal_runs_have_no_mark() -> None:
    figure = compare(turns("one", 1), turns("the same", 1)).figure()
    assert dashed(figure) == [0, 0]
    assert texts(figure) == ["The runs are the same: 11 events in the same order."]


def test_a_note_wider_than_the_figure_is_wrapped_above_its_foot() -> None:
    log = tellers("teller-1")
    runs = [Run(log=log, model=fold(log))]
    plain, noted = (compare_timelines(runs, note=note) for note in ("", "word " * 60))
    rows = len(noted.texts)
    assert rows > 1
    assert plain.get_figheight() < noted.get_figheight()
    heights = [text.get_position()[1] for text in noted.texts]
    assert 0 < min(heights) < max(heights) < noted.axes[0].get_position().y0


@given(st.integers(0, 100_000), st.integers(0, 60))
def test_whatever_the_runs_are_they_part_after_what_they_share(seed: int, kept: int) -> None:
    whole, other = Program(seed, steps=80).run(), Program(seed + 1, steps=80).run()
    cut = replace(whole, times=whole.times[:kept], codes=whole.codes[:kept])
    assert part(whole, whole) is None
    if kept < len(whole):
        found = part(cut, whole)
        assert found is not None
        assert (found.index, found.event_a, found.event_b) == (kept, None, whole[kept])
    there, back = part(whole, other), part(other, whole)
    if there is not None and back is not None:
        assert (there.index, there.event_a, there.event_b) == (back.index, back.event_b, back.event_a)
    assert (there is None) == (back is None)
    assert parting_sentence(whole, other, there).startswith("The runs ")


def test_reads_and_writes_that_only_one_run_has_do_not_count() -> None:
    """They are put into a run for its findings, and a run without a finding has none."""

    def program() -> None:
        counter = [0]

        def up() -> None:
            counter[0] += 1

        threads = [Thread(target=up, name=name) for name in ("ann", "bob")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    touched = replay(program, grain="bytecode")
    plain = replay(program)
    assert count_of(touched, Kind.WRITE) > 0
    assert count_of(plain, Kind.WRITE) == 0
    assert compare(touched, plain).parting is None
    other = replay(program, "3:3", grain="bytecode")
    parting = compare(touched, other).parting
    assert parting is not None
    assert (touched.log[parting.at[0]], other.log[parting.at[1]]) == (parting.event_a, parting.event_b)


def count_of(run: Trace, kind: Kind) -> int:
    return sum(event.kind is kind for event in run)
