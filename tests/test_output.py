"""What a simulated program prints appears at the end, and its streams are meanwhile what they are."""

from __future__ import annotations

import contextlib
import io
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tracing import simulate


@pytest.fixture
def file(tmp_path: Path) -> Iterator[io.TextIOWrapper]:
    with open(tmp_path / "output", "w", encoding="latin-1") as file:
        yield file


def into(file: io.TextIOWrapper) -> contextlib.redirect_stdout[io.TextIOWrapper]:
    return contextlib.redirect_stdout(file)


def written(file: io.TextIOWrapper) -> bytes:
    if not file.closed:
        file.flush()
    return Path(file.name).read_bytes()


ASKED: dict[str, Callable[[Any], object]] = {
    "fileno": lambda stream: stream.fileno(),
    "isatty": lambda stream: stream.isatty(),
    "encoding": lambda stream: stream.encoding,
    "errors": lambda stream: stream.errors,
    "name": lambda stream: stream.name,
    "mode": lambda stream: stream.mode,
    "line_buffering": lambda stream: stream.line_buffering,
    "writable": lambda stream: stream.writable(),
    "readable": lambda stream: stream.readable(),
    "newlines": lambda stream: stream.newlines,
    "closed": lambda stream: stream.closed,
    "repr": repr,
    "its kind": lambda stream: isinstance(stream, io.TextIOWrapper),
    "buffer.raw": lambda stream: stream.buffer.raw.fileno(),
    "buffer's kind": lambda stream: isinstance(stream.buffer, io.BufferedIOBase),
    "buffer.name": lambda stream: stream.buffer.name,
    "no such": lambda stream: hasattr(stream, "no_such_thing"),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_a_stream_answers_in_a_simulated_run_as_before(
    file: io.TextIOWrapper, ask: Callable[[Any], object]
) -> None:
    with into(file):
        before = ask(sys.stdout)
        with simulate():
            during = ask(sys.stdout)
        assert (during, ask(sys.stdout), sys.stdout is file) == (before, before, True)


@pytest.mark.parametrize("name", ["buffer", "fileno", "reconfigure", "encoding", "isatty", "getvalue"])
def test_a_stream_in_memory_has_what_it_has_and_nothing_else(name: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        with simulate():
            during = hasattr(sys.stdout, name), isinstance(sys.stdout, io.TextIOBase)
        assert during == (hasattr(out, name), True)


def mixed() -> None:
    print("one", flush=True)
    sys.stdout.buffer.write(b"two\n")
    sys.stdout.buffer.flush()
    sys.stdout.writelines(["three\n", "vier: ü\n"])


def again_in_utf8() -> None:
    print("ü")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    print("ü", sys.stdout.encoding, sys.stdout.errors)


def not_in_the_encoding() -> None:
    try:
        print("10 €")
    except UnicodeEncodeError as error:
        print(error)


def no_text() -> None:
    for thing in (b"bytes", 5, None):
        try:
            sys.stdout.write(thing)  # type: ignore[arg-type]
        except TypeError as error:
            print(error)


def no_bytes() -> None:
    try:
        sys.stdout.buffer.write("text")  # type: ignore[arg-type]
    except TypeError as error:
        print(error)


def another_in_front() -> None:
    print("one")
    sys.stdout = io.TextIOWrapper(sys.stdout.detach(), encoding="utf-8")  # type: ignore[union-attr]
    print("two: ü")


def closed() -> None:
    print("one")
    sys.stdout.close()
    try:
        print("two")
    except ValueError as error:
        raise SystemExit(str(error)) from None


PRINTING = [mixed, again_in_utf8, not_in_the_encoding, no_text, no_bytes, another_in_front, closed]


@pytest.mark.parametrize("printing", PRINTING)
def test_what_is_printed_in_a_simulated_run_is_what_is_printed_without(
    printing: Callable[[], None], tmp_path: Path
) -> None:
    results = []
    for name in ("bare", "simulated"):
        detached = contextlib.suppress(ValueError)  # by the program: there is nothing to be closed
        with detached, open(tmp_path / name, "w", encoding="latin-1") as file, into(file):
            ended = ""
            try:
                with simulate() if name == "simulated" else contextlib.nullcontext():
                    printing()
            except SystemExit as error:
                ended = str(error)
            with contextlib.suppress(ValueError):
                sys.stdout.flush()
        results.append(((tmp_path / name).read_bytes(), ended))
    assert results[0] == results[1]


def test_nothing_appears_before_the_end(file: io.TextIOWrapper) -> None:
    with into(file), simulate():
        print("text", flush=True)
        sys.stdout.buffer.write(b"bytes")
        assert written(file) == b""
    assert written(file) == b"text\nbytes"


def test_what_another_process_writes_there_does_not_wait(file: io.TextIOWrapper) -> None:
    command = [sys.executable, "-c", "print('from another process')"]
    with into(file), simulate(timeout=60):
        print("held back")
        subprocess.run(command, stdout=sys.stdout, check=True)
    assert written(file).split(b"\n") == [b"from another process", b"held back", b""]


@pytest.mark.parametrize("memory", [False, True], ids=["file", "memory"])
def test_a_handler_that_was_made_in_a_run_works_after_it(memory: bool, tmp_path: Path) -> None:
    stream: Any = io.StringIO() if memory else open(tmp_path / "log", "w+")  # noqa: SIM115
    logger = logging.Logger("of the program")
    with contextlib.redirect_stderr(stream):
        with simulate():
            logger.addHandler(logging.StreamHandler())
            logger.warning("in the run")
        logger.warning("after it")
    stream.flush()
    stream.seek(0)
    assert stream.read() == "in the run\nafter it\n"
    stream.close()


def test_what_stood_in_for_a_stream_may_be_collected_without_closing_it(file: io.TextIOWrapper) -> None:
    for _ in range(3):
        with into(file), simulate():
            print("line")
    assert (written(file), file.closed) == (b"line\n" * 3, False)


def test_where_there_is_no_stream_there_is_none_in_a_run_either() -> None:
    with contextlib.redirect_stdout(None), simulate():
        during = sys.stdout
        print("to nobody")
    assert during is None


def test_a_stream_that_was_closed_before_refuses_at_once(file: io.TextIOWrapper) -> None:
    file.close()
    with into(file), simulate(), pytest.raises(ValueError, match="closed file"):
        print("to nobody")


def test_one_stream_for_both_keeps_its_order() -> None:
    with contextlib.redirect_stdout(io.StringIO()) as both, contextlib.redirect_stderr(both), simulate():
        for number in range(4):
            print(number, file=(sys.stdout, sys.stderr)[number % 2])
    assert both.getvalue() == "0\n1\n2\n3\n"
