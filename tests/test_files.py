"""Trace files: what is saved is what is opened; what is damaged is opened as far as it is whole, or refused
in a sentence."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracing import open_trace
from tracing.errors import TraceFileError
from tracing.events import (
    TEXT_KINDS,
    THREAD_KINDS,
    Call,
    Ending,
    EventLog,
    Kind,
    ObjectInfo,
    Site,
    Stand,
    ThreadInfo,
    Turns,
    pack,
)
from tracing.files import Writer, open_log, save
from tracing.files.layout import CHUNK, MAX_LINE, MAX_TEXT
from tracing.files.writer import packed_for
from tracing.model import fold

STUCK = Ending(
    reason="stuck",
    time=4_000_000_000,
    leaked=("reader at lesson.py:16",),
    detail="it sat in C",
    fork=Site(file="lesson.py", line=2, text="os.fork()"),
    stands=(
        Stand(thread=1, module="warmup", importer=2),
        Stand(
            thread=2,
            polls=True,
            calls=(
                Call(site=Site(file="lesson.py", line=3, function="Log.__del__"), by="finaliser"),
                Call(site=Site(file="lesson.py", line=12, text="log = None")),
            ),
        ),
    ),
)


def turns(*rows: tuple[int, int, int, int]) -> Turns:
    """Rows of: events before it, time, thread, step."""
    seqs, times, threads, steps = (array("q", column) for column in zip(*rows, strict=True))
    return Turns(seqs=seqs, times=times, threads=threads, steps=steps)


def small() -> EventLog:
    """Two threads, one lock, a wait, a failure."""
    steps = [
        (0, pack(Kind.STARTED, thread=1, site=1)),
        (5, pack(Kind.BEGAN, thread=2)),
        (7, pack(Kind.ACQUIRED, thread=1, obj=1, site=2)),
        (9, pack(Kind.WAIT, thread=2, obj=1, site=3)),
        (3_000_000_000, pack(Kind.RELEASED, thread=1, obj=1, site=2)),
        (3_000_000_100, pack(Kind.ACQUIRED, thread=2, obj=1, site=3)),
        (3_000_000_200, pack(Kind.FAILED, thread=2)),
    ]
    return EventLog(
        times=array("q", [time for time, _ in steps]),
        codes=array("q", [code for _, code in steps]),
        args={0: 2, 1: 1, 3: -1, 6: 1},
        threads=(
            ThreadInfo(number=1, name="main"),
            ThreadInfo(number=2, name="reader", parent=1, daemon=True),
        ),
        objects=(ObjectInfo(number=1, type="Lock", name="lock_a", site=2),),
        sites=tuple(
            Site(file="lesson.py", line=line, function="run", text="with lock_a:") for line in (3, 12, 16)
        ),
        texts=("ValueError: no, \u2028 né \ud800 🐍",),
        clock="virtual",
        title="Two threads & a lock",
        schedule="seed=3",
        turns=turns((0, 0, 1, -1), (1, 4, 2, 0), (2, 6, 1, 2), (5, 3_000_000_050, 2, 2)),
        ending=STUCK,
        python="3.13.0",
        notes=("The buffer was full.",),
    )


def _whole() -> list[bytes]:
    with TemporaryDirectory() as folder:
        return saved(small(), Path(folder, "run.jsonl"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def saved(log: EventLog, path: Path) -> list[bytes]:
    save(log, path)
    return path.read_bytes().splitlines(keepends=True)


# The round trip

names = st.text(max_size=12)
times = st.integers(0, 2**50)


def thread_infos(number: int, threads: int, objects: int) -> st.SearchStrategy[ThreadInfo]:
    return st.builds(
        ThreadInfo,
        number=st.just(number),
        name=names,
        parent=st.integers(0, threads),
        daemon=st.booleans(),
        timer=st.integers(0, objects),
    )


def object_infos(number: int, objects: int, sites: int) -> st.SearchStrategy[ObjectInfo]:
    return st.builds(
        ObjectInfo,
        number=st.just(number),
        type=st.sampled_from(["Lock", "Semaphore", "Condition"]),
        name=names,
        site=st.integers(0, sites),
        value=st.none() | st.integers(-5, 2**40),
        lock=st.integers(0, objects),
        owner=st.integers(0, objects),
    )


def site_infos() -> st.SearchStrategy[Site]:
    line = st.integers(0, 9999)
    return st.builds(
        Site, file=names, line=line, function=names, text=names, after_wait=names, raised=st.booleans()
    )


@st.composite
def logs(draw: st.DrawFn) -> EventLog:
    threads, objects, sites = draw(st.integers(1, 4)), draw(st.integers(0, 3)), draw(st.integers(0, 3))
    texts = draw(st.lists(names, max_size=3))
    codes, args = [], {}
    for seq in range(draw(st.integers(0, 30))):
        kind = draw(st.sampled_from(Kind))
        obj = draw(st.integers(0, objects))
        thread, site = draw(st.integers(1, threads)), draw(st.integers(0, sites))
        codes.append(pack(kind, thread=thread, obj=obj, site=site))
        most = len(texts) if kind in TEXT_KINDS else threads if kind in THREAD_KINDS else 2**63 - 1
        if (arg := draw(st.none() | st.integers(0 if most < 9 else -most, most))) is not None:
            args[seq] = arg
    return EventLog(
        times=array("q", sorted(draw(st.lists(times, min_size=len(codes), max_size=len(codes))))),
        codes=array("q", codes),
        args=args,
        threads=tuple(draw(thread_infos(number, threads, objects)) for number in range(1, threads + 1)),
        objects=tuple(draw(object_infos(number, objects, sites)) for number in range(1, objects + 1)),
        sites=tuple(draw(site_infos()) for _ in range(sites)),
        texts=tuple(texts),
        clock=draw(st.sampled_from(["real", "virtual"])),
        title=draw(names),
        schedule=draw(names),
        ending=Ending(
            reason=draw(names),
            time=draw(times),
            leaked=tuple(draw(st.lists(names, max_size=2))),
            detail=draw(names),
        ),
        turns=draw(any_turns(len(codes), threads)),
        python=draw(names),
        notes=tuple(draw(st.lists(names, max_size=2))),
    )


def any_turns(events: int, threads: int) -> st.SearchStrategy[Turns]:
    numbers = (st.integers(0, events), times, st.integers(0, threads), st.integers(-1, 99))
    rows = st.lists(st.tuples(*numbers), max_size=9)
    return rows.map(lambda drawn: turns(*in_order(drawn)) if drawn else Turns())


def in_order(rows: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The same with seqs, times and steps that do not go backwards."""
    columns = [
        column if place == 2 else sorted(column) for place, column in enumerate(zip(*rows, strict=True))
    ]
    return list(zip(*columns, strict=True))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(log=logs(), suffix=st.sampled_from(["jsonl", "jsonl.gz"]))
