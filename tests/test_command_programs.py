"""`python -m tracing`: what is run, and what is said where there is nothing to run, is as without us."""

from __future__ import annotations

import os
import py_compile
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tracing

ROOT = Path(tracing.__file__).resolve().parent.parent
VARS = "for name, value in sorted(vars().items()): print(name, repr(value)[:300])\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Programs of every kind, most of them not to be run."""
    for name in ("package", "closed", "empty"):
        (tmp_path / name).mkdir()
    for name in ("vars.py", "package/__main__.py", "package/inside.py"):
        (tmp_path / name).write_text(VARS)
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "closed" / "__init__.py").write_text("print('imported once')\n")
    (tmp_path / "broken.py").write_text("a = '\\d'\ndef\n")
    (tmp_path / "warns.py").write_text("a = '\\d'\n")
    (tmp_path / "bytes.py").write_bytes(b"print('\xff')\n")
    (tmp_path / "latin.py").write_bytes(b"# coding: latin-1\nprint(ascii('\xe9'))\n")
    (tmp_path / "cookie.py").write_text("# coding: nonsense\n")
    (tmp_path / "zero.py").write_bytes(b"a = 1\0\n")
    py_compile.compile(str(tmp_path / "vars.py"), str(tmp_path / "compiled.pyc"))
    return tmp_path


def run(folder: Path, *words: str, stdin: str) -> tuple[int, str, str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (folder / stdin).open("rb") if stdin else open(os.devnull, "rb") as file:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=file,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    out, err = (re.sub("0x[0-9a-f]{3,}", "0x…", each) for each in (done.stdout, done.stderr))
    return done.returncode, out, err


def assert_as_without_us(folder: Path, *words: str, stdin: str = "") -> None:
    assert run(folder, "-m", "tracing", "-q", *words, stdin=stdin) == run(folder, *words, stdin=stdin)


@pytest.mark.parametrize(
    "words",
    [
        ("vars.py",),
        ("compiled.pyc",),
        ("-c", VARS),
        ("-m", "vars"),
        ("-m", "package"),
        ("-m", "package.inside"),
        ("package",),
    ],
    ids=lambda words: " ".join(words).partition(" for")[0],
)
def test_what_stands_in_main_is_what_stands_there_without_us(folder: Path, words: tuple[str, ...]) -> None:
    assert_as_without_us(folder, *words)


def test_what_stands_in_main_of_a_program_on_standard_input_is_what_stands_there_without_us(
    folder: Path,
) -> None:
    assert_as_without_us(folder, "-", stdin="vars.py")


@pytest.mark.parametrize("name", ["nowhere", "closed", "closed.inside", "vars.py", ".vars", "empty"])
def test_a_module_that_cannot_be_run_is_told_of_as_without_us(folder: Path, name: str) -> None:
    assert_as_without_us(folder, "-m", name)


@pytest.mark.parametrize(
    "name", ["nowhere.py", "empty", "broken.py", "bytes.py", "cookie.py", "zero.py", "latin.py", "warns.py"]
)
def test_a_file_that_cannot_be_run_is_told_of_as_without_us(folder: Path, name: str) -> None:
    assert_as_without_us(folder, name)


@pytest.mark.parametrize("name", ["broken.py", "bytes.py", "latin.py"])
def test_standard_input_that_cannot_be_run_is_told_of_as_without_us(folder: Path, name: str) -> None:
    assert_as_without_us(folder, "-", stdin=name)


def test_what_is_wrong_with_a_text_that_can_be_run_is_told_of_as_without_us(folder: Path) -> None:
    assert_as_without_us(folder, "-c", "a = '\\d'")


@pytest.mark.parametrize("options", [(), ("--simulate",), ("--explore", "9")], ids=" ".join)
@pytest.mark.parametrize("words", [("-c", "def"), ("-m", "nowhere")], ids=" ".join)
def test_where_there_is_nothing_to_run_there_is_nothing_to_report(
    folder: Path, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = run(folder, "-m", "tracing", *options, "-o", "run.png", *words, stdin="")
    assert done == run(folder, *words, stdin="")
    assert not (folder / "run.png").exists()


OWN = ("json", "queue", "logging", "platform", "random", "dataclasses", "argparse", "tokenize")
USES_OWN = """
import sys
from threading import Lock, Thread
{imports}

lock = Lock()
def work():
    with lock:
        print(json.mine, queue.mine)
thread = Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("options", [(), ("--simulate",), ("-o", "run.png")], ids=" ".join)
def test_modules_of_the_program_s_own_may_be_called_as_those_that_we_use(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    for name in OWN:
        (tmp_path / f"{name}.py").write_text("mine = __name__\n")
    imports = "\n".join(f"import {name}; print({name}.mine)" for name in OWN)
    (tmp_path / "a.py").write_text(USES_OWN.format(imports=imports))
    done = run(tmp_path, "-m", "tracing", "-q", *options, "a.py", stdin="")
    assert done == run(tmp_path, "a.py", stdin="") or options[:1] == ("-o",)
    assert done[:2] == (0, "\n".join([*OWN, "json queue", ""]))
    assert (tmp_path / "run.png").exists() == (options[:1] == ("-o",))
