"""The reads and writes of the variables that a finding is about, put into the record of a run.

Owns: `marked`. Rule: they are marks, as those of the program's own: what threads do to each other stands in
the record without them. Nobody knows which variable matters before the run is over, so they are put in
afterwards, each at the place at which it was seen: after how many events, and after how many changes of turn.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from tracing.events import VALUE_SIGN, EventLog, Kind, Turns, pack
from tracing.exploring.updates import Access

T = TypeVar("T")

MOST = 200  # of one run: a loop may read its variable for ever


def marked(log: EventLog, touches: Sequence[Access], stamps: Sequence[int]) -> EventLog:
    """The log with these reads and writes among its events, and their places and values in its tables.

    touches: in the order in which they were made. stamps: of the log's events, see `Recorder.stamps`.
    """
    touches = [each for each in touches if each.time <= log.ending.time][:MOST]
    places, texts = _with(log.sites, (each.place for each in touches)), _with(log.texts, map(_text, touches))
    site_numbers, text_numbers = _numbered(places), _numbered(texts)
    times, codes, args = array("q"), array("q"), dict[int, int]()
    before = 0
    for each, place in zip(touches, _places(touches, stamps), strict=True):
        _copy(log, before, place, times, codes, args)
        args[len(times)] = text_numbers[_text(each)]
        times.append(each.time)
        kind = Kind.WRITE if each.writes else Kind.READ
        codes.append(pack(kind, thread=each.thread, site=site_numbers[each.place]))
        before = place
    _copy(log, before, len(log), times, codes, args)
    turns = _moved(log.turns, touches)
    return replace(log, times=times, codes=codes, args=args, sites=places, texts=texts, turns=turns)


def _text(touch: Access) -> str:
    return f"{touch.name}{VALUE_SIGN}{touch.value}" if touch.value else touch.name


def _with(table: tuple[T, ...], more: Iterable[T]) -> tuple[T, ...]:
    """The table with more at its end: what stands in it, twice also, keeps its number."""
    known = set(table)
    return (*table, *dict.fromkeys(each for each in more if each not in known))


def _numbered(table: Iterable[T]) -> dict[T, int]:
    return {each: number for number, each in enumerate(table, 1)}


def _places(touches: Sequence[Access], stamps: Sequence[int]) -> list[int]:
    """After how many of the log's events each was made."""
    return [bisect_left(stamps, each.stamp) for each in touches]


def _copy(
    log: EventLog, start: int, end: int, times: array[int], codes: array[int], args: dict[int, int]
) -> None:
    """Go on with the log's own events, from `start` to `end`."""
    args.update((len(times) + seq - start, log.args[seq]) for seq in range(start, end) if seq in log.args)
    times.extend(log.times[start:end])
    codes.extend(log.codes[start:end])


def _moved(turns: Turns, touches: Sequence[Access]) -> Turns:
    """The turns with as many events before each as there are now."""
    rows = [each.turns for each in touches]
    seqs = (seq + bisect_right(rows, row) for row, seq in enumerate(turns.seqs))
    return replace(turns, seqs=array("q", seqs))
