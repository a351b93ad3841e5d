"""A run as Chrome's Trace Event JSON: the rules that Perfetto and chrome://tracing hold a file to."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from logs import LogBuilder

from tracing.events import Kind
from tracing.files import to_chrome
from tracing.files.chrome import _micros
from tracing.model import fold

SECOND = 1_000_000_000
Entry = dict[str, Any]


def exported(log: LogBuilder, path: Path) -> list[Entry]:
    built = log.build()
    to_chrome(built, fold(built), path)
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    content = json.loads(data, parse_constant=lambda name: refuse(name))
    assert content["otherData"]["clock"] == "virtual"
    return list(content["traceEvents"])


def refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def of(entries: list[Entry], phase: str) -> list[Entry]:
    return [entry for entry in entries if entry["ph"] == phase]


def lanes(entries: list[Entry]) -> dict[str, tuple[int, int]]:
    """The process and lane of each name."""
    return {e["args"]["name"]: (e["pid"], e["tid"]) for e in of(entries, "M") if e["name"] == "thread_name"}


def slices_of(entries: list[Entry], lane: tuple[int, int]) -> list[Entry]:
    return [e for e in entries if e["ph"] in "XB" and (e["pid"], e["tid"]) == lane]


def contended() -> LogBuilder:
    log = LogBuilder(title="Two threads")
    main, lock = log.thread("main"), log.lock("lock_a")
    writer = log.spawn(main, "writer")
    log.acquired(writer, lock, line=12).sleep(writer, 3 * SECOND)
    reader = log.spawn(main, "reader")
    log.at(1).wait(reader, lock, line=21).at(3 * SECOND).woke(writer).released(writer, lock, line=16)
    log.acquired(reader, lock, line=21).ended(writer).at(4 * SECOND + 1)
    log.wait(main, lock, line=30).would_block(reader, lock)
    return log


def test_threads_and_primitives_are_two_processes_with_lanes_counted_from_one(tmp_path: Path) -> None:
    entries = exported(contended(), tmp_path / "run.json")
    assert lanes(entries) == {"main": (1, 1), "writer": (1, 2), "reader": (1, 3), "lock_a": (2, 4)}
    processes = {e["pid"]: e["args"]["name"] for e in of(entries, "M") if e["name"] == "process_name"}
    assert processes == {1: "Two threads", 2: "Primitives"}
    order = [e["args"]["sort_index"] for e in of(entries, "M") if e["name"] == "thread_sort_index"]
    assert order == [1, 2, 3, 4]


def test_a_hold_is_a_slice_of_the_primitive_named_by_its_holder(tmp_path: Path) -> None:
    entries = exported(contended(), tmp_path / "run.json")
    first, second = slices_of(entries, (2, 4))
    assert (first["ph"], first["name"], first["ts"], first["dur"]) == ("X", "writer", 0, 3_000_000)
    assert first["args"] == {"at": "lesson.py:12"}
    assert (second["ph"], second["name"]) == ("B", "reader"), "it is held to the end: begun, never ended"


def test_a_wait_lies_inside_its_threads_life_and_an_open_one_has_no_end(tmp_path: Path) -> None:
    entries = exported(contended(), tmp_path / "run.json")
    _, wait = slices_of(entries, (1, 3))
    assert (wait["ph"], wait["name"], wait["ts"]) == ("X", "waiting for lock_a", 0.001)
    assert wait["args"] == {
        "outcome": "acquired",
        "held by": "writer",
        "ended by": "writer",
        "at": "lesson.py:21",
    }
    life, still = slices_of(entries, (1, 1))
    assert (life["ph"], still["ph"], still["name"]) == ("B", "B", "waiting for lock_a")
    assert not of(entries, "E")


def test_nanoseconds_are_kept_as_fractions(tmp_path: Path) -> None:
    (mark,) = of(exported(contended(), tmp_path / "run.json"), "i")
    assert (mark["name"], mark["tid"], mark["ts"]) == ("would block lock_a", 3, 4_000_000.001)


@given(st.integers(0, 2**50))
@example(546_033_154_484)  # a thousandfold of its thousandth is a little less
def test_a_reader_that_cuts_microseconds_to_nanoseconds_has_each_of_them(ns: int) -> None:
    micros = json.loads(json.dumps(_micros(ns)))
    assert int(micros * 1000.0) == ns
    whole, _, fraction = repr(micros).partition(".")
    if "e" not in fraction:
        assert int(whole) * 1000 + int(float(f"0.{fraction or 0}") * 1000.0) == ns


def test_each_cause_is_a_flow_of_its_own_that_ends_at_the_enclosing_slice(tmp_path: Path) -> None:
    entries = exported(contended(), tmp_path / "run.json")
    starts, ends = of(entries, "s"), of(entries, "f")
    assert [e["id"] for e in starts] == [e["id"] for e in ends] == list(range(1, len(starts) + 1))
    assert all(e["bp"] == "e" for e in ends)
    (hand_off,) = (e for e in starts if e["name"] == "hand-off")
    assert hand_off["tid"] == 2
    # writer ends at that very moment: the arrow leaves a nanosecond earlier, from a slice that is still open.
    assert hand_off["ts"] == 2_999_999.999


def test_permits_and_queues_are_counters_with_one_value(tmp_path: Path) -> None:
    log = LogBuilder()
    one, two = log.thread("one"), log.thread("two")
    pool = log.semaphore("pool", value=1)
    log.acquired(one, pool).at(5).wait(two, pool).at(9).released(one, pool).acquired(two, pool)
    counters = of(exported(log, tmp_path / "run.json"), "C")
    assert {tuple(e["args"]) for e in counters} == {("value",)}
    permits = [(e["ts"], e["args"]["value"]) for e in counters if e["name"] == "pool permits"]
    assert permits[-1][1] == 0
    assert [e["args"]["value"] for e in counters if e["name"] == "pool waiting"][-2:] == [1, 0]


def test_holders_of_one_semaphore_at_one_time_have_lanes_of_their_own(tmp_path: Path) -> None:
    log = LogBuilder()
    threads = [log.thread(name) for name in ("a", "b", "c")]
    pool = log.semaphore("pool", value=2)
    log.acquired(threads[0], pool).at(1).acquired(threads[1], pool).at(2).released(threads[0], pool)
    log.acquired(threads[2], pool).at(3).released(threads[1], pool).released(threads[2], pool)
    entries = exported(log, tmp_path / "run.json")
    assert {"pool": (2, 4), "pool (2)": (2, 5)}.items() <= lanes(entries).items()
    assert [e["name"] for e in slices_of(entries, (2, 4))] == ["a", "c"]
    assert [e["name"] for e in slices_of(entries, (2, 5))] == ["b"]


def test_flags_broken_barriers_and_timers_are_slices_too(tmp_path: Path) -> None:
    log = LogBuilder()
    main, ready, timer = log.thread("main"), log.event("ready"), log.timer("alarm")
    alarm = log.thread("alarm", timer=timer)
    log.set(main, ready).pending(alarm, timer, 7).at(5).cleared(main, ready).at(7).fired(alarm, timer).ended(
        alarm
    )
    entries = exported(log, tmp_path / "run.json")
    (flag,) = slices_of(entries, (2, 3))
    (pending,) = slices_of(entries, (2, 4))
    assert (flag["name"], flag["dur"]) == ("set", 0.005)
    assert (pending["name"], pending["dur"]) == ("pending", 0.007)


def test_a_name_in_gz_is_compressed_and_names_are_data(tmp_path: Path) -> None:
    log = LogBuilder()
    log.thread('"</script>\n\ud800')
    log.thread("")
    found = lanes(exported(log, tmp_path / "run.json.gz"))
    assert {'"</script>\n?', "thread 2"} <= found.keys()  # half a surrogate is no text, no name no lane


def test_a_primitive_without_a_name_has_a_lane_and_counters_by_its_number(tmp_path: Path) -> None:
    log = LogBuilder()
    main, pool = log.thread("main"), log.semaphore("pool", value=1)
    built = log.acquired(main, pool).build()
    built = replace(built, objects=tuple(replace(each, name="") for each in built.objects))
    to_chrome(built, fold(built), tmp_path / "run.json")
    entries = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["traceEvents"]
    assert set(lanes(entries)) == {"main", "object 1"}
    assert {entry["name"] for entry in of(entries, "C")} == {"object 1 permits"}


def test_letters_of_any_script_stand_as_they_are(tmp_path: Path) -> None:
    log = LogBuilder()
    log.thread("Köchin 🐍")
    exported(log, tmp_path / "run.json")
    assert "Köchin 🐍" in (tmp_path / "run.json").read_text(encoding="utf-8")


def check_nesting(entries: list[Entry]) -> None:
    """Slices of one lane lie inside each other or apart."""
    lanes: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for entry in entries:
        if entry["ph"] in "XB":
            start = round(entry["ts"] * 1000)
            end = start + round(entry["dur"] * 1000) if entry["ph"] == "X" else 1 << 62
            lanes[entry["pid"], entry["tid"]].append((start, -end))
    for slices in lanes.values():
        around = [1 << 62]
        for start, minus_end in sorted(slices):
            while around[-1] <= start:
                around.pop()
            assert -minus_end <= around[-1], "a slice reaches beyond the one around it"
            around.append(-minus_end)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    events=st.lists(
        st.tuples(
            st.sampled_from(Kind), st.integers(1, 3), st.integers(0, 5), st.integers(0, 3), st.integers(0, 9)
        ),
        max_size=60,
    )
)
@example(events=[(Kind.STARTED, 1, 0, 2, 0), (Kind.STARTED, 2, 0, 0, 0)])  # a life that ends at 0
def test_slices_nest_and_flows_pair_whatever_happened(
    tmp_path: Path, events: list[tuple[Kind, int, int, int, int]]
) -> None:
    log = LogBuilder()
    for name in ("a", "b", "c"):
        log.thread(name)
    for made in (log.lock, log.rlock, log.semaphore, log.event, lambda: log.barrier(parties=2)):
        made()
    texts = {Kind.FAILED, Kind.REFUSED, Kind.BROKEN, Kind.NOTE}
    for kind, thread, obj, arg, later in events:
        log.at(log.now + later).add(kind, thread, obj, log.text("x") if kind in texts else arg)
    entries = exported(log, tmp_path / "run.json")
    check_nesting(entries)
    flows = Counter((e["ph"], e["id"]) for e in entries if e["ph"] in "sf")
    assert set(flows.values()) <= {1}
    assert {n for ph, n in flows if ph == "s"} == {n for ph, n in flows if ph == "f"}
    assert {e["pid"] for e in entries} <= {1, 2}
    assert all(e["ts"] >= 0 and e.get("dur", 0) >= 0 for e in entries if e["ph"] != "M")
