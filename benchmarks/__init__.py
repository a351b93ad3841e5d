"""What recording and drawing cost. Run by `python -m benchmarks [--quick] [part ...]`, or `make bench`.

measure.py   rounds, medians, ratios, the table
programs.py  the programs that are measured, for any Lock and any Thread
locks.py     a `with` pair, the four-thread programs, waits, context switches: bare, traced, VizTracer
handoff.py   from a release to the waiting thread's next step
memory.py    bytes an event
traces.py    events to a figure, to a file and back
explore.py   schedules a second; seconds to find, minimise and exhaust the classics
peers.py     the same programs under interleave-test and frontrun

Rule: a ratio is taken within a round, in which each variant runs once, one after the other; what is shown is
the median over the rounds. A machine that slows down between rounds then changes no ratio.

The goals for a pair are ratios to a bare one of about 200 ns, as CPython 3.11 and 3.13 without PGO have it.
Where that takes 70 ns (3.14 and 3.15 as Debian builds them), the floor alone takes three to four times as
long, and they cannot be met; what an event costs, in ns, is less there.
"""
