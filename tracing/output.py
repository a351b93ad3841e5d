"""What a program prints while a simulated run lasts, held back until its end.

Owns: what stands in for the standard streams meanwhile.

Rule: the program meets the streams that it knows. Whatever it asks of one (`encoding`, `fileno()`, `buffer`,
`reconfigure()`) is answered as that one answers, and what cannot be written there is refused at once. Only
what it does to the stream waits: it is done at the end, in the same order. From then on all goes straight on,
because something that was made in the run, a logging handler for example, may have kept it.

How it works: a notebook's output waits for a thread outside the run, so it cannot be written in the run. A
text file is replaced by a `HeldFile`, a text file, too, which encodes what it is given, into nothing; any
other stream, like a notebook's, by a `HeldText`.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import Any


class HeldBack:
    """What is printed appears when it is shown. A context manager; then `show`."""

    def __enter__(self) -> HeldBack:
        self._process = os.getpid()
        self._streams = sys.stdout, sys.stderr
        self._kept = [Kept(stream) for stream in self._streams]
        if sys.stdout is sys.stderr:  # in one order
            self._kept[1] = self._kept[0]
        sys.stdout, sys.stderr = self._instead = tuple(map(_held, self._kept))
        return self

    def __exit__(self, *exc_info: object) -> None:
        for stream, instead in zip((sys.stdout, sys.stderr), self._instead, strict=True):
            if stream is not instead:  # the program has put something of its own in front of it
                with suppress(Exception):
                    stream.flush()
        sys.stdout, sys.stderr = self._streams
        if os.getpid() != self._process:  # forked: what was printed before is shown by the other
            for kept in self._kept:
                kept.drop()
                kept.show()

    @property
    def text(self) -> str:
        """What was printed."""
        return self._kept[0].text

    def show(self, *, output: bool = True) -> None:
        """Write it where it was meant to go. output: also what was printed, not only errors."""
        if not output:
            self._kept[0].drop()
        for kept in self._kept:
            kept.show()


class Kept:
    """What was done to a stream, to be done later: writing text or bytes, flushing, closing, ...

    straight: it was shown, and all that comes from now on is done at once.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self._done: list[tuple[str, Any]] = []
        self.straight = False

    def do(self, what: str, content: Any = None) -> None:
        """Do it later, or now where it is later."""
        if self.straight:
            self._really(what, [content])
        else:
            self._done.append((what, content))

    @property
    def text(self) -> str:
        """What was written, text and bytes, and not shown."""
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        written = [content for what, content in self._done if what in ("write", "bytes")]
        return "".join(
            each if isinstance(each, str) else bytes(each).decode(encoding, "replace") for each in written
        )

    def drop(self) -> None:
        """It is not to be done."""
        self._done = []

    def show(self) -> None:
        """Do all that was not done yet."""
        done, self._done, self.straight = self._done, [], True
        for what, group in groupby(done, key=itemgetter(0)):
            self._really(what, [content for _, content in group])

    def _really(self, what: str, contents: list[Any]) -> None:
        match what:
            case "write":
                self.stream.write("".join(contents))
            case "bytes":
                self.stream.buffer.write(b"".join(contents))
            case "reconfigure":
                for settings in contents:
                    self.stream.reconfigure(**settings)
            case _:
                getattr(self.stream, what)()


def _held(kept: Kept) -> Any:
    """What stands in for its stream; where nothing can be written, that itself: None, or a closed one."""
    if kept.stream is None or getattr(kept.stream, "closed", False):
        return kept.stream
    return HeldFile(kept) if isinstance(kept.stream, io.TextIOWrapper) else HeldText(kept)


class HeldFile(io.TextIOWrapper):
    """Stands in for a text file."""

    def __init__(self, kept: Kept) -> None:
        self._kept, stream = kept, kept.stream
        self._held = HeldBuffer(kept)
        super().__init__(
            _Nowhere(),  # type: ignore[arg-type]  # typeshed asks for a name, which nobody does
            encoding=stream.encoding,
            errors=stream.errors,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )

    def __del__(self) -> None:
        """Not closed when it is collected: that would close the stream."""

    def __repr__(self) -> str:
        return repr(self._kept.stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept.stream, name)

    @property
    def buffer(self) -> Any:
        """What bytes are written to."""
        return self._held

    @property
    def name(self) -> Any:
        """As the stream has it."""
        return self._kept.stream.name

    def fileno(self) -> int:
        """What is written to it by others does not wait."""
        return int(self._kept.stream.fileno())

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return bool(self._kept.stream.isatty())

    def write(self, text: str, /) -> int:
        """Text, in its turn. Raises what the stream would: for what is no text, or not in its encoding."""
        length = super().write(text)
        self._kept.do("write", text)
        return length

    def flush(self) -> None:
        """In its turn."""
        super().flush()
        self._kept.do("flush")

    def reconfigure(self, **settings: Any) -> None:
        """For what is written from now on."""
        super().reconfigure(**settings)
        self._kept.do("reconfigure", settings)

    def close(self) -> None:
        """Nothing can be written any more; the stream is closed in its turn."""
        super().close()
        self._kept.do("close")

    def detach(self) -> Any:
        """What bytes are written to, for a program that puts a text file of its own in front of it."""
        super().detach()
        return self._held


class _Nowhere(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return len(data)


class HeldBuffer:
    """Stands in for the `buffer` of a text file."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept.stream.buffer, name)

    def write(self, data: Any, /) -> int:
        """Bytes, in their turn. Raises TypeError for what is none."""
        (copy := io.BytesIO()).write(data)
        self._kept.do("bytes", copy.getvalue())
        return len(copy.getvalue())

    def writelines(self, lines: Iterable[Any], /) -> None:
        """All of them."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """In its turn."""
        self._kept.do("flush")

    def close(self) -> None:
        """Not closed: what the program has put in front of it is collected when the run ends, and would close
        it.
        """
        self.flush()


io.BufferedIOBase.register(HeldBuffer)


class HeldText:
    """Stands in for a stream that is no file: a notebook's, or one in memory."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept.stream, name)

    def write(self, text: str, /) -> int:
        """Text, in its turn. Raises TypeError for anything else."""
        if not isinstance(text, str):
            raise TypeError(f"string argument expected, got {type(text).__name__!r}")
        self._kept.do("write", text)
        return len(text)

    def writelines(self, lines: Iterable[str], /) -> None:
        """All of them."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing to do, as long as all is held back: a notebook's stream would make each of them wait."""
        if self._kept.straight:
            self._kept.stream.flush()


io.TextIOBase.register(HeldText)
