"""run_script(): programs in interpreters of their own, to their real ends."""

from __future__ import annotations

import inspect
import linecache
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from logs import LogBuilder

import tracing
from tracing import ScriptError, Trace, open_trace, run_script
from tracing.events import Kind
from tracing.model import Fate, Outcome
from tracing.scripting import ScriptTrace, parent
from tracing.scripting.job import CELL, job_of

ROOT = Path(tracing.__file__).resolve().parent.parent
LOOPING = """
from threading import Thread
from time import sleep

def worker():
    while True:
        sleep(0.02)

Thread(target=worker).start()
sleep(0.2)
print("main ends")
"""
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def fates(run: Trace) -> dict[str, Fate]:
    return {info.name: thread.fate for info, thread in zip(run.log.threads, run.model.threads, strict=True)}


def sentences(run: Trace) -> list[str]:
    return [finding.sentence for finding in run.findings]


def end_of(run: Trace, name: str) -> int:
    number = next(info.number for info in run.log.threads if info.name == name)
    return run.model.threads[number - 1].end


# How interpreters end


def test_a_thread_that_is_no_daemon_keeps_the_interpreter_until_it_is_stopped_from_outside() -> None:
    run = run_script(LOOPING, timeout=0.5)
    assert fates(run) == {"MainThread": Fate.ENDED, "worker": Fate.STILL_RUNNING}
    assert end_of(run, "MainThread") < end_of(run, "worker") == run.model.duration
    assert (run.ended, run.exit_code, run.output) == ("stopped after 0.5 s", None, "main ends\n")
    assert run.text() == (
        "The script: real clock, 2 threads.\n"
        "MainThread: starts worker; sleeps; ends.\n"
        "worker: sleeps again and again; still runs.\n"
        "Findings:\n"
        "- The program had not ended and was stopped after 0.5 s: worker, which is no daemon, kept the "
        "interpreter alive after the main thread's end.\n"
        "Output:\n"
        "  main ends"
    )


def test_a_daemon_is_cut_off_when_the_interpreter_ends() -> None:
    run = run_script(LOOPING.replace("=worker", "=worker, daemon=True"))
    assert fates(run) == {"MainThread": Fate.ENDED, "worker": Fate.CUT_OFF}
    assert (run.ended, run.exit_code, run.findings) == ("exited", 0, ())
    assert run.text() == (
        "The script: real clock, 2 threads.\n"
        "MainThread: starts worker; sleeps; ends.\n"
        "worker: sleeps again and again; is cut off.\n"
        "The program exited with code 0.\n"
        "Output:\n"
        "  main ends"
    )


@pytest.mark.parametrize("steps", range(6, 13))
def test_how_often_and_how_far_a_thread_came_before_it_was_cut_off_is_not_told(steps: int) -> None:
    log = LogBuilder(clock="real")
    worker, lock = log.thread("worker", daemon=True), log.lock("lock")
    does = [
        lambda: log.acquired(worker, lock),
        lambda: log.released(worker, lock),
        lambda: log.set(worker, done),
    ]
    done = log.event("done")
    log.at(1).began(worker)
    for step in range(steps):
        log.at(step + 2)
        does[step % 3]()
    told = Trace(log.build(end=20)).text().splitlines()
    assert told[1] == "worker: (acquires lock; releases lock; sets done) again and again; is cut off."


def test_daemons_live_until_the_last_thread_that_is_none_has_ended() -> None:
    run = run_script("""
        from threading import Thread
        from time import sleep

        def ticker():
            while True:
                sleep(0.02)

        Thread(target=ticker, daemon=True).start()
        Thread(target=lambda: sleep(0.3), name="worker").start()
    """)
    assert fates(run) == {"MainThread": Fate.ENDED, "ticker": Fate.CUT_OFF, "worker": Fate.ENDED}
    assert end_of(run, "MainThread") < end_of(run, "worker") <= end_of(run, "ticker")


ABRUPT = """
import atexit, os, threading

path = {path!r}
written = threading.Event()

def worker():
    try:
        with open(path, "w") as file:
            file.write("a line")
            written.set()
            threading.Event().wait()
    finally:
        print("tidied up")

def goodbye(which):
    print(which, "sees", repr(open(path).read()))

def never():
    print("never")

atexit.register(goodbye, "first")
atexit.register(goodbye, which="second")
atexit.register(never)
atexit.unregister(never)
threading.Thread(target=worker, daemon=True).start()
written.wait()
"""


