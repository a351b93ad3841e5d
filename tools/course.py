"""What the tools know of the course: where things lie, and how a notebook is read and written.

The notebooks on disk decide which lessons exist; a notebook's title cell gives the words of the tables.
`PLAN` has every lesson of the course, those to come included, and the question that each answers. Only the
standard library is used, so that links can be made and checked without an environment.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START = "00_start_here.ipynb"
NOTEBOOK_NAME = re.compile(r"(\d\d)_[a-z0-9_]+\.ipynb")
YOU_WILL_SEE = re.compile(
    r"you['’]ll see\W*\s+(?P<what>.+?)\s*(?:<br>|\\)?\s*$", re.IGNORECASE | re.MULTILINE
)

PLAN: dict[str, tuple[str, str]] = {
    "01": ("Start and join threads", "How do I run two things at once, and wait for both?"),
    "02": ("Subclass Thread", "When is a thread a class of its own, and where does its result go?"),
    "03": ("Leave daemons behind", "Why does my program not end, and what is cut off when it does?"),
    "04": ("Share with a Lock", "How do I keep two threads from using the same data at the same time?"),
    "05": ("Lock again with an RLock", "Why does my thread wait for a lock that it holds itself?"),
    "06": ("Wait on a Condition", "How does a thread wait until something has become true?"),
    "07": ("Count with a Semaphore", "How do I let in three threads, but not four?"),
    "08": ("Tell all with an Event", "How does one thread tell many others to go on, or to stop?"),
    "09": ("Call later with a Timer", "How do I do something in a second, and how do I call it off?"),
    "10": ("Meet at a Barrier", "How do threads wait for each other before they all go on?"),
    "11": ("Let go with `with`", "How do I release a lock on every way out, errors included?"),
    "12": ("Break a deadlock", "Why does everybody wait for everybody, and which cure costs what?"),
    "13": ("Find races", "Why is my counter wrong, and does the GIL not help?"),
    "14": ("Produce and consume", "How do I hand work from one thread to the next?"),
    "15": ("Use a pool", "How do I get results back, and when are threads the wrong tool?"),
}
"""Number of a lesson -> its title until its notebook has one, and its question."""


def read_notebook(path: Path) -> dict[str, Any]:
    """The notebook as plain data, each cell's source as one string."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = joined(cell["source"])
    return notebook


def write_notebook(path: Path, notebook: dict[str, Any]) -> None:
    """Write the notebook as Jupyter does: sources as lists of lines, one space of indent, a final newline."""
    cells = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    text = json.dumps({**notebook, "cells": cells}, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


@dataclass(frozen=True)
class Lesson:
    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def number(self) -> str:
        return self.name[:2]

    @cached_property
    def _first_words(self) -> str:
        sources = (c["source"] for c in read_notebook(self.path)["cells"] if c["cell_type"] == "markdown")
        return next(sources, "")

    @property
    def title(self) -> str:
        """The title cell's heading, without the lesson's number."""
        heading = re.search(r"^#\s+(?:\d\d\W+)?(.+?)\s*$", self._first_words, re.MULTILINE)
        return heading[1] if heading else self.path.stem

    @property
    def subject(self) -> str:
        """What the title cell promises after "You'll see"; empty if it has no such line."""
        promise = YOU_WILL_SEE.search(self._first_words)
        return promise["what"] if promise else ""


@dataclass(frozen=True)
class Course:
    root: Path = field(default=ROOT)

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def repository(self) -> str:
        """The repository's public address, from the one place that holds it, as a browser has it.

        Raises:
            SystemExit: pyproject.toml holds no GitHub address; the message says what to write.
        """
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        address: str = project.get("urls", {}).get("Repository", "").rstrip("/").removesuffix(".git")
        if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address):
            raise SystemExit(
                f"pyproject.toml, [project.urls]: Repository is {address!r}; "
                "write https://github.com/ and the owner's and the repository's name."
            )
        return address

    @property
    def lessons(self) -> list[Lesson]:
        """The numbered notebooks that exist, in order; the start page comes first."""
        paths = sorted(self.notebooks.glob("*.ipynb"))
        return [Lesson(path=path) for path in paths if NOTEBOOK_NAME.fullmatch(path.name)]

    def binder(self, notebook: str = START) -> str:
        """The address that opens a notebook on mybinder.org."""
        repository = self.repository.removeprefix("https://github.com/")
        return f"https://mybinder.org/v2/gh/{repository}/HEAD?urlpath=lab/tree/notebooks/{notebook}"
