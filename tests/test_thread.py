"""A thread's life in the record, and that Thread behaves as threading's."""

# ruff: noqa: PT012  -- what raises is the block of a run, of several statements

from __future__ import annotations

import inspect
import sys
import threading
import time

import pytest
from steps import LIMIT, did, interrupt_main, is_by, order, until

import tracing
from tracing import Kind, Lock, Thread, record


def test_a_thread_is_started_begins_ends_and_is_joined() -> None:
    with record() as run:
        thread = Thread(target=print, args=("",), name="a")
        thread.start()
        thread.join()
    lines = did(run, lives=True)
    assert lines[:2] == ["began", "started a"]
    assert lines[2:] in (["joined a", "ended"], ["join_wait a", "joined a", "ended"])
    assert did(run, "a", lives=True) == ["began MainThread", "ended"]
    assert order(run, "MainThread started a", "a began MainThread", "a ended", "MainThread joined a") == [
        "MainThread started a",
        "a began MainThread",
        "a ended",
        "MainThread joined a",
    ]


def test_a_name_that_was_given_is_kept_though_it_looks_like_a_default_one() -> None:
    with record() as run:
        threads = [Thread(target=int, name="Thread-2"), Thread(None, int, "Thread-1"), Thread(target=int)]
        for thread in threads:
            thread.start()
            thread.join()
    assert [thread.name for thread in run.log.threads] == ["MainThread", "Thread-2", "Thread-1", "int"]


def test_a_subclass_may_have_any_attributes_of_its_own() -> None:
    class Spy(Thread):
        def __init__(self, agent: str) -> None:
            super().__init__(name="spy")
            self._agent = self._identity = agent

    with record() as run:
        spy = Spy("bond")
        with pytest.raises(RuntimeError, match="cannot join thread before it is started"):
            spy.join()
        spy.start()
        spy.join()
    assert (spy._agent, spy._identity) == ("bond", "bond")
    assert did(run, "spy", lives=True) == ["began MainThread", "ended"]


def test_subclasses_of_other_primitives_may_too() -> None:
    class Loud(tracing.Event):
        def _record(self, what: str) -> str:
            return what

        _point = _wait = _record

    class Slow(tracing.Barrier):
        def _record(self, what: str) -> str:
            return what

        _point = _agent = _perform = _record

    with record() as run:
        loud = Loud()
        loud.set()
        slow = Slow(1)
        slow.wait()
    assert did(run) == ["set loud", "arrived slow 1", "tripped slow", "passed slow 0"]


def test_a_run_that_was_given_to_the_instance_is_there_again_after_it() -> None:
    done: list[str] = []

    def run() -> None:
        done.append("run")

    thread, other = Thread(), Thread()
    thread.run = run  # type: ignore[method-assign]
    with record():
        for each in (thread, other):
            each.start()
            each.join()
    assert done == ["run"]
    assert thread.run is run
    assert "run" not in vars(other)


def test_a_join_of_a_living_thread_waits() -> None:
    door = Lock()
    with record(timeout=LIMIT) as run:
        door.acquire()
        a = Thread(target=door.acquire, name="a")
        a.start()
        a.join(timeout=0)
        a.join(0.01)
        assert a.is_alive()
        b = Thread(target=a.join, name="b")
        b.start()
        until(run, "b", Kind.JOIN_WAIT)
        door.release()
    assert did(run, "b") == ["join_wait a", "joined a"]
    assert [line for line in did(run) if "join" in line] == ["join_wait a", "join_timed_out a"] * 2


def test_children_know_their_parents() -> None:
    def parent() -> None:
        Thread(target=lambda: None, name="child", daemon=False).start()

    with record() as run:
        Thread(target=parent, name="parent").start()
    infos = {info.name: info for info in run.log.threads}
    assert run.log.thread(infos["child"].parent).name == "parent"
    assert run.log.thread(infos["parent"].parent).name == "MainThread"
    assert did(run, "parent", lives=True) == ["began MainThread", "started child", "ended"]


def test_a_thread_that_raises_has_failed_and_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    def bad() -> None:
        raise ValueError("no such thing")

    def silent() -> None:
        raise KeyError

    with record() as run:
        Thread(target=bad, name="a").start()
        Thread(target=silent, name="b").start()
    assert did(run, "a") == ["failed ValueError: no such thing"]
    assert did(run, "b") == ["failed KeyError"]
    assert Kind.ENDED not in {event.kind for event in run if is_by(run.log, event, "a")}
    assert capsys.readouterr() == ("", "")


