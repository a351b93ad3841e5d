"""The log of a run while it is being written: one flat list of integers per thread, merged once at the end.

Rule: recording an event never blocks, takes no lock (but for a text, as of an error) and allocates two
integers at most: a thread writes only to its own list. Order between threads is decided by the time stamps
when the lists are merged.

How it works: an event is two entries, its time and its code; an event with an argument is followed by two
more, the argument and the code 0. Codes stand ready-made in each primitive (`Identity.code`), one for each
source line that uses it, so that an event costs a clock and one call. Long lists are turned into arrays of
sixteen bytes an event on the way (`ThreadLog.compact`). Primitives and source places have process-wide serial
numbers; the merge counts them 1..N anew.

    places.py    places in the program, numbered: whose line is it?
    identity.py  Identity: what a primitive is, for the record
    log.py       ThreadLog: what one thread did; Recorder: what a run's threads write
    merging.py   from a Recorder to the immutable EventLog
"""

from tracing.recorder.identity import IDENTITIES, OPEN, Identities, Identity, next_serial
from tracing.recorder.log import Recorder, ThreadLog
from tracing.recorder.merging import snapshot
from tracing.recorder.places import PLACES, Places, raised_at, user_frame

__all__ = [
    "IDENTITIES",
    "OPEN",
    "PLACES",
    "Identities",
    "Identity",
    "Places",
    "Recorder",
    "ThreadLog",
    "next_serial",
    "raised_at",
    "snapshot",
    "user_frame",
]
