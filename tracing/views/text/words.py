"""The words of the text form: what an event is called.

Rule: a name is data. It is said on one line and in bounded length, whatever it contains.
"""

from __future__ import annotations

from types import MappingProxyType

from tracing.diagnosis.names import LONGEST_TEXT, Names, plain
from tracing.events import TEXT_KINDS, Kind, TraceEvent
from tracing.model.table import TABLE
from tracing.views.units import duration

PHRASES = MappingProxyType({kind: TABLE[kind].phrase for kind in Kind})
"""What a thread does, in the present tense, by kind of event."""


class Words(Names):
    """How the things and the events of one log are called in a sentence."""

    def phrase(self, event: TraceEvent) -> str:
        """What the event is: "acquires lock_a"."""
        arg = event.arg
        return (
            PHRASES[event.kind]
            .format(
                obj=self.object(event.obj) if event.obj else "a thread",
                aim=self.aim(event.obj),
                other=self.thread(arg or 0),
                length=duration(arg) if arg is not None else "",
                text=plain(self._text(arg), LONGEST_TEXT) if event.kind in TEXT_KINDS else "",
                number=arg,
            )
            .rstrip(" :")
        )

    def _text(self, number: int | None) -> str:
        return self.log.text(number) if number and 0 < number <= len(self.log.texts) else ""
