"""`python -m tracing`: a program run as if we were not there, and what is said of it."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tracing
from tracing.commanding import command, main
from tracing.commanding.command import _flags
from tracing.commanding.options import UsageError, parse, parser, split
from tracing.files import open_log
from tracing.scripting.uncaught import report, without_ours
from tracing.tweaking.tweaking import _told

ROOT = Path(tracing.__file__).resolve().parent.parent
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

HANGS = """
from threading import Lock, Thread

first, second = Lock(), Lock()

def other():
    with second:
        with first:
            print("never")

with first:
    thread = Thread(target=other, name="other")
    thread.start()
    while not second.locked():
        pass
    second.acquire()
"""
RACES = """
from threading import Thread, Lock

lock, money = Lock(), {"all": 0}

def pay():
    with lock:
        seen = money["all"]
    with lock:
        money["all"] = seen + 1

threads = [Thread(target=pay) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert money["all"] == 2, money
"""


def environment(**more: str) -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **more}


def traced(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tracing", *words],
        cwd=folder,
        env=environment(),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def bare(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment(),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_options_stand_before_the_program_and_everything_after_it_is_the_program_s() -> None:
    assert split(["-q", "--seed", "3", "a.py", "-q", "--", "x"]) == (
        ["-q", "--seed", "3"],
        ["a.py", "-q", "--", "x"],
    )
    assert split(["--seed=3", "-m", "a", "-q"]) == (["--seed=3"], ["-m", "a", "-q"])
    assert split(["-q", "--", "-odd.py", "x"]) == (["-q"], ["-odd.py", "x"])
    assert split(["-ofile.png", "-"]) == (["-o=file.png"], ["-"])
    assert split(["-q"]) == (["-q"], [])


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        (["python", "-m", "tracing", "a.py"], ()),
        (["python", "-u", "-X", "dev", "-m", "tracing", "a.py"], ("-u", "-X", "dev")),
        (["python", "-Im", "tracing", "a.py"], ("-I",)),
        (["python", "-u", "-mtracing", "a.py"], ("-u",)),
        (["python", "-E", "/bin/threads-course", "a.py"], ("-E",)),
        (["python", "-u", "-c", "from tracing.commanding import main; main()", "a.py"], ("-u",)),
    ],
)
def test_the_program_s_interpreter_gets_the_options_of_ours(words: list[str], flags: tuple[str, ...]) -> None:
    assert _flags(words, 1) == flags


ABOUT = """
import sys
here = sys.modules["__main__"]
print(__name__, __file__ if "__file__" in vars() else None, __package__, __spec__ and __spec__.name)
print(sys.argv, sys.path[0], here.__dict__ is globals(), sys.stdin.readline(), sys.stdout.encoding)
print(sys.stdout.line_buffering, sys.flags.dev_mode)
"""


@pytest.mark.parametrize(
    "words",
    [
        ("a.py", "--seed", "x"),
        ("./sub/../a.py",),
        ("-m", "a", "-q"),
        ("-m", "sub.b"),
        ("-m", "sub"),
        ("-c", ABOUT, "-m"),
        ("sub", "x"),
        ("linked.py",),
    ],
    ids=" ".join,
)
def test_a_program_is_told_about_itself_what_it_is_told_without_us(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.py", "sub/b.py", "sub/__main__.py"):
        (tmp_path / name).write_text(ABOUT)
    (tmp_path / "sub/__init__.py").write_text("")
    (tmp_path / "linked.py").symlink_to(tmp_path / "sub" / "b.py")
    without, with_ = bare(tmp_path, *words, stdin="a line\n"), traced(tmp_path, *words, stdin="a line\n")
    assert with_.stdout == without.stdout
    assert (with_.returncode, without.returncode) == (0, 0)


@pytest.mark.parametrize(
    "program",
    [
        "raise SystemExit(5)",
        "raise SystemExit('no')",
        "1/0",
        "def",
        "import os; os._exit(7)",
    ],
)
def test_the_exit_status_is_the_program_s_own(tmp_path: Path, program: str) -> None:
    (tmp_path / "a.py").write_text(program)
    without, with_ = bare(tmp_path, "a.py"), traced(tmp_path, "a.py")
    assert (with_.returncode, with_.stdout) == (without.returncode, without.stdout)


@posix
@pytest.mark.parametrize("options", [(), ("--simulate",)], ids=["recorded", "simulated"])
def test_the_program_inherits_what_it_inherits_without_us(tmp_path: Path, options: tuple[str, ...]) -> None:
    """`program.py 3< file`, a socket that is handed over, make's jobserver."""
    (tmp_path / "reads.py").write_text("import os, sys; print(os.read(int(sys.argv[1]), 9))")
    reading, writing = os.pipe()
    os.write(writing, b"words")
    done = subprocess.run(
        [sys.executable, "-m", "tracing", *options, "reads.py", str(reading)],
        cwd=tmp_path,
        env=environment(),
        pass_fds=[reading],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(reading)
    os.close(writing)
    assert (done.returncode, done.stdout) == (0, "b'words'\n")


def test_an_uncaught_exception_is_told_as_the_interpreter_tells_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f():\n    raise ValueError('no')\nf()\n")
    assert traced(tmp_path, "a.py").stderr.startswith(bare(tmp_path, "a.py").stderr)


ENDLESS = {
    "main": "def f(n):\n    return f(n + 1)\nf(0)\n",
    "thread": "from threading import Thread\ndef f(): f()\nThread(target=f, name='other').start()\n",
}


@pytest.mark.parametrize("where", ENDLESS)
def test_a_recursion_without_end_is_told_as_the_interpreter_tells_it(tmp_path: Path, where: str) -> None:
    (tmp_path / "a.py").write_text(ENDLESS[where])
    told, said = (
        re.sub(r"repeated \d+ more", "repeated n more", run(tmp_path, "a.py").stderr)  # frames of ours count
        for run in (bare, traced)
    )
    last = "".join(told.splitlines(keepends=True)[-4:])
    assert last.splitlines()[-1].startswith("RecursionError")
    assert last in said
    assert str(ROOT / "tracing") not in said


def test_a_program_in_a_folder_called_nearly_as_the_package_is_told_of_with_its_lines() -> None:
    program = compile("1 / 0", str(ROOT / "tracing_demo" / "a.py"), "exec")
    with pytest.raises(ZeroDivisionError) as caught:
        exec(program)
    trace = caught.value.__traceback__
    assert trace is not None
    assert without_ours(trace.tb_next)
    assert "in <module>" in _told(caught.value)


def test_an_error_that_came_from_very_many_others_is_told() -> None:
    error = ValueError("the first")
    for number in range(2000):
        before, error = error, ValueError(f"number {number}")
        error.__context__ = before
    assert report(error).endswith("ValueError: number 1999\n")


@pytest.mark.parametrize("name", ["nowhere", "nowhere.below", "json.nowhere", "json.tool.below"])
def test_a_module_that_is_not_there_is_told_as_by_the_interpreter(tmp_path: Path, name: str) -> None:
    without, with_ = bare(tmp_path, "-m", name), traced(tmp_path, "-m", name)
    assert (with_.returncode, with_.stderr) == (without.returncode, without.stderr) == (1, without.stderr)


def test_a_program_that_hangs_is_ended_and_diagnosed_within_two_seconds(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HANGS)
    began = time.perf_counter()
    done = traced(tmp_path, "--json", "told.json", "a.py")
    told = json.loads((tmp_path / "told.json").read_text())
    assert done.returncode == told["exit_status"] == 3
    assert told["reason"] == "hung"
    assert [finding["kind"] for finding in told["findings"]][:1] == ["deadlock"]
    assert "Deadlock" in done.stderr
    assert told["duration"] < 2
    assert time.perf_counter() - began < 20  # on whatever machine


def test_a_program_that_is_simulated_and_hangs_gives_the_same_status(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import threading\nthreading.Event().wait()\n")
    done = traced(tmp_path, "--simulate", "a.py")
    assert (done.returncode, done.stdout) == (3, "")


def test_a_time_out_ends_the_program_with_124_and_keeps_the_record(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(60)\n")
    done = traced(tmp_path, "--timeout", "0.5", "-o", "run.jsonl", "a.py")
    assert (done.returncode, done.stdout) == (124, "begun\n")
    assert [event.kind.name for event in open_log(tmp_path / "run.jsonl")] == ["BEGAN", "SLEEP"]


BLOCKED = """
import socket
from threading import Lock, Thread
from time import sleep

lock, (here, there) = Lock(), socket.socketpair()

def keep():
    with lock:
        here.recv(1)

def other():
    with lock:
        pass

Thread(target=keep, name="keeper").start()
Thread(target=other, name="other").start()
sleep(60)
"""


def test_a_time_out_says_where_threads_stood_that_wait_for_nothing_recorded(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(BLOCKED)
    done = traced(tmp_path, "--timeout", "1", "a.py")
    assert done.returncode == 124
    _, told = done.stderr.split("Not waiting at the end:\n")
    main, keeper, *_ = told.splitlines()
    assert re.fullmatch(r"- MainThread has slept [\d.]+ m?s at line 18\.", main)
    assert keeper == "- keeper was last seen at line 10."
    assert "other has waited" not in told


UNRECORDED = """
import functools, os, threading

read, write = os.pipe()

class Sheet:
    @functools.cached_property
    def size(self):
        return os.read(read, 1)

threading.Thread(target=lambda: Sheet().size, name="reader").start()
os.read(read, 1)
"""


def test_a_time_out_says_where_threads_stood_that_have_done_nothing_that_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(UNRECORDED)
    done = traced(tmp_path, "--timeout", "1", "a.py")
    assert done.returncode == 124
    _, told = done.stderr.split("Not waiting at the end:\n")
    assert told.splitlines()[:2] == [
        "- MainThread was last seen at line 12.",
        "- reader was last seen at line 9.",
    ]


def interrupted(
    folder: Path, send: Callable[[subprocess.Popen[str]], None], *words: str
) -> tuple[int, str, str]:
    """Of a program that says when it is ready to be sent a signal."""
    with subprocess.Popen(
        [sys.executable, "-m", "tracing", *words],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        send(process)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


WAITS = (
    "import signal, threading\n{}print('ready', flush=True)\nwhile True:\n    threading.Event().wait(0.1)\n"
)
DEFAULT = "signal.signal(signal.SIGINT, signal.default_int_handler)\n"


@posix
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)], ids=["SIGINT", "SIGTERM"]
)
@pytest.mark.parametrize("options", [(), ("--simulate",)], ids=["recorded", "simulated"])
def test_a_signal_ends_the_program_and_the_record_is_kept(
    tmp_path: Path, number: int, status: int, options: tuple[str, ...]
) -> None:
    sleeping = "while True: pass\n" if options else ""
    text = WAITS.format(DEFAULT)
    if options:  # what is printed waits for the end: say it past the streams
        text = text.replace("print('ready', flush=True)", f"import os; os.write(1, b'ready\\n')\n{sleeping}")
    (tmp_path / "a.py").write_text(text)
    code, _, told = interrupted(
        tmp_path, lambda process: process.send_signal(number), *options, "-o", "run.jsonl.gz", "a.py"
    )
    assert (code, "Written: run.jsonl.gz" in told) == (130 if options else status, True)
    assert len(open_log(tmp_path / "run.jsonl.gz")) >= 1


LATE = """
import signal, sys
if "elsewhere" in sys.argv:  # as on macOS
    del signal.sigtimedwait
from tracing.commanding import command, main

write, number = command.write, int(sys.argv[1])

def interrupted(run, name):
    command.write = write
    for _ in range(int(sys.argv[2])):
        signal.raise_signal(number)
    write(run, name)

command.write = interrupted
options = ["--json", "told.json", "-o", "one.jsonl", "-o", "two.jsonl", "--dump-signal", "USR1"]
sys.exit(main([*options, "-c", "print('done')"]))
"""


@posix
@pytest.mark.parametrize("system", ["here", "elsewhere"])
@pytest.mark.parametrize(
    ("name", "times", "status", "files"),
    [
        ("SIGINT", 1, 130, ["one.jsonl", "told.json", "two.jsonl"]),
        ("SIGTERM", 1, -15, ["one.jsonl", "told.json", "two.jsonl"]),
        ("SIGUSR1", 2, 0, ["one.jsonl", "told.json", "two.jsonl"]),  # asks what nobody waits for any more
        ("SIGINT", 2, 130, []),
        ("SIGTERM", 2, -15, []),
    ],
)
def test_a_signal_that_comes_while_files_are_written_waits_until_all_are_there(
    tmp_path: Path, system: str, name: str, times: int, status: int, files: list[str]
) -> None:
    done = bare(tmp_path, "-c", LATE, str(int(signal.Signals[name])), str(times), system)
    assert (done.returncode, done.stdout) == (status, "done\n")
    assert sorted(each.name for each in tmp_path.iterdir()) == files


@posix
def test_a_signal_with_a_handler_is_the_program_s_own_and_comes_once(tmp_path: Path) -> None:
    handler = "signal.signal(signal.SIGTERM, lambda *_: print('caught', flush=True))\n"
    (tmp_path / "a.py").write_text(WAITS.format(handler).replace("while True", "for _ in range(10)"))
    code, out, _ = interrupted(tmp_path, lambda process: process.send_signal(signal.SIGTERM), "a.py")
    assert (code, out) == (0, "caught\n")


@posix
def test_a_ctrl_c_at_the_terminal_comes_to_the_program_once(tmp_path: Path) -> None:
    import pty

    (tmp_path / "a.py").write_text(
        "import signal, time\nsignal.signal(signal.SIGINT, lambda *_: print('caught', flush=True))\n"
        "print('ready', flush=True)\ntime.sleep(1)\n"
    )
    process, terminal = pty.fork()
    if not process:
        os.chdir(tmp_path)
        os.execve(sys.executable, [sys.executable, "-m", "tracing", "-q", "a.py"], environment())
    seen = b""
    sent = False
    while True:
        try:
            more = os.read(terminal, 1024)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        seen += more
        if b"ready" in seen and not sent:
            sent = True
            os.write(terminal, b"\x03")
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    os.close(terminal)
    assert (status, seen.count(b"caught")) == (0, 1)


@posix
def test_a_program_that_is_killed_ends_us_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    assert traced(tmp_path, "a.py").returncode == -9


def test_a_schedule_that_fails_is_found_and_can_be_replayed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(RACES)
    found = traced(tmp_path, "--explore", "200", "--json", "-", "a.py")
    assert found.returncode == 1
    told = json.loads(found.stdout)
    assert told["exploration"]["failure"]["kind"] == "raised"
    said = " ".join(found.stderr.split())
    assert [said.count(finding["sentence"]) for finding in told["findings"]] == [1, 1]
    (line,) = (line for line in found.stderr.splitlines() if line.startswith("To see it again: "))
    words = line.removeprefix("To see it again: python -m tracing ").split()
    again = traced(tmp_path, *words)
    assert again.returncode == 1
    assert "AssertionError: {'all': 1}" in again.stderr


def test_a_seed_gives_the_same_run_each_time(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(RACES.replace("assert", "print(money); assert True or"))
    for name in ("one.jsonl", "two.jsonl"):
        assert traced(tmp_path, "--seed", "5", "-o", name, "a.py").returncode == 0
    assert open_log(tmp_path / "one.jsonl") == open_log(tmp_path / "two.jsonl")


def test_files_are_written_by_their_suffixes_and_none_is_replaced_unasked(tmp_path: Path) -> None:
    names = ["run.jsonl", "run.jsonl.gz", "run.png", "run.perfetto.json"]
    words = [word for name in names for word in ("-o", name)]
    assert traced(tmp_path, *words, "-c", "import threading").returncode == 0
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "run.perfetto.json").read_text())["traceEvents"]
    again = traced(tmp_path, "-o", "run.png", "-c", "print('never')")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == (
        "tracing: -o run.png: there is such a file already; give another name, or -f to replace it.\n"
    )
    assert traced(tmp_path, "-f", "-o", "run.png", "-c", "").returncode == 0


def test_source_lines_may_be_left_out_of_files(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import threading\nsecret = threading.Lock()\nwith secret: pass\n")
    assert traced(tmp_path, "-o", "a.jsonl", "a.py").returncode == 0
    assert traced(tmp_path, "-o", "b.jsonl", "--no-source", "a.py").returncode == 0
    assert "with secret: pass" in (tmp_path / "a.jsonl").read_text()
    assert "with secret: pass" not in (tmp_path / "b.jsonl").read_text()


def test_source_lines_are_left_out_of_where_threads_stood_at_the_end(tmp_path: Path) -> None:
    lines = ["import threading", "secret = threading.Lock()", "secret.acquire()", "secret.acquire()"]
    (tmp_path / "a.py").write_text("\n".join(lines))
    assert traced(tmp_path, "-o", "a.jsonl", "a.py").returncode == 3
    assert traced(tmp_path, "-o", "b.jsonl", "--no-source", "a.py").returncode == 3
    assert "secret.acquire()" in (tmp_path / "a.jsonl").read_text()
    assert "secret.acquire()" not in (tmp_path / "b.jsonl").read_text()


def test_quiet_says_nothing_where_nothing_is_wrong_and_json_comes_after_the_output(tmp_path: Path) -> None:
    done = traced(tmp_path, "-q", "--json", "-", "-c", "print('mine')")
    first, _, rest = done.stdout.partition("\n")
    assert (first, done.stderr) == ("mine", "")
    told: dict[str, Any] = json.loads(rest)
    assert told["format"] == 1
    assert (told["exit_status"], told["reason"], told["findings"]) == (0, "exited", [])


@posix
def test_what_is_no_text_stands_in_the_json_as_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('mine')\n")
    for name in ("told.json", "-"):
        done = traced(tmp_path, "-q", "--json", name, "a.py", "\udcff", "é")
        assert (done.returncode, done.stderr) == (0, "")
        text = done.stdout.partition("\n")[2] if name == "-" else (tmp_path / name).read_text()
        assert json.loads(text)["program"] == ["a.py", "\udcff", "é"]


def test_a_json_file_that_cannot_be_completed_leaves_the_one_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(old: str, new: str) -> None:
        raise OSError(28, "No space left on device")

    told = tmp_path / "told.json"
    told.write_text("of yesterday")
    monkeypatch.setattr(os, "replace", fail)
    command._write_json(str(told), {})
    assert "told.json cannot be written: No space left on device." in capsys.readouterr().err
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("told.json", "of yesterday")]


def test_a_program_may_come_from_standard_input(tmp_path: Path) -> None:
    done = traced(tmp_path, "-q", "-", "x", stdin="import sys\nprint(sys.argv)\n")
    assert done.stdout == "['-', 'x']\n"


def test_the_version_is_said(tmp_path: Path) -> None:
    done = traced(tmp_path, "--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "tracing")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "there is no program to run"),
        (("--bogus", "a.py"), "unrecognized arguments: --bogus"),
        (("--seed", "x", "a.py"), "--seed: 'x' is no whole number"),
        (("--timeout", "-1", "a.py"), "'-1' is no number of seconds above 0"),
        (("--explore", "0", "a.py"), "'0' is no whole number from 1 on"),
        (("--replay", "x", "a.py"), "'x' is no token that --explore prints"),
        (("--explore", "5", "--replay", "-", "a.py"), "give one of the two"),
        (("-o", "run.gif", "a.py"), "has to end in one of .jsonl"),
        (("-o", "nowhere/run.png", "a.py"), "there is no folder nowhere"),
        (("-m",), "-m needs the name of a module"),
        (("-c",), "-c needs the text of a program"),
        (("--explore", "abc", "a.py"), "'abc' is no whole number from 1 on"),
        (("--timeout", "abc", "a.py"), "'abc' is no number of seconds above 0"),
        (("-f", "-o", "folder.png", "a.py"), "-o folder.png: that is a folder; name a file."),
    ],
)
def test_wrong_usage_is_said_in_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    status, told = main(list(words)), capsys.readouterr()
    assert (status, told.out) == (2, "")
    assert complaint in told.err
    assert len(told.err.splitlines()) == 1


def configured(folder: Path, table: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.threads-course]\n{table}\n")
    return folder


def test_defaults_stand_in_pyproject_and_the_command_line_goes_before_them(tmp_path: Path) -> None:
    folder = configured(tmp_path, 'timeout = 3\nseed = 4\nsource = false\noutput = ["a.png"]')
    options, program = parse(["--timeout", "9", "a.py"], folder)
    assert (options.timeout, options.seed, options.simulate, options.source) == (9, 4, True, False)
    assert (options.output, program) == (["a.png"], ["a.py"])
    assert parse(["--source", "-o", "b.png", "a.py"], folder)[0].source is True


def test_a_pyproject_without_a_table_of_tools_has_no_defaults_of_ours(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("tool = 3\n")
    assert parse(["a.py"], tmp_path)[1] == ["a.py"]


def test_the_page_of_your_own_program_names_each_option() -> None:
    page = (ROOT / "docs" / "your-own-program.md").read_text(encoding="utf-8")
    table = page.partition("\n## Options\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(--?[a-z-]+)", table))
    for option in parser().options:
        if option.dest != "help" and option.help != argparse.SUPPRESS:
            assert named & set(option.option_strings), option.option_strings


def test_the_case_on_the_page_of_your_own_program_is_told_there_as_it_is_told(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "your-own-program.md").read_text(encoding="utf-8")
    program = page.partition("```python\n")[2].partition("```")[0]
    hangs = tmp_path / "transfer.py"
    hangs.write_text(program, encoding="utf-8")
    told = traced(tmp_path, "transfer.py")
    assert told.returncode == 3
    deadlock = told.stderr.partition("Findings:\n")[2].partition("\n\n")[0]
    assert deadlock in page
    hangs.write_text(program.replace("(checking, savings)", "(savings, checking)"), encoding="utf-8")
    cured = traced(tmp_path, "--explore", "1000", "transfer.py")
    assert cured.returncode == 0
    assert cured.stderr.partition("\nWaits:")[0] in page


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("tiemout = 3", "has 'tiemout', which is no option"),
        ("quiet = 3", "quiet = 3 is of the wrong kind"),
        ("timeout = true", "timeout = True is of the wrong kind"),
        ("timeout = -1", "'-1' is no number of seconds above 0"),
        ("timeout = ", "pyproject.toml cannot be read"),
    ],
)
def test_a_wrong_default_is_said_in_one_sentence(tmp_path: Path, table: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint.replace("(", r"\(")):
        parse(["a.py"], configured(tmp_path, table))