def test_a_daemon_that_is_cut_off_tidies_nothing_up_and_atexit_functions_run_last_first(
    tmp_path: Path,
) -> None:
    file = tmp_path / "log.txt"
    run = run_script(ABRUPT.format(path=str(file)))
    assert run.output == "second sees ''\nfirst sees ''\n"
    assert (file.read_text(), fates(run)["worker"]) == ("", Fate.CUT_OFF)


def test_atexit_functions_are_noted_on_the_main_thread_after_its_end(tmp_path: Path) -> None:
    run = run_script(ABRUPT.format(path=str(tmp_path / "log.txt")))
    kinds = [event.kind for event in run if event.thread == 1]
    assert kinds[-3:] == [Kind.ENDED, Kind.NOTE, Kind.NOTE]
    assert [mark.text for mark in run.model.marks if mark.what == "note"] == ["atexit runs goodbye"] * 2


def test_an_atexit_function_that_fails_is_named_as_the_program_knows_it() -> None:
    run = run_script("""
        import atexit

        def goodbye():
            raise KeyError("lost")

        atexit.register(goodbye)
    """)
    assert "<function goodbye at" in run.errors
    assert "_AtExit" not in run.errors


def test_what_libraries_do_at_exit_is_not_noted() -> None:
    run = run_script("""
        import weakref

        class Thing: ...

        thing = Thing()
        weakref.finalize(thing, print, "finalized")
    """)
    assert (run.output, run.model.marks) == ("finalized\n", ())


def test_being_a_daemon_is_inherited_and_fixed_at_the_start() -> None:
    run = run_script("""
        from threading import Event, Thread

        born = Event()

        def parent():
            child = Thread(target=Event().wait, name="child")
            child.start()
            try:
                child.daemon = False
            except RuntimeError as error:
                print(error)
            born.set()
            Event().wait()

        Thread(target=parent, daemon=True).start()
        born.wait()
    """)
    assert [info.daemon for info in run.log.threads] == [False, True, True]
    assert (run.output, run.exit_code) == ("cannot set daemon status of active thread\n", 0)


def test_a_daemon_that_is_told_to_stop_and_joined_is_not_cut_off() -> None:
    run = run_script("""
        from threading import Event, Thread

        stop = Event()

        def worker():
            while not stop.wait(0.01):
                pass

        thread = Thread(target=worker, daemon=True)
        thread.start()
        stop.set()
        thread.join(timeout=10)
    """)
    assert set(fates(run).values()) == {Fate.ENDED}
    assert (run.ended, run.findings) == ("exited", ())


@pytest.mark.parametrize(
    ("last", "code", "errors"),
    [
        ("sys.exit(3)", 3, ""),
        ("sys.exit('no')", 1, "no\n"),
        ("thread = threading.Thread(target=sys.exit, args=(3,)); thread.start(); thread.join()", 0, ""),
    ],
    ids=["a number", "words", "in a thread"],
)
def test_sys_exit_gives_the_exit_code_from_the_main_thread_alone(last: str, code: int, errors: str) -> None:
    run = run_script(f"import sys, threading\n{last}\n")
    assert (run.ended, run.exit_code, run.errors) == ("exited", code, errors)
    assert set(fates(run).values()) == {Fate.ENDED}


def test_os_exit_in_a_thread_cuts_all_threads_off_and_nothing_recorded_is_lost() -> None:
    run = run_script("""
        import os
        from threading import Event, Thread

        ready = Event()

        def worker():
            ready.wait()
            os._exit(4)

        Thread(target=worker).start()
        ready.set()
        Event().wait()
    """)
    assert (run.ended, run.exit_code) == ("exited by os._exit(4)", 4)
    assert fates(run) == {"MainThread": Fate.CUT_OFF, "worker": Fate.CUT_OFF}
    assert {event.kind for event in run if event.thread == 1} >= {Kind.STARTED, Kind.SET}
    assert sentences(run)[0].startswith("os._exit(4) ended the process at once")


