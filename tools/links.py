"""Generate every link that depends on the repository's address or on which lessons exist.

    python tools/links.py            rewrite README.md and the notebooks
    python tools/links.py --check    change nothing; say what disagrees, and exit with 1

A generated piece stands between the comments `begin:NAME` and `end:NAME` (HTML comments, invisible in
Markdown) in README.md, CONTRIBUTING.md or a Markdown cell; `BLOCKS` holds the names. The foot of each lesson
(previous, contents, next) is a Markdown cell of its own, tagged `navigation`, always the last. The
repository's address may stand nowhere else than in pyproject.toml and inside such a piece.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from course import PLAN, START, Course, Lesson, read_notebook, write_notebook
from notebooks import tidied

BADGE = "https://mybinder.org/badge_logo.svg"
NAVIGATION = "navigation"
BLOCK = re.compile(
    r"(?P<begin><!-- begin:(?P<name>[\w-]+) -->)(?P<old>.*?)(?P<end><!-- end:(?P=name) -->)", re.DOTALL
)


def badge(course: Course, folder: str) -> str:
    return f"\n[![Open in Binder]({BADGE})]({course.binder()})\n"


def clone(course: Course, folder: str) -> str:
    name = course.repository.rsplit("/", 1)[1]
    return f"\n```sh\ngit clone {course.repository}.git\ncd {name}\n```\n"


def repository(course: Course, folder: str) -> str:
    return f"[the repository]({course.repository})"


def issues(course: Course, folder: str) -> str:
    return f"[the issue tracker]({course.repository}/issues)"


def lessons(course: Course, folder: str) -> str:
    """A row for every lesson that exists: its number, its title as a link, what one sees in it."""
    rows = [
        f"| {lesson.number} | [{lesson.title}]({folder}{lesson.name}) | {_table_text(lesson.subject)} |"
        for lesson in course.lessons
    ]
    return "\n".join(["", "| | Lesson | You'll see |", "|---|---|---|", *rows, ""])


def questions(course: Course, folder: str) -> str:
    """A row for every lesson that is planned, with the question it answers; a link where it exists."""
    rows = [
        f"| {number} | {lesson_link(course, folder, number, titled=True)} | {question} |"
        for number, (_, question) in PLAN.items()
    ]
    return "\n".join(["", "| | Lesson | The question it answers |", "|---|---|---|", *rows, ""])


def lesson_link(course: Course, folder: str, number: str, *, titled: bool = False) -> str:
    """A lesson's number, or its title, as a link; without one, and the title marked, while it is to come."""
    for lesson in course.lessons:
        if lesson.number == number:
            return f"[{lesson.title if titled else number}]({folder}{lesson.name})"
    return f"{PLAN[number][0]} (to come)" if titled else number


def _table_text(text: str) -> str:
    return text.replace("|", "\\|")


# Pieces on lines of their own begin with a line break: Markdown leaves the rest of a comment's line as it is.
BLOCKS: dict[str, Callable[[Course, str], str]] = {
    "badge": badge,
    "clone": clone,
    "repository": repository,
    "issues": issues,
    "lessons": lessons,
    "questions": questions,
    **{f"lesson-{number}": partial(lesson_link, number=number) for number in PLAN},
}
PIECES = ", ".join([*(name for name in BLOCKS if not name.startswith("lesson-")), "lesson-NN"])


def navigation(all_lessons: list[Lesson], lesson: Lesson) -> str:
    """Previous / contents / next, as far as they exist."""
    at = all_lessons.index(lesson)
    before, after = all_lessons[max(at - 1, 0) : at], all_lessons[at + 1 : at + 2]
    parts = [f"[← Previous: {other.title}]({other.name})" for other in before]
    parts += [f"[Contents]({START})"] if lesson.name != START else []
    parts += [f"[Next: {other.title} →]({other.name})" for other in after]
    return "---\n" + " · ".join(parts)


def fill(course: Course, text: str, folder: str) -> str:
    """The text with every generated piece made anew."""

    def made(block: re.Match[str]) -> str:
        if block["name"] not in BLOCKS:
            raise SystemExit(f"begin:{block['name']}: no such piece; there are {PIECES}.")
        return block["begin"] + BLOCKS[block["name"]](course, folder) + block["end"]

    return BLOCK.sub(made, text)


def linked(course: Course, lesson: Lesson, notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook with its generated pieces and its foot made anew."""
    cells = [
        {**cell, "source": fill(course, cell["source"], "")} if cell["cell_type"] == "markdown" else cell
        for cell in notebook["cells"]
    ]
    body = [cell for cell in cells if not is_navigation(cell)]
    foot = {
        "cell_type": "markdown",
        "id": NAVIGATION,
        "metadata": {"tags": [NAVIGATION]},
        "source": navigation(course.lessons, lesson),
    }
    return {**notebook, "cells": [*body, foot]}


def is_navigation(cell: dict[str, Any]) -> bool:
    return NAVIGATION in cell["metadata"].get("tags", [])


def pages(course: Course) -> list[Path]:
    return sorted(course.root.glob("*.md"))


def rewrite(course: Course) -> list[str]:
    """Bring every page and notebook up to date; the names of those that changed."""
    changed = []
    for path in pages(course):
        old = path.read_text(encoding="utf-8")
        if (new := fill(course, old, "notebooks/")) != old:
            path.write_text(new, encoding="utf-8", newline="\n")
            changed.append(path.name)
    for lesson in course.lessons:
        notebook = read_notebook(lesson.path)
        if (fresh := linked(course, lesson, notebook)) != notebook:
            write_notebook(lesson.path, tidied(fresh))
            changed.append(lesson.name)
    return changed


def problems(course: Course) -> list[str]:
    """What disagrees with pyproject.toml or with the lessons that exist, a sentence each."""
    found = []
    for path in pages(course):
        text = path.read_text(encoding="utf-8")
        if fill(course, text, "notebooks/") != text:
            found.append(f"{path.name}: a generated link is out of date; run `make links`.")
        found += _by_hand(course, path.name, text)
    for lesson in course.lessons:
        notebook = read_notebook(lesson.path)
        if linked(course, lesson, notebook) != notebook:
            found.append(f"{lesson.name}: a generated link is out of date; run `make links`.")
        if not lesson.subject:
            found.append(
                f"{lesson.name}: its title cell has no line with **You'll see**; the tables need it."
            )
        text = "\n".join(cell["source"] for cell in notebook["cells"])
        found += _by_hand(course, lesson.name, text)
    return found


def _by_hand(course: Course, name: str, text: str) -> Iterator[str]:
    outside = BLOCK.sub("", text)
    for link in re.findall(r"https?://mybinder\.org/v2/[^\s)\"]+", outside) + re.findall(
        re.escape(course.repository) + r"\b[^\s)\"]*", outside
    ):
        yield f"{name}: {link} was written by hand; use a piece of tools/links.py: {PIECES}."


def main() -> int:
    parser = argparse.ArgumentParser(description="Generate the links of README.md and the notebooks.")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit with 1 if a link disagrees"
    )
    course = Course()
    if parser.parse_args().check:
        found = problems(course)
        print("\n".join(found) or "Links agree.")
        return 1 if found else 0
    changed = rewrite(course)
    print("\n".join(f"{name}: links made anew" for name in changed) or "Links were up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
