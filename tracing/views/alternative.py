"""What a figure says, in one sentence, for those who do not see it: its alternative text.

Owns: the sentences; and where they are put. Rule: the sentence says what a reader who sees gets at once: what
the figure is of, which threads, and the main finding. Beside it stands the whole in words (`text/plain`).

How it works: a notebook's output has metadata for each of its types. `{"image/png": {"alt": ...}}` is what
nbconvert's template `classic` reads, so nbviewer, and nbsphinx; it is the place that Jupyter's enhancement
proposal no. 120 has in mind. JupyterLab (read in the source of 4.6) makes an image without an `alt` of each
image/png, whatever stands beside it, and nbconvert's template `lab` does, too. The picture itself has the
sentence as well: in what PNG has for that, a text chunk "Description".

JupyterLab would take an `alt` only from an image in text/html. There is none: the course's 148 pictures are
3.6 of its 4.5 MB, and would be in it twice, for GitHub and LaTeX need image/png; and nbval, which leaves
image/png alone, compares text/html byte by byte (measured: one that differs fails), but a picture of a run on
the real clock is another one each time. Where there is no `alt`, `run.text()` says all of it in words.

Source: "Portable Network Graphics (PNG) Specification (Third Edition)", W3C, 11.3.3 (tEXt, iTXt).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from struct import pack
from typing import Any, Protocol

from tracing.diagnosis import brief
from tracing.diagnosis.names import LONGEST_TEXT, plain
from tracing.events import EventLog
from tracing.views.text.words import Words
from tracing.views.units import count

LONGEST = 400  # characters of a sentence: a reader of screens reads all of it aloud
HEAD = 8 + 25  # bytes of a PNG before its second chunk

Bundle = tuple[dict[str, Any], dict[str, Any]]
"""What `_repr_mimebundle_` gives: the data, and the metadata, each by its type."""


class Finding(Protocol):
    """What a sentence needs of a finding of the diagnosis."""

    @property
    def sentence(self) -> str: ...


def bundle(png: bytes, text: str, alternative: str) -> Bundle:
    """A figure as a notebook shows it: with its sentence, and with all of it in words."""
    sentence = plain(alternative, LONGEST)
    return (
        {"image/png": described(png, sentence), "text/plain": text},
        {"image/png": {"alt": sentence}},
    )


def of_timeline(log: EventLog, findings: Sequence[Finding] | None) -> str:
    """'Timeline of "broken" with ann and bob. Deadlock: ...'. findings: None where nobody looked."""
    found = brief(log) or "What went wrong was not looked for." if findings is None else _found(findings)
    return f"Timeline of {_run(log)}. {found}"


def of_timelines(logs: Sequence[EventLog], sentence: str, findings: Sequence[Finding] = ()) -> str:
    """'Timelines of "fails" with ann and bob, and of "passes" with ann and bob. The runs are the same ...'.

    sentence: where they part.
    """
    found = f" {_found(findings)}" if findings else ""
    return f"Timelines of {', and of '.join(map(_run, logs))}.{found} {sentence}".rstrip()


def of_graph(what: str, log: EventLog, text: str) -> str:
    """'Wait-for graph of a run with ann and bob: a waits for b; b waits for a; a → b → a is a circle.'.

    text: the same in words. Circles, which are what it is about, stand at its end, and come first here.
    """
    lines = text.splitlines()
    circles = [line for line in lines if "→" in line and " is a circle" in line]
    others = [line.rstrip(".") for line in lines if line not in circles]
    return f"{what} of {_run(log)}: {' '.join([*circles, '; '.join(others)])}"


def _run(log: EventLog) -> str:
    words = Words(log)
    names = words.threads(range(1, len(log.threads) + 1))
    title = plain(log.title, LONGEST_TEXT)
    return f'"{title}" with {names}' if title else f"a run with {names}"


def _found(findings: Sequence[Finding]) -> str:
    """The main finding: they stand in order."""
    if not findings:
        return "Nothing is found wrong."
    more = len(findings) - 1
    return findings[0].sentence + (f" And {count(more, 'more finding')}." if more else "")


def described(png: bytes, sentence: str) -> bytes:
    """The picture with that sentence as its Description."""
    content = b"Description\0\0\0\0\0" + sentence.encode(errors="replace")  # not packed, of no language
    chunk = b"iTXt" + content
    return png[:HEAD] + pack(">I", len(content)) + chunk + pack(">I", zlib.crc32(chunk)) + png[HEAD:]