@posix
def test_a_program_that_kills_itself_leaves_everything_it_did() -> None:
    run = run_script("""
        import os
        from threading import Lock

        lock = Lock()
        with lock:
            os.kill(os.getpid(), 9)
    """)
    assert (run.ended, run.exit_code) == ("killed by signal 9", None)
    assert [event.kind for event in run] == [Kind.BEGAN, Kind.ACQUIRED]
    assert (fates(run), run.model.objects[0].holds[0].open) == ({"MainThread": Fate.CUT_OFF}, True)
    assert sentences(run)[0] == "The program was killed by signal 9: its threads were cut off."


@posix
@pytest.mark.parametrize(
    "end",
    [
        "os.killpg(os.getpgrp(), signal.SIGKILL)",
        "signal.pthread_kill(threading.get_ident(), signal.SIGKILL)",
        "signal.raise_signal(signal.SIGKILL)",
    ],
)
def test_whatever_a_program_kills_itself_with_it_leaves_everything_it_did(end: str) -> None:
    run = run_script(f"""
        import os, signal, threading

        lock = threading.Lock()
        with lock:  # of a process in a group of its own
            {end}
    """)
    assert run.ended == "killed by signal 9"
    assert [event.kind for event in run] == [Kind.BEGAN, Kind.ACQUIRED]


@posix
@pytest.mark.parametrize(
    "call",
    [
        "os.execv(sys.executable, [sys.executable, '-c', OTHER])",
        "os.execve(sys.executable, [sys.executable, '-c', OTHER], os.environ)",
        "os.execlp(sys.executable, sys.executable, '-c', OTHER)",
    ],
)
def test_a_program_that_becomes_another_leaves_everything_it_did_and_is_said_to(call: str) -> None:
    run = run_script(f"""
        import os, sys, threading

        OTHER = "print('other'); raise SystemExit(3)"
        lock = threading.Lock()
        with lock:
            {call}
    """)
    assert (run.ended, run.exit_code, run.output) == ("became another program", 3, "other\n")
    assert [event.kind for event in run] == [Kind.BEGAN, Kind.ACQUIRED, Kind.NOTE]
    assert f"The process became another program, {sys.executable}, which ended with code 3." in str(run)


def test_a_program_that_could_not_become_another_has_ended_as_any() -> None:
    run = run_script("""
        import os
        try:
            os.execv("/nowhere/at/all", ["all"])
        except OSError:
            print("went on")
    """)
    assert (run.ended, run.exit_code, run.output) == ("exited", 0, "went on\n")


@posix
def test_a_program_that_is_killed_by_another_leaves_what_it_did_before() -> None:
    run = run_script("""
        import os, subprocess
        from threading import Lock

        lock = Lock()
        lock.acquire()
        subprocess.run(["sh", "-c", f"sleep 0.3; kill -9 {os.getpid()}"])
    """)
    assert (run.ended, [event.kind for event in run]) == ("killed by signal 9", [Kind.BEGAN, Kind.ACQUIRED])
    assert run.model.duration > 100_000_000  # the pulse went on


@posix
@pytest.mark.parametrize(
    "program",
    [
        "raise KeyboardInterrupt",
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)",
        "import os, signal, threading\n"
        "threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()\n"
        "threading.Event().wait()",
        "class Own(KeyboardInterrupt): pass\nraise Own",
        "import sys\nsys.excepthook = lambda *args: print('hook', *args[:2])\nraise KeyboardInterrupt('no')",
        "import atexit\natexit.register(print, 'atexit')\nraise KeyboardInterrupt",
    ],
    ids=["raised", "sent", "sent by a thread", "of its own kind", "with a hook", "with atexit"],
)
def test_a_ctrl_c_that_is_not_caught_ends_the_process_as_python_ends_it(program: str) -> None:
    command = [sys.executable, "-c", f"{DEFAULT}{program}"]
    bare = subprocess.run(command, capture_output=True, text=True, check=False)
    run = run_script(DEFAULT + program)
    died = f"killed by signal {-bare.returncode}" if bare.returncode < 0 else "exited"
    assert (run.ended, run.exit_code) == (died, None if bare.returncode < 0 else bare.returncode)
    assert run.output == bare.stdout
    assert run.errors.splitlines()[-1:] == bare.stderr.splitlines()[-1:]
    assert fates(run)["MainThread"] is Fate.FAILED
    assert "cut off" not in run.text()