def test_what_is_opened_is_what_was_saved(tmp_path: Path, log: EventLog, suffix: str) -> None:
    save(log, tmp_path / f"run.{suffix}")
    assert open_log(tmp_path / f"run.{suffix}") == log


def many(length: int) -> EventLog:
    """A long log, with an argument at every tenth event."""
    pick = random.Random(7)
    codes = (
        pack(pick.choice((14, 15)), thread=pick.randint(1, 2), obj=1, site=pick.randint(0, 3))
        for _ in range(length)
    )
    return replace(
        small(),
        times=array("q", range(0, 3 * length, 3)),
        codes=array("q", codes),
        args={seq: seq * 7 for seq in range(0, length, 10)},
    )


@pytest.mark.parametrize("length", [CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17])
def test_a_log_of_several_chunks_comes_back_whole(path: Path, length: int) -> None:
    save(many(length), path)
    assert open_log(path) == many(length)


def test_the_same_log_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl", "a.gz", "b.gz"):
        save(small(), tmp_path / name)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_name_in_gz_is_compressed_and_any_name_is_unpacked(tmp_path: Path) -> None:
    save(small(), tmp_path / "run.jsonl")
    save(small(), tmp_path / "run.jsonl.gz")
    packed = (tmp_path / "run.jsonl.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "run.jsonl").read_bytes()
    (tmp_path / "renamed").write_bytes(packed)
    assert open_log(tmp_path / "renamed") == small()


def test_a_path_of_bytes_is_one_and_what_is_no_path_costs_no_file(tmp_path: Path) -> None:
    path: Any = os.fsencode(tmp_path / "run.jsonl.gz")
    save(small(), path)
    with open(path, "rb+") as file, pytest.raises(TypeError):
        save(many(9), file.fileno())  # type: ignore[arg-type]
    assert open_log(path) == small()


def test_the_file_can_be_read_by_eye(path: Path) -> None:
    lines = saved(small(), path)
    assert b'{"is":"trace","version":2,' in lines[0]
    assert b'{"is":"thread","number":2,"name":"reader","parent":1,"daemon":true}\n' in lines
    assert any(b'[2,"WAIT",1,3]' in line for line in lines)
    assert all(line.endswith(b"\n") for line in lines)


def test_a_file_that_another_system_gave_its_line_ends_still_opens(path: Path) -> None:
    path.write_bytes(b"".join(saved(small(), path)).replace(b"\n", b"\r\n"))
    assert open_log(path) == small()


def test_a_number_too_large_for_the_file_is_saved_as_the_largest(path: Path) -> None:
    save(replace(small(), args={**small().args, 3: 10**300}), path)
    assert open_log(path).args[3] == 2**63 - 1


def test_a_text_too_long_for_the_file_is_cut_with_dots(path: Path) -> None:
    save(replace(small(), texts=("x" * 10 * MAX_LINE,)), path)
    (text,) = open_log(path).texts
    assert text == "x" * (MAX_TEXT - 1) + "…"


def test_the_longest_lines_can_be_read_again(path: Path) -> None:
    worst = "\ud800" * MAX_TEXT  # twelve bytes a character
    log = replace(small(), sites=(Site(file=worst, line=1, function=worst, text=worst), *small().sites[1:]))
    save(log, path)
    assert open_log(path) == log


# Streaming


def writing(path: Path) -> Writer:
    return Writer(packed_for(path, open(path, "wb")))


def stream(writer: Writer, log: EventLog) -> None:
    writer.threads(log.threads)
    writer.objects(log.objects)
    writer.sites(log.sites)
    writer.texts(log.texts)
    writer.events(log.times, log.codes, log.args)


def test_a_flushed_stream_opens_although_it_was_never_closed(path: Path) -> None:
    for name in (path, path.with_suffix(".gz")):
        with writing(name) as writer:
            stream(writer, small())
            writer.flush()
            copy = name.with_name("killed-" + name.name)
            copy.write_bytes(name.read_bytes())
        log = open_log(copy)
        assert (log.times, log.codes, log.args) == (small().times, small().codes, small().args)
        assert log.ending.reason == "truncated"
        assert log.ending.time == small().times[-1]
        assert "is cut off after line" in log.notes[0]


def test_tables_may_grow_between_events(path: Path) -> None:
    with writing(path) as writer:
        writer.threads([ThreadInfo(number=1, name="main")])
        writer.events(array("q", [1]), array("q", [pack(Kind.NOTE, thread=1)]))
        writer.threads([ThreadInfo(number=2, name="late")])
        writer.texts(["hello"])
        writer.events(array("q", [2]), array("q", [pack(Kind.NOTE, thread=2)]), {0: 1})
        writer.close(Ending(reason="done", time=3))
    log = open_log(path)
    assert [(event.thread, event.arg) for event in log] == [(1, None), (2, 1)]
    assert log.notes == ()


def test_a_row_that_is_written_again_is_corrected(path: Path) -> None:
    with writing(path) as writer:
        writer.objects([ObjectInfo(number=number, type="Lock", name=f"Lock-{number}") for number in (1, 2)])
        writer.objects([ObjectInfo(number=1, type="Lock", name="lock_a")])
        writer.close(Ending(reason="done", time=0))
    assert [each.name for each in open_log(path).objects] == ["lock_a", "Lock-2"]


def test_threads_that_were_flushed_one_after_the_other_are_sorted_by_time(path: Path) -> None:
    with writing(path) as writer:
        writer.threads([ThreadInfo(number=1, name="a"), ThreadInfo(number=2, name="b")])
        writer.events(
            array("q", [10, 30, 30]), array("q", [pack(Kind.SLEEP, thread=1)] * 3), {0: 100, 2: 300}
        )
        writer.events(array("q", [5, 30]), array("q", [pack(Kind.SLEEP, thread=2)] * 2), {0: 50, 1: 301})
        writer.close(Ending(reason="done", time=40))
    log = open_log(path)
    found = [(event.time, event.thread, event.arg) for event in log]
    assert found == [(5, 2, 50), (10, 1, 100), (30, 1, None), (30, 1, 300), (30, 2, 301)]


def test_a_row_may_point_to_a_later_row_and_to_none_if_the_file_ends_before(path: Path) -> None:
    condition = ObjectInfo(number=1, type="Condition", name="ready", lock=2)
    lock = ObjectInfo(number=2, type="Lock", name="inner", owner=1, site=5)
    with writing(path) as writer:
        writer.objects([condition, lock])
        writer.close(Ending(reason="done", time=0))
    whole = open_log(path)
    assert whole.objects == (condition, replace(lock, site=0))
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    assert open_log(path).objects == (replace(condition, lock=0),)


# Damage


@pytest.mark.parametrize("name", ["run.jsonl", "run.jsonl.gz"])
def test_a_file_cut_anywhere_is_refused_or_opens_up_to_there(tmp_path: Path, name: str) -> None:
    log, path = small(), tmp_path / name
    save(log, path)
    data = path.read_bytes()
    lengths = []
    for size in range(len(data)):
        path.write_bytes(data[:size])
        try:
            cut = open_log(path)
        except TraceFileError:
            assert not lengths, "a shorter file did open"
        else:
            assert list(cut) == list(log)[: len(cut)]
            assert cut.ending.reason == "truncated" or cut == log
            assert cut.notes or cut == log
            lengths.append(len(cut))
    assert lengths == sorted(lengths)
    assert {0, len(log)} <= set(lengths)


@pytest.mark.parametrize("name", ["run.jsonl", "run.jsonl.gz"])
def test_flipped_bits_raise_nothing_but_the_one_error_and_what_opens_can_be_folded(
    tmp_path: Path, name: str
) -> None:
    path, pick = tmp_path / name, random.Random(name)
    save(small(), path)
    data = path.read_bytes()
    opened = 0
    for _ in range(1500):
        wrong = bytearray(data)
        for _ in range(pick.choice((1, 1, 1, 2, 8))):
            wrong[pick.randrange(len(wrong))] ^= 1 << pick.randrange(8)
        path.write_bytes(wrong)
        try:
            log = open_log(path)
        except TraceFileError:
            continue
        fold(log)
        opened += 1
    assert opened > 100


def line_of(lines: list[bytes], what: str) -> int:
    return next(place for place, line in enumerate(lines) if line.startswith(b'{"is":"%s"' % what.encode()))


def changed(change: Callable[[dict[str, Any]], object], what: str, path: Path) -> None:
    """Change one line of a saved log, as someone who knows the format would."""
    lines = saved(small(), path)
    place = line_of(lines, what)
    content = json.loads(lines[place])
    change(content)
    lines[place] = json.dumps(content).encode() + b"\n"
    path.write_bytes(b"".join(lines))


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("thread", lambda line: line.update(number=7)),
        ("thread", lambda line: line.update(number=-1)),
        ("thread", lambda line: line.update(number=10**400)),
        ("thread", lambda line: line.update(name=None)),
        ("thread", lambda line: line.update(name=["x"])),
        ("thread", lambda line: line.update(name="x" * (MAX_TEXT + 1))),
        ("thread", lambda line: line.pop("name")),
        ("thread", lambda line: line.update(parent=True)),
        ("thread", lambda line: line.update({"is": "__class__"})),
        ("thread", lambda line: line.update({"is": ["thread"]})),
        ("object", lambda line: line.update(value=1.5)),
        ("object", lambda line: line.update(value=10**30)),
        ("site", lambda line: line.update(line="12")),
        ("site", lambda line: line.pop("number")),
        ("text", lambda line: line.update(number=2)),
        ("ops", lambda line: line["rows"][0].__setitem__(1, "EXPLODED")),
        ("ops", lambda line: line["rows"][0].__setitem__(1, 14)),
        ("ops", lambda line: line["rows"][0].__setitem__(0, 0)),
        ("ops", lambda line: line["rows"][0].__setitem__(0, 3)),
        ("ops", lambda line: line["rows"][0].__setitem__(2, 2)),
        ("ops", lambda line: line["rows"][0].__setitem__(3, 4)),
        ("ops", lambda line: line["rows"][0].append(1)),
        ("ops", lambda line: line.update(rows=5)),
        ("ops", lambda line: line.update(first=3)),
        ("events", lambda line: line.update(first=1)),
        ("events", lambda line: line["op"].__setitem__(0, 0)),
        ("events", lambda line: line["op"].__setitem__(0, -1)),
        ("events", lambda line: line["op"].__setitem__(0, 99)),
        ("events", lambda line: line["op"].__setitem__(0, 10**30)),
        ("events", lambda line: line["op"].__setitem__(0, 1.0)),
        ("events", lambda line: line["op"].__setitem__(0, "1")),
        ("events", lambda line: line["op"].pop()),
        ("events", lambda line: line.update(op={}, dt={})),
        ("events", lambda line: line["dt"].__setitem__(1, -1)),
        ("events", lambda line: line["dt"].__setitem__(1, 2**63 - 1)),
        ("events", lambda line: line["dt"].__setitem__(1, None)),
        ("events", lambda line: line["dt"].__setitem__(1, [[[]]])),
        ("events", lambda line: line["dt"].__setitem__(1, float("nan"))),
        ("events", lambda line: line.update(time=-5)),
        ("events", lambda line: line["at"].__setitem__(0, -1)),
        ("events", lambda line: line["at"].__setitem__(-1, 7)),
        ("events", lambda line: line["at"].__setitem__(1, 0)),
        ("events", lambda line: line["arg"].__setitem__(0, 3)),
        ("events", lambda line: line["arg"].__setitem__(0, -1)),
        ("events", lambda line: line["arg"].__setitem__(-1, 2)),
        ("events", lambda line: line["arg"].pop()),
        ("turns", lambda line: line.update(first=1)),
        ("turns", lambda line: line["events"].__setitem__(1, 8)),
        ("turns", lambda line: line["events"].__setitem__(0, -1)),
        ("turns", lambda line: line["events"].__setitem__(1, 3)),
        ("turns", lambda line: line["thread"].__setitem__(1, 3)),
        ("turns", lambda line: line["thread"].__setitem__(0, -1)),
        ("turns", lambda line: line["step"].__setitem__(1, -1) or line["step"].__setitem__(0, 0)),
        ("turns", lambda line: line["step"].__setitem__(0, -2)),
        ("turns", lambda line: line["dt"].__setitem__(1, -1)),
        ("turns", lambda line: line["step"].pop()),
        ("turns", lambda line: line.pop("thread")),
        ("ending", lambda line: line.update(events=99)),
        ("ending", lambda line: line.update(leaked="main")),
    ],
)
def test_a_line_that_cannot_be_true_ends_the_log_with_a_note(
    path: Path, what: str, change: Callable[[dict[str, Any]], object]
) -> None:
    changed(change, what, path)
    log = open_log(path)
    assert log.ending.reason == "truncated"
    (note,) = (each for each in log.notes if each not in small().notes)
    assert note.startswith("run.jsonl could not be read beyond line ")
    assert note.endswith("later ones are missing. Go on with what is here, or save the run again.")
    assert len(note) < 400
    assert len(log) == (len(small()) if what in ("ending", "turns") else 0)
    assert len(log.turns) == 0  # nobody knows who had it at the end
    fold(log)


