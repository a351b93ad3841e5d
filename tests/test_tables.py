"""The numbers of a run."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from logs import LogBuilder

from tracing.model import fold
from tracing.views.tables import MOST_ROWS, Table, table

SECOND = 1_000_000_000


def contended() -> LogBuilder:
    """writer holds lock_a for 3 s, reader waits 2 s of them; ready is waited for, too."""
    log = LogBuilder()
    main, lock, ready = log.thread("main"), log.lock("lock_a"), log.event("ready")
    writer, reader = log.spawn(main, "writer"), log.spawn(main, "reader")
    log.acquired(writer, lock, line=12).sleep(writer, 3 * SECOND)
    log.at(SECOND).wait(reader, lock)
    log.at(3 * SECOND).woke(writer).released(writer, lock, line=16).acquired(reader, lock).ended(writer)
    log.at(4 * SECOND).released(reader, lock).wait(reader, ready)
    log.at(5 * SECOND).set(main, ready).passed(reader, ready).failed(reader)
    return log


def made(log: LogBuilder) -> Table:
    built = log.build()
    return table(built, fold(built))


def test_a_lock_has_its_acquisitions_waits_and_holds() -> None:
    row = made(contended()).primitive("lock_a")
    assert (row.type, row.acquisitions, row.contended, row.overtakes) == ("Lock", 2, 1, 0)
    assert (row.total_wait, row.longest_wait, row.total_hold) == (2 * SECOND, 2 * SECOND, 4 * SECOND)


def test_the_longest_wait_is_not_the_total() -> None:
    log = contended()
    log.wait(1, 1).at(8 * SECOND).timed_out(1, 1)
    row = made(log).primitive("lock_a")
    assert (row.contended, row.total_wait, row.longest_wait) == (2, 5 * SECOND, 3 * SECOND)


def test_what_cannot_be_held_has_no_acquisitions() -> None:
    row = made(contended()).primitive("ready")
    assert (row.acquisitions, row.total_hold) == (None, None)
    assert (row.contended, row.total_wait) == (1, SECOND)


def test_permits_that_are_signals_are_held_by_nobody() -> None:
    log = LogBuilder()
    giver, taker = log.thread("giver"), log.thread("taker")
    signal = log.semaphore(value=0)
    log.released(giver, signal).at(1).acquired(taker, signal).ended(taker).at(SECOND).ended(giver)
    row = made(log).primitive("Semaphore-1")
    assert (row.acquisitions, row.total_hold) == (1, None)


def test_a_waiter_that_a_later_comer_overtook_is_counted() -> None:
    log = LogBuilder()
    one, two, three = (log.thread(name) for name in ("one", "two", "three"))
    lock = log.lock()
    log.acquired(one, lock).at(1).wait(two, lock).at(2).wait(three, lock)
    log.at(3).released(one, lock).acquired(three, lock).at(4).released(three, lock).acquired(two, lock)
    assert made(log).primitive("Lock-1").overtakes == 1


def test_a_threads_time_is_running_waiting_and_sleeping() -> None:
    found = made(contended())
    writer, reader = found.thread("writer"), found.thread("reader")
    assert (writer.running, writer.waiting, writer.sleeping, writer.end) == (0, 0, 3 * SECOND, "ended")
    assert (reader.running, reader.waiting, reader.sleeping) == (2 * SECOND, 3 * SECOND, 0)
    assert reader.end == "failed"


def test_the_text_form_has_aligned_columns_and_units() -> None:
    assert repr(made(contended())).splitlines() == [
        "         type  acquisitions  contended  total wait  longest wait  total hold  overtakes",
        "lock_a   Lock             2          1       2.0 s         2.0 s       4.0 s          0",
        "ready   Event             –          1       1.0 s         1.0 s           –          0",
        "",
        "        running or ready  waiting  sleeping     end",
        "main               5.0 s      0 s       0 s   ended",
        "writer               0 s      0 s     3.0 s   ended",
        "reader             2.0 s    3.0 s       0 s  failed",
    ]


def test_the_html_escapes_names_and_has_no_style() -> None:
    log = LogBuilder()
    log.thread("<script>alert('x')</script>")
    log.lock("a & b")
    html = made(log)._repr_html_()
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in html
    assert "<td>a &amp; b</td>" in html
    assert "<script" not in html
    assert "style" not in html
    assert html.count("<table>") == html.count("</table>") == 2


def test_names_with_line_breaks_stay_on_their_line() -> None:
    log = LogBuilder()
    log.thread("one\ntwo\ud800")
    assert "one two?" in repr(made(log))


def test_many_rows_are_cut_when_shown_and_kept_as_data() -> None:
    log = LogBuilder()
    main = log.thread()
    for _ in range(MOST_ROWS + 20):
        log.acquired(main, lock := log.lock()).released(main, lock)
    found = made(log)
    assert len(found.primitives) == MOST_ROWS + 20
    assert repr(found).count("Lock-") == MOST_ROWS
    assert "… and 20 more" in repr(found)
    assert "… and 20 more" in found._repr_html_()


def test_an_empty_run_has_an_empty_table() -> None:
    assert repr(made(LogBuilder())).split() == ["running", "or", "ready", "waiting", "sleeping", "end"]


def test_a_name_that_is_not_there_is_a_key_error_that_says_which_are() -> None:
    with pytest.raises(KeyError, match="no row is called 'lock_b'; there are lock_a, ready"):
        made(contended()).primitive("lock_b")


def test_dataframes_need_pandas_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        made(contended()).to_dataframes()


def test_dataframes_have_a_column_for_each_number(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = lambda rows, columns: [dict(zip(columns, row, strict=True)) for row in rows]  # noqa: E731
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=frame))
    primitives, threads = made(contended()).to_dataframes()
    assert primitives[0]["longest_wait"] == 2 * SECOND
    assert [row["name"] for row in threads] == ["main", "writer", "reader"]