# A test runner in the background ignores Ctrl-C, and so would its children.
DEFAULT = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def test_what_a_ctrl_c_ended_says_so_in_words() -> None:
    run = run_script("raise KeyboardInterrupt")
    said = ["The program ended as a Ctrl-C ends it, by signal 2."] if os.name == "posix" else []
    assert [line for line in run.text().splitlines() if "Ctrl-C" in line] == said


CLOSING = {
    "sys.stderr closed": "import sys; sys.stderr.close()",
    "sys.stdout closed": "import sys; sys.stdout.close()",
    "no streams": "import sys; sys.stdout = sys.stderr = None",
    "2 closed": "import os; os.close(2)",
    "0, 1 and 2 closed": "import os; os.closerange(0, 3)",
    "all but 0, 1 and 2 closed": "import os; os.closerange(3, 256)",
    "all closed": "import os; os.closerange(0, 256)",
}
AFTER = """
import threading, time
print("before")
{closing}
def worker():
    for _ in range(3):
        time.sleep(0.03)  # longer than the stream's beat
    raise ValueError("in a thread")
thread = threading.Thread(target=worker, name="worker")
thread.start()
thread.join()
{last}
"""


@posix
@pytest.mark.parametrize("last", ["", "raise ValueError('in main')"], ids=["ends", "fails"])
@pytest.mark.parametrize("closing", CLOSING.values(), ids=CLOSING)
def test_closed_descriptors_print_nothing_of_ours_and_the_record_is_whole(closing: str, last: str) -> None:
    program = AFTER.format(closing=closing, last=last)
    bare = subprocess.run([sys.executable, "-uc", program], capture_output=True, text=True, check=False)
    run = run_script(program)
    assert (run.exit_code, run.output) == (bare.returncode, bare.stdout)
    assert "tracing" not in run.errors
    assert bool(run.errors) <= bool(bare.stderr)
    assert fates(run) == {"MainThread": Fate.FAILED if last else Fate.ENDED, "worker": Fate.FAILED}
    assert [event.kind for event in run].count(Kind.WOKE) == 3


@posix
def test_a_program_that_closes_what_is_not_its_own_gets_nothing_of_ours_into_its_files(
    tmp_path: Path,
) -> None:
    run = run_script(
        """
        import os, sys, time
        os.closerange(3, 256)
        with open(sys.argv[1], "w") as file:
            print(file.fileno())
            time.sleep(0.1)  # longer than the stream's beat
            file.write("the program's own")
        """,
        str(tmp_path / "file"),
    )
    assert (tmp_path / "file").read_text() == "the program's own"
    assert (run.output, [event.kind.name for event in run]) == ("3\n", ["BEGAN", "SLEEP", "WOKE", "ENDED"])


