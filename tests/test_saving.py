"""Saving that fails: what stood at the path stands there still, and nothing is left beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from logs import LogBuilder

from tracing import Lock, Trace, open_trace, record
from tracing.files import replacing

Saving = Callable[[Trace, Path], None]
OLD = b"what was saved yesterday"
posix = pytest.mark.skipif(os.name != "posix", reason="limits and links of POSIX")


def a_run(title: str = "Two threads", *, events: int = 50) -> Trace:
    log = LogBuilder(title=title)
    main, lock = log.thread("main"), log.lock("lock_a")
    for number in range(events):
        log.at(number * 1_000).acquired(main, lock, line=1).released(main, lock, line=2)
    return Trace(log.build())


@pytest.fixture(params=["run.jsonl", "run.jsonl.gz"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


@pytest.fixture(params=[Trace.save, Trace.to_perfetto], ids=["save", "to_perfetto"])
def saving(request: pytest.FixtureRequest) -> Saving:
    return request.param  # type: ignore[no-any-return]


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """As on a disk that is full after so many bytes."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@posix
@pytest.mark.parametrize("size", [0, 100, 500])
def test_a_full_disk_costs_no_earlier_file_and_leaves_no_half_one(
    path: Path, saving: Saving, size: int
) -> None:
    path.write_bytes(OLD)
    run = a_run(events=20_000)
    run.model  # noqa: B018 (folded before the disk is full)
    with no_file_longer_than(size), pytest.raises(OSError, match="File too large") as caught:
        saving(run, path)
    assert caught.value.filename in (None, path)
    assert (path.read_bytes(), list(path.parent.iterdir())) == (OLD, [path])


def test_what_cannot_be_written_costs_no_earlier_file_and_leaves_no_half_one(
    path: Path, saving: Saving
) -> None:
    strange = a_run()
    strange.seal(replace(strange.log, schedule=object()))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not JSON serializable"):
        saving(strange, path)
    assert list(path.parent.iterdir()) == []
    path.write_bytes(OLD)
    with pytest.raises(TypeError, match="not JSON serializable"):
        saving(strange, path)
    assert (path.read_bytes(), list(path.parent.iterdir())) == (OLD, [path])


def interrupted(call: Callable[[], object], step: int) -> bool:
    """Whether a Ctrl-C came: at that step of the code in `tracing/files`, counted from 1."""
    left = step

    def tracer(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal left
        if f"tracing{os.sep}files" not in frame.f_code.co_filename:
            return None
        left -= event == "line"
        if left == 0 and event == "line":
            raise KeyboardInterrupt
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        call()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_a_ctrl_c_at_any_step_leaves_the_earlier_file_or_the_whole_new_one_and_nothing_else(
    path: Path, saving: Saving
) -> None:
    run = a_run(events=2)
    run.model  # noqa: B018 (folded before)
    saving(run, path)
    new, found = path.read_bytes(), set()
    step = 1
    while True:
        path.write_bytes(OLD)
        came = interrupted(lambda: saving(run, path), step)
        found.add(path.read_bytes())
        assert list(path.parent.iterdir()) == [path], step
        if not came:
            break
        step += 1
    assert (step > 20, found) == (True, {OLD, new})


def test_a_file_that_is_replaced_keeps_its_permissions_and_a_new_one_has_the_usual(path: Path) -> None:
    usual = path.with_name("usual")
    usual.touch()
    a_run().save(path)
    assert path.stat().st_mode == usual.stat().st_mode
    path.chmod(0o600)
    a_run().save(path)
    assert path.stat().st_mode & 0o777 == 0o600 or os.name != "posix"


@posix
def test_a_link_stays_one_and_the_file_that_it_names_is_replaced(path: Path, saving: Saving) -> None:
    target = path.with_name("target")
    target.write_bytes(OLD)
    path.symlink_to(target.name)
    saving(a_run(), path)
    assert path.is_symlink()
    assert target.read_bytes() != OLD


@posix
def test_what_is_no_file_is_written_to_and_stays_what_it_is(saving: Saving) -> None:
    saving(a_run(), Path(os.devnull))
    assert not Path(os.devnull).is_file()


@posix
def test_a_full_device_says_so() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    with pytest.raises(OSError, match="No space left"):
        a_run(events=20_000).save("/dev/full")


def test_a_name_as_long_as_names_can_be_is_saved_too(tmp_path: Path, saving: Saving) -> None:
    path = tmp_path / ("x" * 250)
    saving(a_run(), path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("where", ["no folder/run.jsonl", ""])
def test_a_refusal_names_the_path_that_was_given(tmp_path: Path, saving: Saving, where: str) -> None:
    with pytest.raises(OSError, match=r"directory|denied") as caught:
        saving(a_run(), tmp_path / where)
    assert caught.value.filename == tmp_path / where
    assert str(caught.value).endswith(repr(tmp_path / where))  # no " -> None" after it
    assert list(tmp_path.iterdir()) == []


def test_the_block_of_a_replacement_that_is_left_half_way_leaves_nothing(path: Path) -> None:
    with suppress(ZeroDivisionError), replacing.replacing(path) as file:
        file.write(b"half")
        _ = 1 / 0
    assert list(path.parent.iterdir()) == []


def test_what_was_saved_over_an_earlier_run_is_the_new_one(path: Path) -> None:
    a_run("yesterday").save(path)
    a_run("today").save(path)
    assert open_trace(path).log.title == "today"


def test_a_run_and_its_file_are_the_same(path: Path) -> None:
    run, other = a_run(), a_run(events=49)
    run.save(path)
    assert open_trace(path) == run
    assert hash(open_trace(path)) == hash(run)
    assert run != other
    assert run != run.log


def test_a_run_that_was_recorded_and_its_file_are_the_same(path: Path) -> None:
    with record(title="two") as run, Lock():
        pass
    run.save(path)
    assert open_trace(path) == run