def test_an_exception_that_cannot_be_put_into_words_is_recorded_all_the_same() -> None:
    class Hostile(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def bad() -> None:
        raise Hostile

    with record() as run:
        Thread(target=bad, name="a").start()
    assert did(run, "a") == ["failed Hostile: its __str__ raised RuntimeError"]


@pytest.mark.parametrize("code", [0, 1, "goodbye"])
def test_system_exit_ends_a_thread_in_silence(code: object, capsys: pytest.CaptureFixture[str]) -> None:
    with record() as run:
        Thread(target=sys.exit, args=(code,), name="a").start()
    assert did(run, "a", lives=True) == ["began MainThread", f"ended SystemExit: {code}"]
    assert capsys.readouterr() == ("", "")


def test_the_programs_own_excepthook_is_called_before_a_join_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[type, str, object]] = []
    late = threading.Event()

    def hook(args: threading.ExceptHookArgs) -> None:
        late.wait(0.05)  # nobody sets it: the join must not return meanwhile
        seen.append((args.exc_type, str(args.exc_value), args.thread))

    monkeypatch.setattr(threading, "excepthook", hook)
    with record() as run:
        a = Thread(target=int, args=("x",), name="a")
        a.start()
        a.join()
        assert [(kind, thread) for kind, _, thread in seen] == [(ValueError, a)]
    assert did(run, "a")[0].startswith("failed ValueError: invalid literal")


def test_threads_are_called_by_name_or_by_what_they_run() -> None:
    def worker() -> None:
        pass

    class Reader(Thread):
        def run(self) -> None:
            pass

    with record() as run:
        for thread in (
            Thread(target=worker),
            Thread(target=worker),
            Reader(),
            Thread(),
            Thread(target=worker, name="x"),
        ):
            thread.start()
            thread.join()
    names = [info.name for info in run.log.threads]
    assert names[0] == "MainThread"
    assert names[1] != names[2]
    assert all(name.startswith("worker") for name in names[1:3])
    assert names[3].startswith("Reader")
    assert names[4].startswith("Thread")
    assert names[5] == "x"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        *((name, name) for name in ("<script>", "$a_b$", "🐈", "MainThread'; --")),
        *[("a\nb", "a b"), (" ", "Thread-1"), ("", "print")],
    ],
)
def test_hostile_names_are_kept_on_one_line(name: str, kept: str) -> None:
    with record() as run:
        Thread(target=print, args=("",), name=name).start()
    assert run.log.threads[1].name == kept
    assert kept in run.text()


def test_a_long_name_is_shortened() -> None:
    with record() as run:
        Thread(target=print, args=("",), name="x" * 300).start()
    name = run.log.threads[1].name
    assert 20 <= len(name) < 100
    assert name.rstrip("…") == "x" * (len(name) - 1)


def test_misuse_raises_what_threading_raises_and_is_recorded() -> None:
    with record() as run:
        thread = Thread(target=print, args=("",), name="a")
        with pytest.raises(RuntimeError, match=r"^cannot join thread before it is started$"):
            thread.join()
        thread.start()
        with pytest.raises(RuntimeError, match=r"^threads can only be started once$"):
            thread.start()
        thread.join()

        def join_itself() -> None:
            with pytest.raises(RuntimeError, match=r"^cannot join current thread$"):
                myself.join()

        myself = Thread(target=join_itself, name="b")
        myself.start()
    assert "refused RuntimeError: cannot join thread before it is started" in did(run)
    assert "refused RuntimeError: threads can only be started once" in did(run)
    assert did(run, "b") == ["refused RuntimeError: cannot join current thread"]


def test_a_subclass_without_init_is_refused_as_by_threading() -> None:
    class Bad(Thread):
        def __init__(self) -> None:
            pass

    with record() as run, pytest.raises(RuntimeError, match=r"^thread\.__init__\(\) not called$"):
        Bad().start()
    assert did(run) == ["refused RuntimeError: thread.__init__() not called"]


def test_a_thread_that_the_system_refuses_is_no_thread_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("can't start new thread")

    name = next(n for n in ("_start_joinable_thread", "_start_new_thread") if hasattr(threading, n))
    with record(timeout=LIMIT) as run:  # noqa: SIM117
        with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="can't start new thread"):
            patch.setattr(threading, name, refuse)
            Thread(target=print, name="a").start()
    assert did(run) == ["refused RuntimeError: can't start new thread"]
    assert run.log.ending.reason == "done"