@posix
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_a_caller_without_standard_streams_gets_the_same(closed: tuple[int, ...], tmp_path: Path) -> None:
    program = """
        import os, sys
        from pathlib import Path
        from tracing import run_script
        run = run_script("import sys, threading; print('out'); print('err', file=sys.stderr)")
        Path(sys.argv[1], "told").write_text(repr((run.ended, run.exit_code, run.output, run.errors)))
    """
    closing = " ".join(f"{number}>&-" for number in closed)
    line = f'exec {sys.executable} -c "$0" "$1" {closing}'
    done = subprocess.run(
        ["sh", "-c", line, inspect.cleandoc(program), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "told").read_text() == "('exited', 0, 'out\\n', 'err\\n')"


# Errors of the program


def test_an_uncaught_exception_in_the_main_thread_is_a_finding_and_exit_code_1() -> None:
    run = run_script("def halve(n):\n    return 1 / n\n\nhalve(0)\n")
    assert (run.ended, run.exit_code, fates(run)) == ("exited", 1, {"MainThread": Fate.FAILED})
    assert [finding.kind for finding in run.findings] == ["uncaught exception"]
    assert run.errors == (
        "Traceback (most recent call last):\n"
        '  File "<script>", line 4, in <module>\n'
        "    halve(0)\n"
        '  File "<script>", line 2, in halve\n'
        "    return 1 / n\n"
        "ZeroDivisionError: division by zero\n"
    )


def test_an_uncaught_exception_in_a_thread_is_reported_as_threading_does() -> None:
    run = run_script(
        "import threading\nthreading.Thread(target=dict.popitem, args=({},), name='w').start()\n"
    )
    assert (run.exit_code, fates(run)) == (0, {"MainThread": Fate.ENDED, "w": Fate.FAILED})
    assert run.errors == "Exception in thread w:\nKeyError: 'popitem(): dictionary is empty'\n"


def test_the_programs_own_hooks_are_called() -> None:
    run = run_script("""
        import sys, threading
        threading.excepthook = lambda args: print("a thread:", args.exc_value)
        sys.excepthook = lambda kind, error, traceback: print("main:", error)
        thread = threading.Thread(target=int, args=("x",))
        thread.start()
        thread.join()
        raise ValueError("no")
    """)
    assert run.output == "a thread: invalid literal for int() with base 10: 'x'\nmain: no\n"
    assert (run.errors, run.exit_code) == ("", 1)


def test_a_syntax_error_is_told_with_the_scripts_line_alone() -> None:
    run = run_script("x = = 3\n")
    assert (run.exit_code, [finding.kind for finding in run.findings]) == (1, ["uncaught exception"])
    assert run.errors.splitlines()[:2] == ['  File "<script>", line 1', "    x = = 3"]
    assert len(run.errors.splitlines()) == 3


def test_a_deadlock_is_found_when_the_program_is_stopped() -> None:
    run = run_script(
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n", timeout=0.3
    )
    assert "deadlock" in [finding.kind for finding in run.findings]
    assert run.model.waits[-1].outcome is Outcome.OPEN
    assert "MainThread had not come to its end" in sentences(run)[0]


# What may be run


def story(run: Trace) -> list[tuple[str, str]]:
    return [(event.kind.name, run.log.object(event.obj).name if event.obj else "") for event in run]


PROGRAM = """
{imports}
lock_a, permits = Lock(), Semaphore(2)

def worker():
    with lock_a:
        sleep(0)

thread = Thread(target=worker)
thread.start()
thread.join()
with permits:
    pass
"""
IMPORTS = {
    "tracing": "from tracing import Lock, Semaphore, Thread, sleep",
    "threading": "from threading import Lock, Semaphore, Thread\nfrom time import sleep",
}


def test_an_unmodified_program_is_recorded_as_one_that_uses_the_faces() -> None:
    runs = [run_script(PROGRAM.format(imports=imports)) for imports in IMPORTS.values()]
    names = [{name for _, name in story(run)} for run in runs]
    assert names == [{"", "lock_a", "permits"}] * 2
    assert runs[0].text() == runs[1].text()


def test_threading_is_for_the_program_what_it_is_without_a_record() -> None:
    run = run_script("""
        import queue, socketserver, sys, threading
        from concurrent.futures import ThreadPoolExecutor

        print([thread.name for thread in threading.enumerate()], threading.active_count())
        print(threading.current_thread() is threading.main_thread(), threading.__name__)
        things = queue.Queue()
        things.put(1)
        with ThreadPoolExecutor(1) as pool:
            print(pool.submit(things.get).result())
        print(socketserver.threading is sys.modules["threading"], "Thread" in dir(threading))
    """)
    assert run.output.splitlines() == ["['MainThread'] 1", "True threading", "1", "True True"]
    assert {each.type for each in run.log.objects} == {"Queue", "Future", "ThreadPoolExecutor"}
    assert (len(run.log.threads), run.errors) == (2, "")


THREADS = """
import _thread, abc, importlib, threading
from concurrent.futures import ThreadPoolExecutor

def here():
    return isinstance(threading.current_thread(), threading.Thread)

def of_no_thread(told):
    told.append(here())
    ended.release()

class Worker(threading.Thread, abc.ABC):
    def run(self):
        print("worker", here(), isinstance(threading.current_thread(), Worker))

def all_of_them():
    print("main", here(), isinstance(threading.main_thread(), threading.Thread))
    with ThreadPoolExecutor(1) as pool:
        print("pool", pool.submit(here).result())
    ended.acquire()
    _thread.start_new_thread(of_no_thread, (told := [],))
    ended.acquire()
    print("none", told)
    ended.release()
    worker = Worker(name="worker")
    worker.start()
    worker.join()
    timer = threading.Timer(0, print, ("timer",))
    timer.start()
    timer.join()
    print("timer", isinstance(timer, threading.Thread), issubclass(threading.Timer, threading.Thread))
    print("alive", timer.is_alive())

ended = _thread.allocate_lock()
all_of_them()
"""
RELOADED = """
lock_a = threading.Lock()
threading.Lock = None
threading.excepthook = print
print(importlib.reload(threading) is threading, threading.Lock is not None, threading.excepthook is not print)
all_of_them()
with threading.Lock() as lock_b, lock_a:
    pass
"""


@pytest.mark.parametrize("program", [THREADS, THREADS + RELOADED], ids=["threads", "reloaded"])
def test_each_thread_is_an_instance_of_what_the_program_knows_as_thread(program: str) -> None:
    bare = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    run = run_script(program)
    # Reloading for real makes another class Thread, so that a Worker is none any more: there ours is milder.
    output = bare.stdout.replace("worker False", "worker True")
    assert (run.output, run.errors, bare.returncode) == (output, bare.stderr, 0)
    again = program.count("all_of_them()") - 1
    assert len(run.log.threads) == 1 + 3 * again  # with the pool's worker
    assert "lock_a" in {info.name for info in run.log.objects} or program == THREADS


def test_a_thread_with_a_name_that_looks_like_a_default_one_keeps_it() -> None:
    run = run_script("""
        from threading import Thread
        named = Thread(name="Thread-7", target=print), Thread(None, print, "Thread-8")
        for thread in (*named, Thread(target=print)):
            thread.start()
            thread.join()
    """)
    assert [info.name for info in run.log.threads[1:]] == ["Thread-7", "Thread-8", "print"]


def test_a_file_is_run_as_a_script(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("from threading import Lock\nmutex = Lock()\n")
    path = tmp_path / "program.py"
    path.write_text("import sys, helper\nwith helper.mutex:\n    print(__name__, __file__, sys.argv[1:])\n")
    run = run_script(path, "a", "b")
    assert run.output == f"__main__ {path} ['a', 'b']\n"
    assert run.text().startswith(
        "program.py: real clock, 1 thread.\nMainThread: acquires mutex; releases mutex"
    )
    assert {site.file for site in run.log.sites} == {"program.py", "helper.py"}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["helper.py", "program.py"]


def test_the_first_line_of_a_text_is_the_one_below_the_quotes() -> None:
    run = run_script(
        """
        from threading import Event
        Event().set()
    """,
        title="telling",
    )
    assert ({site.line for site in run.log.sites}, run.log.title) == ({2}, "telling")


def test_a_path_may_be_a_text() -> None:
    with pytest.raises(ScriptError, match=r"cannot read nowhere.py: No such file"):
        run_script("nowhere.py")


def alone() -> None:
    from threading import Lock

    lock = Lock()
    with lock:
        print("in a function")


def test_a_function_is_run_with_the_lines_that_it_has_at_home() -> None:
    run = run_script(alone)
    first = inspect.getsourcelines(alone)[1]
    places = {(site.file, site.line - first, site.function) for site in run.log.sites}
    assert places == {("test_scripting.py", 3, "alone"), ("test_scripting.py", 4, "alone")}
    assert (run.output, run.log.objects[0].name) == ("in a function\n", "lock")


@pytest.mark.parametrize("name", ["<ipython-input-7-abc>", "/tmp/ipykernel_12/345.py"], ids=["nbval", "lab"])
def test_a_function_of_a_notebook_has_the_lines_of_its_cell(name: str) -> None:
    text = "x = 1\n\ndef program():\n    import threading\n    threading.Event().set()\n    1 / 0\n"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope: dict[str, Callable[[], object]] = {}
    exec(compile(text, name, "exec"), scope)
    assert job_of(scope["program"], ()).file == CELL
    run = run_script(scope["program"])
    assert {(site.file, site.line) for site in run.log.sites} == {("cell", 5), ("cell", 6)}
    assert run.errors.splitlines()[1:-1] == ['  File "cell", line 6, in program', "    1 / 0"]


def with_a_parameter(number: int) -> None:
    print(number)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (with_a_parameter, "cannot run with_a_parameter alone"),
        (lambda: None, "cannot run <lambda> alone"),
        (3, "cannot run int objects"),
    ],
    ids=["parameter", "lambda", "number"],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(program: Callable[[], object], words: str) -> None:
    with pytest.raises(ScriptError, match=words):
        run_script(program)


def test_a_timeout_is_a_positive_number() -> None:
    with pytest.raises(ScriptError, match="timeout=0"):
        run_script("pass", timeout=0)


def test_an_interpreter_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"cannot start .*none: No such file"):
        run_script("pass", interpreter=tmp_path / "none")


