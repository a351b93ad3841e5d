"""What a reader asks a view for by name: a thread or a primitive that is not there is one clear error, the
same from every view.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from tracing.diagnosis.names import listed
from tracing.errors import NoSuchPrimitiveError, NoSuchThreadError
from tracing.events import EventLog, ObjectInfo, ThreadInfo

Selection = str | int | Iterable[str | int] | None


def selected_threads(selection: Selection, logs: Sequence[EventLog], by: str) -> tuple[str | int, ...] | None:
    """The names and numbers that were asked for, one or several; None: all of them.

    Parameters: `logs`, each must be in one of them; `by`, who was asked. Raises NoSuchThreadError.
    """
    return _selected(
        selection, [info for log in logs for info in log.threads], by, "thread", NoSuchThreadError
    )


def selected_objects(selection: Selection, logs: Sequence[EventLog], by: str) -> tuple[str | int, ...] | None:
    """The same for primitives. Raises NoSuchPrimitiveError."""
    infos = [info for log in logs for info in log.objects]
    return _selected(selection, infos, by, "primitive", NoSuchPrimitiveError)


def _selected(
    selection: Selection,
    infos: Sequence[ThreadInfo | ObjectInfo],
    by: str,
    what: str,
    error: type[LookupError],
) -> tuple[str | int, ...] | None:
    if selection is None:
        return None
    several = isinstance(selection, Iterable) and not isinstance(selection, str)
    wanted: tuple[Any, ...] = tuple(cast(Iterable[Any], selection)) if several else (selection,)
    known = {info.number for info in infos} | {info.name for info in infos}
    for each in wanted:
        if isinstance(each, bool) or not isinstance(each, str | int) or each not in known:
            names = listed(list(dict.fromkeys(repr(info.name) for info in infos)), most=12) or "none at all"
            raise error(
                f"{by} found no {what} {each!r} in this run. Its {what}s are {names}: "
                "ask for one of these, or for its number, counted from 1."
            )
    return wanted
