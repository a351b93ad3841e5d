"""`python -m tracing`: what is asked for, typed and by default, and what of it is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from test_saving import no_file_longer_than

import tracing
from tracing.commanding import command, main
from tracing.commanding.options import UNSET, UsageError, parse, parser, split
from tracing.commanding.outputs import SUFFIXES, write


@pytest.mark.parametrize(
    ("words", "own", "program"),
    [
        (["-qo", "x.png", "a.py", "-q"], ["-q", "-o", "x.png"], ["a.py", "-q"]),
        (["-fox.png", "a.py"], ["-f", "-o=x.png"], ["a.py"]),
        (["-o=x.png", "a.py"], ["-o=x.png"], ["a.py"]),
        (["-qfo=x.png", "-"], ["-q", "-f", "-o=x.png"], ["-"]),
        (["-qm", "mod", "-q"], ["-q"], ["-m", "mod", "-q"]),
        (["-qcpass", "-q"], ["-q"], ["-cpass", "-q"]),
        (["--no-timeout", "a.py"], ["--no-timeout"], ["a.py"]),
        (["-qo"], ["-q", "-o"], []),
        (["-o-model.png", "a.py"], ["-o=-model.png"], ["a.py"]),
        (["-o", "--", "a.py"], ["-o", "--"], ["a.py"]),
    ],
)
def test_options_of_one_letter_may_be_written_together(
    words: list[str], own: list[str], program: list[str]
) -> None:
    assert split(words) == (own, program)


@pytest.mark.parametrize("word", ["-o-model.png", "-o=-model.png", "-qo-model.png", "--output=-model.png"])
def test_a_value_in_the_same_word_may_be_anything(tmp_path: Path, word: str) -> None:
    options, program = parse([word, "a.py", "-q"], tmp_path)
    assert (list(options.output), program) == (["-model.png"], ["a.py", "-q"])


def test_every_option_with_a_value_takes_the_next_word_from_the_program() -> None:
    """Whichever there are: the parser says so."""
    for option in parser().options:
        for name in option.option_strings:
            own = [name, "b.py"] if option.nargs != 0 else [name]
            assert split([name, "b.py", "a.py"])[0] == own


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["-qo"], "expected one argument"),
        (["-qz", "a.py"], "unrecognized arguments: -z"),
        (["--seed", "x", "a.py"], "--seed: 'x' is no whole number"),
        (["--explore", "abc", "a.py"], "--explore: 'abc' is no whole number from 1 on"),
        (["--timeout", "-1", "a.py"], "--timeout: '-1' is no number of seconds above 0"),
        (["-f", "-o", "folder", "a.py"], "-o folder: that is a folder; name a file."),
        (["-f", "--json", "folder", "a.py"], "--json folder: that is a folder; name a file."),
        (["-o", "x.png", "-o", "./x.png", "a.py"], "-o ./x.png: -o x.png is the same file"),
        (["--json", "x.jsonl", "-o", "x.jsonl", "a.py"], "--json x.jsonl: -o x.jsonl is the same file"),
        (["--json", "folder/../x.jsonl", "-o", "x.jsonl", "a.py"], "-o x.jsonl is the same file"),
        (["--no-simulate", "--seed", "3", "a.py"], "--seed simulates the program and --no-simulate does not"),
        (["--no-simulate", "--explore", "3", "a.py"], "leave one out"),
        (["--explore", "3", "--replay", "-", "a.py"], "give one of the two"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    status, told = main(words), capsys.readouterr()
    assert (status, told.out) == (2, "")
    assert complaint in told.err
    assert len(told.err.splitlines()) == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder"]


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_file_under_the_name_of_a_link_is_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.png").touch()
    (tmp_path / "link.png").symlink_to("x.png")
    assert main(["-f", "-o", "x.png", "-o", "link.png", "a.py"]) == 2
    assert "-o link.png: -o x.png is the same file" in capsys.readouterr().err


def chosen(folder: Path, table: str, *words: str) -> dict[str, Any]:
    """What counts of a table of defaults and of what is typed."""
    (folder / "pyproject.toml").write_text(f"[tool.threads-course]\n{table}\n")
    options = parse([*words, "a.py"], folder)[0]
    return {name: getattr(options, name) for name in ("simulate", "seed", "explore", "replay")}


@pytest.mark.parametrize(
    ("table", "words", "counts"),
    [
        ("simulate = true", ["--no-simulate"], {}),
        ("seed = 4", ["--no-simulate"], {}),
        ("seed = 4", ["--no-seed"], {}),
        ("explore = 9", ["--no-simulate"], {}),
        ("explore = 9", ["--no-explore"], {}),
        ("simulate = false", ["--seed", "4"], {"simulate": True, "seed": 4}),
        ("simulate = false", ["--explore", "9"], {"explore": 9}),
        ("explore = 9", ["--replay", "-"], {"replay": "-"}),
        ("explore = 9\nseed = 4", ["--replay", "-"], {"replay": "-"}),
        ('replay = "-"', ["--explore", "9"], {"explore": 9}),
        ("explore = 9", ["--seed", "4"], {"explore": 9, "seed": 4, "simulate": True}),
    ],
)
def test_what_is_typed_goes_before_a_default_that_contradicts_it(
    tmp_path: Path, table: str, words: list[str], counts: dict[str, Any]
) -> None:
    nothing = {"simulate": False, "seed": None, "explore": None, "replay": None}
    assert chosen(tmp_path, table, *words) == {**nothing, **counts}


@pytest.mark.parametrize(
    "table", ["timeout = 3", "title = 'T'", "json = 'x'", "output = ['x.png']", "dump-signal = 'USR1'"]
)
def test_every_default_can_be_undone(tmp_path: Path, table: str) -> None:
    if "USR1" in table and os.name != "posix":
        pytest.skip("a signal of POSIX")
    (tmp_path / "pyproject.toml").write_text(f"[tool.threads-course]\n{table}\n")
    name = table.partition(" ")[0]
    assert parse(["a.py"], tmp_path)[0] != UNSET
    assert parse([f"--no-{name}", "a.py"], tmp_path)[0] == UNSET


def test_files_that_are_typed_stand_in_place_of_those_by_default(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.threads-course]\noutput = ['a.png', 'b.png']\n")
    assert list(parse(["a.py"], tmp_path)[0].output) == ["a.png", "b.png"]
    assert list(parse(["-o", "c.png", "a.py"], tmp_path)[0].output) == ["c.png"]


def test_defaults_that_contradict_each_other_are_refused_with_where_they_stand(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"pyproject.toml: --explore looks for a schedule"):
        chosen(tmp_path, 'explore = 9\nreplay = "-"')


@pytest.mark.skipif(os.name != "posix", reason="a limit of POSIX")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_cannot_be_completed_leaves_the_one_that_was_there(tmp_path: Path, suffix: str) -> None:
    """As on a disk that is full after some bytes of it."""
    with tracing.record() as run, tracing.Lock():
        pass
    path = tmp_path / f"run{suffix}"
    path.write_text("of yesterday")
    with no_file_longer_than(64), pytest.raises(OSError, match="File too large"):
        write(run, str(path))
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [(path.name, "of yesterday")]


def test_progress_is_said_on_a_terminal_only(capsys: pytest.CaptureFixture[str]) -> None:
    with command._progress("writing run.png"):
        pass
    assert capsys.readouterr().err == ""