@posix
def test_an_interpreter_that_cannot_import_the_package_is_said_so(tmp_path: Path) -> None:
    strange = tmp_path / "python"
    strange.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'x'\" >&2\nexit 1\n")
    strange.chmod(0o755)
    with pytest.raises(
        ScriptError, match=r"cannot import this package \(ModuleNotFoundError: .* 'x'\)\. Give"
    ):
        run_script("pass", interpreter=strange)


# Output


def test_output_is_bounded_and_decoded_whatever_it_is() -> None:
    run = run_script("import sys\nprint('é' * 200_000)\nsys.stderr.buffer.write(b'\\xff!')\n")
    assert (len(run.output), run.output[:2], run.errors) == (parent.MOST_OUTPUT + 2, "éé", "\ufffd!")


def test_the_text_shows_the_first_lines_of_what_was_written() -> None:
    run = run_script("for number in range(20): print(number)")
    assert run.text().splitlines()[-3:] == ["  10", "  11", "… and 8 more lines"]


def test_a_program_that_writes_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "RUNAWAY", 1 << 20)
    run = run_script("while True: print('x' * 1000)")
    assert run.ended == "stopped after 1 MB of output"
    assert fates(run) == {"MainThread": Fate.STILL_RUNNING}


def test_the_end_and_the_output_stand_below_the_figure() -> None:
    run = run_script("print('hello')")
    below = " ".join(text.get_text() for text in run.timeline().texts)
    assert "The program exited with code 0." in below
    assert "Output: hello" in below


