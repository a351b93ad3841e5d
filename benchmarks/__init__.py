"""What recording and drawing cost. Run by `python -m benchmarks [--quick] [part ...]`, or `make bench`.

measure.py   rounds, medians, ratios, the table
programs.py  the programs that are measured, for any Lock and any Thread
locks.py     a `with` pair, the four-thread programs, waits, context switches: bare, traced, VizTracer
handoff.py   from a release to the waiting thread's next step
queues.py    a put and a get, items handed on, a call of a pool and its result
memory.py    bytes an event
traces.py    events to a figure, to a file and back
explore.py   schedules a second; seconds to find, minimise and exhaust the classics
peers.py     the same programs under interleave-test and frontrun

Rule: a ratio is taken within a round, in which each variant runs once, one after the other; what is shown is
the median over the rounds. A machine that slows down between rounds then changes no ratio.

The goals for a pair are ratios to a bare one, and the same for all versions. They are met where a bare `with`
takes 220 to 320 ns (3.11.7 and 3.13.0, built without PGO), not where it takes 55 to 70 (3.14.10 and 3.15.2 as
Debian builds them), though a recorded pair takes a third less there, 0.7 µs for 1.0 to 1.2. The floor is what
no recorder in Python does without: two calls, and each way thread, line, clock and append. `with` it misses
there, too. Medians, with lines, on two processors that were busy with other things:

                                     goal   3.11   3.13   3.14   3.15
    Lock, with, outside a run           2   1.24   1.19   1.56   2.05
    Lock, with, recorded                5    4.4    3.8   10.1   13.2
        the floor                            3.4    3.0    6.2    8.3
    Lock, acquire and release          11    9.1    9.3   15.3   15.9
        the floor                            7.5    7.5   10.7   10.8
    RLock, with, outside a run          2   1.94   1.87   2.97   4.01
    RLock, with, recorded               5    4.9    4.3   11.7   14.6
    RLock, acquire and release         11    9.5    9.5   16.3   17.7

Between the floor and ours: the thread's own log in place of its number, 50 ns a pair; the line as a code that
stands ready, 100, in place of two objects that somebody has to look up later; and to try before one waits.
"""
