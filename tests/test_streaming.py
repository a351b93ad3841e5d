"""The record of a process while it is written: how much work that is, and what is on the disk at any time."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tracing import open_trace
from tracing.events import Kind
from tracing.recorder import Identity, Recorder, ThreadLog, merging
from tracing.scripting import stream as streaming
from tracing.scripting.stream import Stream


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    recorder.add_thread("main")
    yield recorder
    recorder.close()


def another_thread(recorder: Recorder, kept: list[object]) -> None:
    """Begins and ends."""
    log = recorder.add_thread("worker", parent=1)
    log.extend((recorder.began + log.number, int(Kind.BEGAN), recorder.began + log.number, int(Kind.ENDED)))


class Thing:
    pass


def another_primitive(recorder: Recorder, kept: list[object]) -> None:
    """Is made and used."""
    thing = Thing()
    identity = Identity("Lock", thing)
    kept += [thing, identity]
    recorder.logs[0].extend((recorder.began + len(kept), identity.code(Kind.ACQUIRED, None)))


def work_of(happens: Callable[[Recorder, list[object]], None], times: int, folder: Path) -> int:
    """Threads looked at, things named and rows written where something new happens before each beat."""
    work: Counter[str] = Counter()
    recorder = Recorder()
    recorder.add_thread("main")
    kept: list[object] = []
    with pytest.MonkeyPatch.context() as patch:

        def counted(owner: object, name: str, size: Callable[..., int]) -> None:
            original = getattr(owner, name)

            def counting(*args: object, **named: object) -> object:
                work[name] += size(*args)
                return original(*args, **named)

            patch.setattr(owner, name, counting)

        counted(merging, "name_all", len)
        counted(ThreadLog, "take", lambda log: 1)
        counted(streaming.Writer, "_line", lambda *args: 1)
        folder.mkdir()
        stream = Stream(recorder, folder, python="3")
        for _ in range(times):
            happens(recorder, kept)
            stream.flush()
        stream.finish("done")
    recorder.close()
    return sum(work.values())


@pytest.mark.parametrize("happens", [another_thread, another_primitive])
def test_the_work_of_a_stream_grows_as_the_program_does_and_no_faster(
    happens: Callable[[Recorder, list[object]], None], tmp_path: Path
) -> None:
    small, large = (work_of(happens, times, tmp_path / f"{times}") for times in (500, 2_000))
    assert large < 6 * small, f"{large} for four times as much, after {small}"  # its square would be 16 times


def test_texts_are_taken_once(recorder: Recorder) -> None:
    for number in range(5):
        recorder.text(f"note {number}")
    assert [recorder.texts_after(number)[:1] for number in (0, 4, 5)] == [["note 0"], ["note 4"], []]


def names(folder: Path) -> list[str]:
    return [info.name for info in open_trace(folder / "trace").log.threads]


def test_a_long_stream_gives_hasty_names_and_at_its_end_the_right_ones(
    recorder: Recorder, tmp_path: Path
) -> None:
    stream = Stream(recorder, tmp_path, python="3")
    for number in range(1, 251):
        another_thread(recorder, [])
        stream.flush()
        hasty = names(tmp_path)
        assert len(set(hasty)) == len(hasty) == number + 1
    stream.finish("done")
    assert names(tmp_path) == ["main", *(f"worker-{number}" for number in range(1, 251))]


def test_as_long_as_there_are_few_each_beat_leaves_the_right_names(
    recorder: Recorder, tmp_path: Path
) -> None:
    stream = Stream(recorder, tmp_path, python="3")
    another_thread(recorder, [])
    stream.flush()
    assert names(tmp_path) == ["main", "worker"]
    another_thread(recorder, [])
    stream.flush()
    assert names(tmp_path) == ["main", "worker-1", "worker-2"]


def one_more(recorder: Recorder, stream: Stream) -> None:
    another_thread(recorder, [])
    stream.flush()


def test_a_stream_keeps_no_file_open_so_that_the_program_may_close_what_it_likes(
    recorder: Recorder, tmp_path: Path
) -> None:
    before = len(os.listdir("/dev/fd")) if os.path.exists("/dev/fd") else 0
    stream = Stream(recorder, tmp_path, python="3")
    one_more(recorder, stream)
    after = len(os.listdir("/dev/fd")) if os.path.exists("/dev/fd") else 0
    assert (before, names(tmp_path)) == (after, ["main", "worker"])


def test_what_could_not_be_written_is_written_with_the_next_beat(recorder: Recorder, tmp_path: Path) -> None:
    folder, aside = tmp_path / "folder", tmp_path / "aside"
    folder.mkdir()
    stream = Stream(recorder, folder, python="3")
    one_more(recorder, stream)
    folder.rename(aside)
    one_more(recorder, stream)  # no folder, no file: not a word
    assert names(aside) == ["main", "worker"]
    aside.rename(folder)
    one_more(recorder, stream)
    stream.finish("done")
    log = open_trace(folder / "trace").log
    assert (names(folder)[1:], log.notes, len(log)) == (["worker-1", "worker-2", "worker-3"], (), 6)