# The parent


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run = run_script("import os, time\nprint(os.getpid())\nwhile True: time.sleep(1)", timeout=0.1)
    assert list(tmp_path.iterdir()) == []
    assert is_gone(int(run.output))


def is_gone(process: int) -> bool:
    if os.name != "posix":
        return True  # Popen.wait() has said so
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_an_interrupt_of_the_caller_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    children = []

    def interrupted(child: parent.Child) -> None:
        children.append(child.process)
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(parent.Child, "wait_until_all_is_over", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_script("while True: pass")
    assert children[0].returncode is not None
    assert list(tmp_path.iterdir()) == []


class SlowToBegin(parent.Child):
    """A child whose interpreter needs 20 s and its program one, by a clock that only waiting moves."""

    now = 0.0

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, "python", timeout=timeout)
        self.process = self  # type: ignore[assignment]

    def poll(self) -> int | None:
        """As of a Popen."""
        return 0 if self.now > 21 else None

    def kill(self) -> None: ...

    def pause(self, seconds: float) -> None:
        """Nobody waits for real."""
        self.now += 0.25
        if self.now == 20:
            parent.Pulse(self.folder).beat(0, 0)


@pytest.mark.parametrize(("timeout", "stopped"), [(1.5, ""), (0.5, "stopped after 0.5 s")])
def test_the_start_of_the_interpreter_does_not_count_for_the_time_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, timeout: float, stopped: str
) -> None:
    child = SlowToBegin(tmp_path, timeout)
    monkeypatch.setattr(parent, "perf_counter", lambda: child.now)
    child.wait_until_all_is_over()
    assert child.stopped == stopped