@pytest.mark.parametrize("how", [[], ["--simulate"]])
def test_a_title_stands_in_place_of_the_program_s_name(tmp_path: Path, how: list[str]) -> None:
    done = traced(tmp_path, *how, "--title", "The office", "-o", "run.jsonl", "-c", "print(1)")
    assert (done.returncode, done.stdout) == (0, "1\n")
    assert open_log(tmp_path / "run.jsonl").title == "The office"


HOOKS = """
import threading
from unittest import mock

class Mine: ...

seen = []
threading.excepthook = seen.append  # no function of the program's: as a library's
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
print([each.exc_type for each in seen])
for name in ("Thread", "Lock", "active_count"):
    before = getattr(threading, name)
    with mock.patch.object(threading, name, Mine):
        print(getattr(threading, name) is Mine)
    print(getattr(threading, name) is before)
"""


def test_hooks_of_libraries_and_names_that_are_patched_for_a_while_are_as_without_us(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HOOKS, encoding="utf-8")
    alone, done = bare(tmp_path, "a.py"), traced(tmp_path, "-q", "a.py")
    assert alone.stdout.splitlines() == ["[<class 'ZeroDivisionError'>]", *["True"] * 6]
    assert done.stdout == alone.stdout
    assert done.returncode == 0


CHANGED_MEANWHILE = """
import threading, time
jobs = {1: 1, 2: 2}
def report():
    for _ in jobs:
        reading.set()
        goes_on.wait()
reading, goes_on = threading.Event(), threading.Event()
thread = threading.Thread(target=report)
thread.start()
reading.wait()
jobs[3] = 3
goes_on.set()
thread.join()
"""
QUIET = "import threading\nthread = threading.Thread(target=print)\nthread.start()\nthread.join()\n"


@pytest.mark.parametrize(
    ("program", "then"),
    [
        (QUIET, "--explore 1000 it.py"),  # what the threads do to variables was not seen
        (CHANGED_MEANWHILE, "--explore 1000 it.py"),  # the finding says that this tells more
        (f"{QUIET}raise ValueError", "-o run.png it.py"),
    ],
)
def test_what_to_type_next_is_what_tells_more(tmp_path: Path, program: str, then: str) -> None:
    (tmp_path / "it.py").write_text(program)
    said = traced(tmp_path, "it.py").stderr
    assert f"\nNext: python -m tracing {then}  (" in said