WHOLE = _whole()
PYTHON_S = re.compile(
    r"positional|takes \d|NoneType|'(str|int|float|list|dict)'|__|indices|codec|Errno|array|interpreted|"
    r"literal|Expecting|Exceeds|Error -"
)
"""What the interpreter says in such cases, differently in each version, and to nobody's use."""
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-1, 0, 1, 2**16, 2**31, 2**63 - 1, 2**63, 10**30])
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["Lock", "Barrier", "WAIT", "main", "real", "virtual", "done", "running", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


def places_in(value: Any, where: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [
        *([where] if where else []),
        *(each for key, one in inside for each in places_in(one, (*where, key))),
    ]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file of which one value, line or piece is changed."""
    lines = list(WHOLE)
    number = draw(st.integers(0, len(lines) - 1))
    match draw(st.sampled_from(["value", "value", "value", "key", "line", "bytes"])):
        case "bytes":
            data = b"".join(lines)
            start = draw(st.integers(0, len(data)))
            return data[:start] + draw(st.binary(max_size=6)) + data[start + draw(st.integers(0, 40)) :]
        case "line":
            lines[number : number + draw(st.integers(0, 1))] = draw(
                st.lists(st.sampled_from(lines), max_size=2)
            )
        case what:
            content = json.loads(lines[number])
            *way, last = draw(st.sampled_from(places_in(content)))
            owner = content
            for key in way:
                owner = owner[key]
            if what == "key":
                del owner[last]
            else:
                owner[last] = draw(json_values)
            lines[number] = json.dumps(content).encode() + b"\n"
    return b"".join(lines)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=400)
@given(data=damaged(), packed=st.booleans())
def test_whatever_is_damaged_is_told_in_our_words_with_file_and_line(
    path: Path, data: bytes, packed: bool
) -> None:
    path.write_bytes(gzip.compress(data) if packed else data)
    try:
        run = open_trace(path)
    except TraceFileError as error:
        says = str(error)
        assert "first line" in says or "version" in says or "is empty" in says
    else:
        says = " ".join(note for note in run.log.notes if note.startswith("run.jsonl"))
        assert "line " in says or data.startswith(b"".join(WHOLE)) or run.log.ending.reason != "truncated"
        assert run.text()
        assert run.explain() is not None
        assert run.findings is not None
    assert says == "" or says.startswith("run.jsonl")
    assert not PYTHON_S.search(says)


def test_a_field_that_is_not_known_is_left_alone(path: Path) -> None:
    changed(lambda line: line.update(colour="red"), "thread", path)
    assert open_log(path) == small()


def test_a_name_that_stands_twice_in_a_line_is_damage(path: Path) -> None:
    lines = saved(small(), path)
    lines[1] = lines[1].replace(b'"name":', b'"name":"x","name":')
    path.write_bytes(b"".join(lines))
    assert "line 1: the next one is not JSON: a name stands in it twice" in open_log(path).ending.detail


def test_a_lost_line_is_noticed(path: Path) -> None:
    lines = saved(many(3 * CHUNK), path)
    events = [place for place, line in enumerate(lines) if line.startswith(b'{"is":"events"')]
    path.write_bytes(b"".join(line for place, line in enumerate(lines) if place != events[1]))
    log = open_log(path)
    assert len(log) == CHUNK
    assert log.ending.reason == "truncated"
    path.write_bytes(b"".join(line for place, line in enumerate(lines) if place != events[-1]))
    assert open_log(path).ending.reason == "truncated"


def test_what_stands_after_the_ending_is_left_out_and_said(path: Path) -> None:
    lines = saved(small(), path)
    path.write_bytes(b"".join([*lines, lines[1]]))
    log = open_log(path)
    assert log.ending == small().ending
    where = f"could not be read beyond line {len(lines)}"
    assert log.notes[-1] == f"run.jsonl {where}: the next one stands after the ending."


@pytest.mark.parametrize("deep", [b"[" * 2_000_000, b'{"is":' * 500_000])
def test_deep_nesting_is_damage_in_the_body_and_refused_as_a_header(path: Path, deep: bytes) -> None:
    lines = saved(small(), path)
    path.write_bytes(b"".join([*lines[:3], deep, b"\n", *lines[3:]]))
    assert "line 3: the next one is nested too deeply" in open_log(path).ending.detail
    path.write_bytes(deep + b"\n")
    with pytest.raises(TraceFileError, match="nested too deeply"):
        open_log(path)


def test_numbers_of_a_million_digits_are_damage(path: Path) -> None:
    lines = saved(small(), path)
    place = line_of(lines, "events")
    lines[place] = lines[place].replace(b'"time":0', b'"time":' + b"9" * 1_000_000)
    path.write_bytes(b"".join(lines))
    log = open_log(path)
    assert len(log) == 0
    assert len(log.notes[-1]) < 400


# Bombs. The limits are what is tested, so the files can be small.


def test_a_line_without_end_is_not_read_into_memory(path: Path) -> None:
    lines = saved(small(), path)
    with open(path, "wb") as file:
        file.writelines(lines[:3])
        file.truncate(1 << 28)  # zeros, which need no room on most disks
    log = open_log(path)
    assert f"the next one is longer than {MAX_LINE:,} bytes" in log.ending.detail
    path.write_bytes(b" " * (MAX_LINE + 1))
    with pytest.raises(TraceFileError, match="longer than"):
        open_log(path)


def test_a_bomb_of_zeros_is_unpacked_no_further_than_a_line(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(MAX_LINE * 4)))
    with pytest.raises(TraceFileError, match="longer than"):
        open_log(path)


def test_a_bomb_of_right_lines_ends_at_the_limits(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    save(many(5 * CHUNK), path)
    log = open_log(path, max_events=2 * CHUNK)
    assert len(log) == 2 * CHUNK
    assert f"goes beyond max_events={2 * CHUNK}" in log.notes[-1]
    log = open_log(path, max_bytes=100_000)
    assert 0 < len(log) < 5 * CHUNK
    assert "goes beyond max_bytes=100000" in log.notes[-1]


# What is no trace


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n", "is not JSON"),
        (b"hello\n", "is not JSON"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is not a trace"),
        (b"\x1f\x8b", "is cut off before its first line ends"),
        (b"\x1f\x8bnot gzip at all", "cannot be unpacked"),
        (b"\xff\xfe{\x00}\x00", "no UTF-8"),
        (b"\xef\xbb\xbf{}\n", "is not JSON"),
        (b"[]\n", "is not a JSON object"),
        (b"{}\n", "it says something else"),
        (b'{"is": "trace"}\n', "its version"),
        (b'{"is": "trace", "version": "1"}\n', "its version"),
        (b'{"is": "trace", "version": 0}\n', "its version"),
        (b'{"is": "trace", "version": true}\n', "its version"),
        (b'{"is": "trace", "version": NaN}\n', "NaN is not a number"),
        (b'{"is": "trace", "version": 1, "clock": 5}\n', "a text"),
        (b'{"is": "trace", "version": 1, "version": 1}\n', "twice"),
        (b'{"cells": [], "nbformat": 4}\n', "it says something else"),
        (b'{"traceEvents": []}', "it says something else"),
        (b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.", "no UTF-8"),
    ],
)
def test_a_foreign_file_is_refused_in_one_sentence_that_says_what_to_do(
    path: Path, content: bytes, says: str
) -> None:
    path.write_bytes(content)
    with pytest.raises(TraceFileError) as caught:
        open_log(path)
    assert says in str(caught.value)
    assert str(caught.value).startswith("run.jsonl is ")
    assert "run.save(path)" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_version_1_opens_and_does_not_say_who_had_the_turn(path: Path) -> None:
    lines = saved(small(), path)
    old = [line for line in lines if not line.startswith(b'{"is":"turns"')]
    path.write_bytes(b"".join(old).replace(b'"version":2', b'"version":1'))
    assert open_log(path) == replace(small(), turns=Turns())
    assert fold(open_log(path)).slices == ()


def test_a_newer_version_is_refused_and_says_to_update(path: Path) -> None:
    path.write_bytes(b'{"is": "trace", "version": 3}\n')
    with pytest.raises(TraceFileError, match=r"version 3 of the file format.*update the package"):
        open_log(path)
    path.write_bytes(b'{"is": "trace", "version": 1%s}\n' % (b"0" * 4000))
    with pytest.raises(TraceFileError, match="update the package"):
        open_log(path)


def test_a_refusal_is_a_value_error_too(path: Path) -> None:
    path.write_bytes(b"hello")
    with pytest.raises(ValueError, match="is not a trace"):
        open_log(path)


def test_a_file_that_is_not_there_is_said_by_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_log(tmp_path / "no.jsonl")
    with pytest.raises(FileNotFoundError):
        save(small(), tmp_path / "no" / "run.jsonl")