@posix
def test_the_child_ends_when_nobody_is_left_who_waits_for_it(tmp_path: Path) -> None:
    here, there = os.pipe()
    os.set_inheritable(there, True)
    script = f"while True: pass  # holds {there} open as long as it lives"
    program = f"""
        import os, subprocess, sys
        from tracing.scripting import parent
        start = subprocess.Popen
        parent.subprocess.Popen = lambda *args, **options: start(*args, **options, pass_fds=({there},))
        parent.Child.wait_until_all_is_over = lambda child: os._exit(7) if wait(child) else None
        def wait(child):
            while parent.Pulse(child.folder).seen() is None: pass
            return True
        parent.run_script({script!r})
    """
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", inspect.cleandoc(program)]
    done = subprocess.run(command, cwd=ROOT, env=environment, pass_fds=(there,), check=False, timeout=60)
    os.close(there)
    assert done.returncode == 7
    with open(here, "rb") as pipe:
        assert pipe.read() == b""  # returns when the last who could write has ended


def test_a_program_that_removes_the_folder_of_its_record_is_told_so() -> None:
    with pytest.raises(ScriptError, match=r"the program has removed .*tracing-.*leave that folder alone"):
        run_script("""
            import gc, shutil
            from tracing.scripting.job import Tail
            (tail,) = (each for each in gc.get_objects() if type(each) is Tail)
            shutil.rmtree(tail._path.parent)
        """)


def test_the_trace_may_be_saved_and_opened(tmp_path: Path) -> None:
    run = run_script(PROGRAM.format(imports=IMPORTS["threading"]))
    run.save(tmp_path / "run.trace")
    assert story(open_trace(tmp_path / "run.trace")) == story(run)
    assert isinstance(run, ScriptTrace)


def test_many_threads_and_primitives_are_numbered_and_named_as_in_a_record() -> None:
    run = run_script("""
        from threading import Lock, Thread
        from time import sleep

        forks = [Lock() for _ in range(3)]

        def eat(number):
            for _ in range(5):
                with forks[number]:
                    sleep(0.02)  # longer than the stream's beat, all in all

        for number in range(3):
            thread = Thread(target=eat, args=(number,), name=f"eater {number}")
            thread.start()
            thread.join()
    """)
    assert [thing.name for thing in run.log.objects] == ["forks[0]", "forks[1]", "forks[2]"]
    assert [info.name for info in run.log.threads] == ["MainThread", "eater 0", "eater 1", "eater 2"]
    assert [len(thing.holds) for thing in run.model.objects] == [5, 5, 5]
    assert [wait.outcome for wait in run.model.waits] == [Outcome.ENDED] * 3


def test_a_record_that_is_full_says_so_and_the_program_goes_on(tmp_path: Path) -> None:
    done = child_of(
        """
        from tracing.recorder import Recorder
        from tracing.runtime.system import System
        from tracing.scripting.child import ScriptRun
        from tracing.scripting.stream import Stream
        import pathlib, sys, threading, tracing
        recorder = Recorder()
        main = ScriptRun(recorder, System()).adopt(threading.main_thread(), None)
        stream = Stream(recorder, pathlib.Path(sys.argv[1]), python="3", max_events=3)
        main.enter()
        lock = tracing.Lock()
        for _ in range(4):
            with lock:
                stream.flush()
        stream.finish("done")
    """,
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    log = open_trace(tmp_path / "trace").log
    assert (len(log), log.ending.reason) == (3, "full")
    assert log.notes == ("the record was full after 3 events",)


def child_of(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", inspect.cleandoc(program), str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@posix
def test_a_forked_process_does_not_write_into_the_record() -> None:
    run = run_script("""
        import os
        from threading import Lock

        lock = Lock()
        if not (child := os.fork()):
            with lock:
                os._exit(5)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        with lock:
            pass
    """)
    assert (run.output, run.ended) == ("5\n", "exited")
    assert [event.kind for event in run] == [Kind.BEGAN, Kind.ACQUIRED, Kind.RELEASED, Kind.ENDED]


def test_the_child_loads_nothing_that_draws() -> None:
    run = run_script("import sys; print({'numpy', 'matplotlib', 'ipywidgets'} & set(sys.modules))")
    assert run.output == "set()\n"