def test_a_subclass_that_overrides_run_is_recorded() -> None:
    class Worker(Thread):
        def __init__(self) -> None:
            super().__init__(name="worker")
            self.result = 0

        def run(self) -> None:
            self.result = 42

    with record() as run:
        worker = Worker()
        worker.start()
        worker.join()
        assert worker.result == 42
    assert did(run, "worker", lives=True) == ["began MainThread", "ended"]


def test_a_thread_started_by_a_thread_without_a_run_is_plain() -> None:
    def starter() -> None:
        thread = Thread(target=print, args=("",), name="a")
        thread.start()
        thread.join()
        assert not thread.is_alive()

    with record() as run:
        bystander = threading.Thread(target=starter)
        bystander.start()
        bystander.join()
    assert [info.name for info in run.log.threads] == ["MainThread"]


def test_an_interrupted_join_is_cut_and_the_run_goes_on() -> None:
    door = Lock()

    def interrupter() -> None:
        interrupt_main(run, Kind.JOIN_WAIT)
        until(run, "MainThread", Kind.CUT)
        door.release()

    if sys.platform == "win32":
        pytest.skip("no pthread_kill on Windows")
    with record(timeout=LIMIT) as run:
        door.acquire()
        a = Thread(target=door.acquire, name="a")
        a.start()
        Thread(target=interrupter, name="b").start()
        with pytest.raises(KeyboardInterrupt):
            a.join()
        a.join()
    assert [line for line in did(run) if "join" in line or "cut" in line][:2] == ["join_wait a", "cut"]
    assert did(run)[-1] == "joined a"


# Against threading


def test_what_threading_exports_tracing_exports() -> None:
    starred: dict[str, object] = {}
    exec("from tracing import *", starred)
    assert [name for name in threading.__all__ if name not in starred] == []
    assert [name for name in starred if name != "__builtins__" and not hasattr(tracing, name)] == []
    assert len(tracing.__all__) == len(set(tracing.__all__))
    ours = "Thread Timer Lock RLock Condition Semaphore BoundedSemaphore Event Barrier".split()  # noqa: SIM905
    same = [name for name in threading.__all__ if name not in ours and name != "excepthook"]
    assert [name for name in same if getattr(tracing, name) is not getattr(threading, name)] == []


def test_the_hook_that_threading_began_with_is_there_too() -> None:
    assert tracing.__excepthook__ is threading.__excepthook__  # type: ignore[attr-defined]


def test_what_threading_does_not_have_tracing_does_not_make_up() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Fred'"):
        tracing.Fred  # noqa: B018


PYTHON_CLASSES = "Thread Timer Condition Semaphore BoundedSemaphore Event Barrier".split()  # noqa: SIM905


@pytest.mark.parametrize("name", PYTHON_CLASSES)
def test_signatures_are_those_of_threading(name: str) -> None:
    theirs, ours = getattr(threading, name), getattr(tracing, name)
    for method, function in vars(theirs).items():
        if callable(function) and (
            not method.startswith("_") or method in ("__init__", "__enter__", "__exit__")
        ):
            assert parameters(getattr(ours, method)) == parameters(function), f"{name}.{method}"


def parameters(function: object) -> list[tuple[str, object, object]]:
    """Names, kinds and defaults; for a context manager's exit only how many."""
    found = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    if getattr(function, "__name__", "") == "__exit__":
        return []
    return [(each.name, each.kind, each.default) for each in found]


@pytest.mark.parametrize("name", PYTHON_CLASSES)
def test_ours_are_instances_of_theirs(name: str) -> None:
    made = {"Timer": (1, print), "Barrier": (2,)}
    assert isinstance(getattr(tracing, name)(*made.get(name, ())), getattr(threading, name))


def test_each_type_says_the_same_of_itself() -> None:
    for name, arguments in {
        "Event": (),
        "Semaphore": (3,),
        "BoundedSemaphore": (3,),
        "Barrier": (2,),
    }.items():
        ours, theirs = (repr(getattr(module, name)(*arguments)) for module in (tracing, threading))
        assert ours.split(" at ")[0] == theirs.split(" at ")[0]


def test_current_thread_is_the_traced_thread() -> None:
    seen: list[object] = []
    with record():
        thread = Thread(target=lambda: seen.append(tracing.current_thread()))
        thread.start()
        thread.join()
    assert seen == [thread]
    assert time.sleep.__module__ == "time"
