"""What objects are called, and where they are said to be. `Lock` stands in, and notes where it was made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import tracing
from tracing.naming import Made, bound, creator, is_library, name_all, site_of

ROOT = Path(__file__).parents[1]

# The stand-in, as source, so that kernels and child interpreters can run it too.
STAND_IN = """
import sys
from tracing.naming import Made, creator, field_made, name_all, site_of

made = []

class Lock:
    def __init__(self, lock=None):
        frame, direct = creator(sys._getframe(1), self)
        self.at = frame.f_code, frame.f_lasti
        field = field_made(sys._getframe(1), self)
        made.append(Made(type=type(self).__name__, place=self.at if direct else None, given=field))

class Condition(Lock):
    pass

def names():
    return list(name_all(dict(enumerate(made))).values())
"""


def named(program: str, tmp_path: Path, setup: str = "") -> list[str]:
    """The names of all that the program makes, in the order of creation, run as a file."""
    space: dict[str, object] = {}
    exec(compile(STAND_IN, str(tmp_path / "stand_in.py"), "exec"), space)
    path = tmp_path / "lesson.py"
    path.write_text(textwrap.dedent(setup) + textwrap.dedent(program), encoding="utf-8")
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)
    return space["names"]()  # type: ignore[no-any-return, operator]


NAMED = {
    "variable": ("lock_a = Lock()", ["lock_a"]),
    "several targets": ("a = b = Lock()", ["a"]),
    "tuple": ("a, b = Lock(), Lock()", ["a", "b"]),
    "nested tuple": ("a, (b, c) = Lock(), (Lock(), Lock())", ["a", "b", "c"]),
    "starred target": ("a, *b = Lock(), Lock(), Lock()", ["a", "b[0]", "b[1]"]),
    "what comes after a starred target is not guessed": (
        "a, *b, c = Lock(), Lock(), Lock()",
        ["a", "Lock-1", "Lock-2"],
    ),
    "starred target of a generator is not guessed": (
        "a, *b = (Lock() for _ in range(2))",
        ["Lock-1", "Lock-2"],
    ),
    "unpacked generator": ("left, right = (Lock() for _ in range(2))", ["left", "right"]),
    "annotated": ("mutex: Lock = Lock()", ["mutex"]),
    "walrus": ("if (mutex := Lock()): pass", ["mutex"]),
    "or": ("mutex = None or Lock()", ["mutex"]),
    "conditional": ("mutex = Lock() if True else None", ["mutex"]),
    "in a test": ("mutex = 1 if Lock() else None", ["Lock-1"]),
    "attribute": ("class A: pass\na = A()\na.mutex = Lock()", ["a.mutex"]),
    "self": (
        "class Account:\n    def __init__(self):\n        self.mutex = Lock()\nAccount()",
        ["Account.mutex"],
    ),
    "self of two": (
        "class Account:\n    def __init__(self):\n        self.mutex = Lock()\nAccount(); Account()",
        ["Account.mutex-1", "Account.mutex-2"],
    ),
    "self in an inner function": (
        "class A:\n    def go(self):\n        def inner():\n"
        "            self.mutex = Lock()\n        inner()\nA().go()",
        ["A.mutex"],
    ),
    "self outside a class": ("def f(self):\n    self.m = Lock()\nf(Lock)", ["self.m"]),
    "class attribute": ("class Account:\n    mutex = Lock()", ["Account.mutex"]),
    "list": ("locks = [Lock(), Lock()]", ["locks[0]", "locks[1]"]),
    "list after an unpacked one": ("x = [0]\nlocks = [*x, Lock()]", ["locks[0]"]),
    "dict": ('locks = {"x": Lock(), 2: Lock()}', ["locks['x']", "locks[2]"]),
    "dict()": ("locks = dict(x=Lock(), y=Lock())", ["locks['x']", "locks['y']"]),
    "subscript": ('locks = {}\nlocks["x"] = Lock()', ["locks['x']"]),
    "comprehension": ("forks = [Lock() for _ in range(3)]", ["forks[0]", "forks[1]", "forks[2]"]),
    "comprehension on self": (
        "class T:\n    def __init__(self):\n        self.forks = [Lock() for _ in range(2)]\nT()",
        ["T.forks[0]", "T.forks[1]"],
    ),
    "dict comprehension": ("locks = {name: Lock() for name in 'ab'}", ["locks[0]", "locks[1]"]),
    "generator in a call": ("locks = tuple(Lock() for _ in range(2))", ["locks[0]", "locks[1]"]),
    "pairs": (
        "pairs = [(Lock(), Lock()) for _ in range(2)]",
        ["pairs[0][0]", "pairs[0][1]", "pairs[1][0]", "pairs[1][1]"],
    ),
    "grid": (
        "grid = [[Lock() for _ in range(2)] for _ in range(2)]",
        ["grid-1", "grid-2", "grid-3", "grid-4"],
    ),
    "append": ("locks = []\nfor _ in range(2):\n    locks.append(Lock())", ["locks[0]", "locks[1]"]),
    "several appends": ("ls = []\nls.append(Lock())\nls.append(Lock())", ["ls[0]", "ls[1]"]),
    "several appends in a loop": (
        "ls = []\nfor _ in 'ab':\n    ls.append(Lock())\n    ls.append(Lock())",
        ["ls[0]", "ls[1]", "ls[2]", "ls[3]"],
    ),
    "appends to several lists": (
        "a, b = [], []\nfor _ in 'ab':\n    a.append(Lock())\n    b.append(Lock())",
        ["a[0]", "b[0]", "a[1]", "b[1]"],
    ),
    "append to a list that is not empty": ("ls = [Lock()]\nls.append(Lock())", ["ls[0]", "ls[1]"]),
    "append of pairs": (
        "ls = []\nls.append((Lock(), Lock()))\nls.append((Lock(), Lock()))",
        ["ls[0][0]", "ls[0][1]", "ls[1][0]", "ls[1][1]"],
    ),
    "extend": ("ls = [Lock()]\nls.extend([Lock(), Lock()])", ["ls[0]", "ls[1]", "ls[2]"]),
    "extend by a generator": ("ls = []\nls.extend(Lock() for _ in 'ab')", ["ls[0]", "ls[1]"]),
    "added list": ("ls = []\nls += [Lock()]\nls += [Lock(), Lock()]", ["ls[0]", "ls[1]", "ls[2]"]),
    "two keys that are not constant": (
        "d = {}\nfor k in 'a':\n    d[k] = Lock()\n    d[k + k] = Lock()",
        ["d[0]", "d[1]"],
    ),
    "list bound twice": (
        "ls = [Lock() for _ in 'ab']\nls = [Lock() for _ in 'a']",
        ["ls[0]-1", "ls[1]", "ls[0]-2"],
    ),
    "loop": ("for lock in [Lock(), Lock()]: pass", ["lock-1", "lock-2"]),
    "keyword argument": ("def f(lock): pass\nx = f(lock=Lock())", ["lock"]),
    "default": ("def f(a, lock=Lock(), *, other=Lock()): pass", ["lock", "other"]),
    "lambda default": ("f = lambda lock=Lock(): lock", ["lock"]),
    "positional arguments": ("def f(a, b): pass\nx = f(Lock(), Lock())", ["Lock-1", "Lock-2"]),
    "args of a thread": ("def f(args): pass\nf(args=(Lock(), 1))", ["Lock-1"]),
    "returned": ("def make(): return Lock()\nx = make()\ny = make()", ["Lock-1", "Lock-2"]),
    "with as binds True": (
        "class C(Lock):\n  __enter__ = __exit__ = lambda *a: None\nwith C() as x: pass",
        ["C-1"],
    ),
    "expression": ("Lock()", ["Lock-1"]),
    "inner lock": ("cond = Condition(Lock())", ["cond.lock", "cond"]),
    "inner lock by keyword": ("cond = Condition(lock=Lock())", ["cond.lock", "cond"]),
    "inner lock of a list's": (
        "c = [Condition(Lock()) for _ in 'ab']",
        ["c[0].lock", "c[0]", "c[1].lock", "c[1]"],
    ),
    "inner lock without name": ("Condition(Lock())", ["Lock-1", "Condition-1"]),
    "many lines": ("mutex = (\n    Lock(\n    )\n)", ["mutex"]),
    "several on a line": ("a = Lock(); b = Lock()", ["a", "b"]),
    "method call": (
        "class M:\n    Lock = Lock\nm = M()\na, b = m.Lock(), (\n    m\n    .Lock()\n)",
        ["a", "b"],
    ),
    "subclass with a constructor": (
        "class Loud(Lock):\n    def __init__(self):\n        super().__init__()\nmutex = Loud()",
        ["mutex"],
    ),
    "function called twice": (
        "def f():\n    mutex = Lock()\nf(); f(); other = Lock()",
        ["mutex-1", "mutex-2", "other"],
    ),
    "dataclass factory": (
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n"
        "    lock: Lock = field(default_factory=Lock)\na = A()",
        ["A.lock"],
    ),
    "frozen dataclass": (
        "from dataclasses import dataclass, field\n@dataclass(frozen=True, slots=True)\nclass A:\n"
        "    n: int\n    one: Lock = field(default_factory=Lock)\n"
        "    _dflt_two__: Lock = field(default_factory=Lock, init=False)\nA(1); A(2)",
        ["A.one-1", "A._dflt_two__-1", "A.one-2", "A._dflt_two__-2"],
    ),
    "dataclass factory of our own": (
        "from dataclasses import dataclass, field\n@dataclass\nclass A:\n"
        "    one: Lock = field(default_factory=lambda: Lock())\n"
        "    more: list = field(default_factory=lambda: [Lock() for _ in 'ab'])\na = A()",
        ["A.one", "A.more[0]", "A.more[1]"],
    ),
    "library code": ("import functools\nx = functools.reduce(lambda a, b: a, [1])\ny = Lock()", ["y"]),
    "made by library code": ("import copy\nx = copy._reconstruct(0, None, Lock, ())", ["Lock-1"]),
}


@pytest.mark.parametrize(("program", "expected"), NAMED.values(), ids=NAMED)
def test_an_object_is_called_what_the_program_calls_it(program, expected, tmp_path):
    assert named(program, tmp_path) == expected


def test_a_name_that_the_numbering_would_make_is_not_given_twice():
    given = [Made(type="Lock", given=name) for name in ("a", "a-1", "a", "a-2")]
    assert list(name_all(dict(enumerate(given))).values()) == ["a-3", "a-1", "a-4", "a-2"]


def test_an_explicit_name_may_look_like_a_fallback():
    made = {1: Made(type="Lock"), 2: Made(type="Lock", given="Lock-1"), 3: Made(type="RLock")}
    assert name_all(made) == {1: "Lock-2", 2: "Lock-1", 3: "RLock-1"}


def test_the_lock_that_a_condition_makes_for_itself_is_named_after_it():
    made = {1: Made(type="RLock", owner=2), 2: Made(type="Condition", given="cond")}
    assert name_all(made) == {1: "cond.lock", 2: "cond"}
    made = {
        1: Made(type="RLock", owner=2),
        2: Made(type="Condition"),
        3: Made(type="Lock", given="Condition-1.lock"),
    }
    assert name_all(made) == {1: "Condition-1.lock-1", 2: "Condition-1", 3: "Condition-1.lock"}


def test_a_name_is_one_line_of_at_most_sixty_characters(tmp_path):
    long = "x" * 100
    for names in (
        named(f"{long} = Lock()", tmp_path),
        named(f"def f(): {long} = Lock()\nf(); f()", tmp_path),
        named(f"locks = {{'a\\nb{long}': Lock()}}", tmp_path),
        list(name_all({1: Made(type="Lock", given="two\nlines " + long)}).values()),
    ):
        assert all(len(name) <= 60 and len(name.splitlines()) == 1 for name in names)
        assert len(set(names)) == len(names)


def test_a_name_is_found_though_another_thread_parses_at_the_same_time(tmp_path, monkeypatch):
    """In Python 3.11 `ast.parse` raises in that case."""
    parse, errors = bound._parsed, iter([SystemError("AST constructor recursion depth mismatch")])

    def parsed(code):
        for error in errors:
            raise error
        return parse(code)

    monkeypatch.setattr(bound, "_parsed", parsed)
    assert named("one, other = Lock(), Lock()", tmp_path) == ["one", "other"]
    assert next(errors, None) is None


def test_a_cell_that_is_run_again_fills_new_containers(tmp_path):
    program = "x = []\nx.append(Lock())\nx.append(Lock())"
    first, second = (_places(program, tmp_path) for _ in range(2))
    made = [Made(type="Lock", place=place, shown=False) for place in first]
    made += [Made(type="Lock", place=place) for place in second]
    assert list(name_all(dict(enumerate(made))).values()) == ["x[0]", "x[1]"]


def test_what_is_not_shown_still_counts_in_its_family(tmp_path):
    places = _places("forks = [Lock() for _ in range(3)]", tmp_path)
    made = {n: Made(type="Lock", place=place, shown=n == 2) for n, place in enumerate(places)}
    assert name_all(made) == {2: "forks[2]"}


def test_what_a_run_does_not_use_still_counts_in_its_container():
    locks = [tracing.Lock()]
    locks.append(tracing.Lock())
    with tracing.record() as run:
        locks.append(tracing.Lock())
        for lock in locks[1:]:
            lock.acquire()
    assert [each.name for each in run.log.objects] == ["locks[1]", "locks[2]"]


@dataclass
class Desk:
    mutex: object = field(default_factory=tracing.Lock)
    news: tracing.Condition = field(default_factory=tracing.Condition)


def test_a_run_names_the_fields_of_a_dataclass():
    with tracing.record() as run:
        desk = Desk()
        with desk.mutex, desk.news:
            pass
    assert {each.name for each in run.log.objects} == {"Desk.mutex", "Desk.news", "Desk.news.lock"}


def _places(program, tmp_path):
    path = tmp_path / "lesson.py"
    path.write_text(program, encoding="utf-8")
    places = []

    def note():
        frame, _ = creator(sys._getframe(1))
        places.append((frame.f_code, frame.f_lasti))

    exec(compile(program, str(path), "exec"), {"Lock": note})
    return places


# ---------------------------------------------------------------- however the program is run


PROGRAM = """
a, b = Lock(), Lock()
class Account:
    def __init__(self):
        self.mutex = Lock()
    def touch(self):
        return [Lock() for _ in range(1)]
accounts = [Account(), Account()]
forks = [Lock() for _ in range(2)]
forks.append(Lock())
spoons = []
spoons.append(Lock())
spoons.append(Lock())
c, *rest = Lock(), Lock()
from dataclasses import dataclass, field
@dataclass
class Desk:
    news: Lock = field(default_factory=Lock)
desk = Desk()
def make(): return Lock()
nobody = make()
here = site_of(*forks[0].at)
"""
EXPECTED = ["a", "b", "Account.mutex-1", "Account.mutex-2", "forks[0]", "forks[1]", "forks[2]"]
EXPECTED += ["spoons[0]", "spoons[1]", "c", "rest[0]", "Desk.news", "Lock-1"]
REPORT = "import json\nprint(json.dumps([names(), here.file, here.line, here.function, here.text]))\n"
# STAND_IN stands in a file of its own where it can, so that line numbers are the program's.


def child(*arguments: str, cwd: Path) -> list[object]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "stand_in.py").write_text(STAND_IN, encoding="utf-8")
    return tmp_path


WHOLE = "from stand_in import *" + PROGRAM + REPORT


def test_names_in_a_script(folder):
    (folder / "lesson.py").write_text(WHOLE, encoding="utf-8")
    text = "forks = [Lock() for _ in range(2)]"
    assert child("lesson.py", cwd=folder) == [EXPECTED, "lesson.py", 9, "", text]


def test_names_in_a_command_line_program(folder):
    text = "forks = [Lock() for _ in range(2)]"
    assert child("-c", WHOLE, cwd=folder) == [EXPECTED, "<string>", 9, "", text]


def test_names_in_a_command_line_program_with_arguments(folder):
    assert child("-Wignore", "-c", WHOLE, "one", "two", cwd=folder)[0] == EXPECTED


def test_code_executed_from_text_is_not_taken_for_the_command_line_program(folder):
    program = "from stand_in import *\nimport json\nexec('x = Lock()\\ny = Lock()')\nz = Lock()\n"
    assert child("-c", program + "print(json.dumps(names()))", cwd=folder) == ["x", "y", "z"]


def test_names_without_source(folder):
    """From the instructions alone: what is stored at once has its name."""
    source = folder / "gone.py"
    program = (
        "from stand_in import *\na = b = Lock()\nclass A:\n    def __init__(self): self.m = Lock()\nA()\n"
    )
    program += (
        "def f():\n    x = Lock()\n    y = x\n    def g(): return x\nf()\nz: int = Lock()\nc = [Lock()]\n"
    )
    source.write_text(program + "def q():\n    v = Lock(); w = v\nq()\n", encoding="utf-8")
    run = "import sys, json, stand_in; code = compile(open('gone.py').read(), 'gone.py', 'exec');"
    run += "import os; os.remove('gone.py'); exec(code); print(json.dumps(stand_in.names()))"
    assert child("-c", run, cwd=folder) == ["a", "A.m", "x", "z", "Lock-1", "v"]


def test_without_source_a_keyword_is_a_name_and_a_place_among_arguments_is_none(folder):
    calls = {
        "desk = f(news=Lock())": "news",
        "desk = f(1, [], news=Lock(), shown=[], at=g(h.x), sizes=(1, 2), more=[1, 2, 3], z=1 + g(2))": "news",
        "f(old=g(f, f), news=h.Lock())": "news",
        "f(news=Lock()).x = 1": "news",
        "thread = f(target=g, args=(Lock(), 1))": "Lock-1",
        "f(Lock(), news=1)": "Lock-1",
        "f(Lock(), ('a', 'b'))": "Lock-1",
        "f(g(Lock()), news=1)": "Lock-1",
        "f(news=Lock() and g(1))": "Lock-1",
        "f(news=[Lock()])": "Lock-1",
        "Lock().at[:0]": "Lock-1",
        "f(**{'news': Lock()})": "Lock-1",
    }
    (folder / "calls.json").write_text(json.dumps(list(calls)), encoding="utf-8")
    run = """
import json, stand_in
def f(*_, **__): return f
def g(*_): return 1
h, f.x, found = stand_in, 1, []
h.x = 1
for text in json.load(open("calls.json")):
    stand_in.made.clear()
    exec(text, {"f": f, "g": g, "h": h, "Lock": stand_in.Lock})
    found += stand_in.names()
print(json.dumps(found))
"""
    assert child("-c", run, cwd=folder) == list(calls.values())


def test_names_under_pytest_with_rewritten_asserts():
    space: dict[str, object] = {}
    exec(compile(STAND_IN, str(ROOT / "stand_in.py"), "exec"), space)
    lock_class = space["Lock"]
    mutex = lock_class()
    assert mutex is not None
    first, second = lock_class(), lock_class()
    assert first is not second
    assert space["names"]() == ["mutex", "first", "second"]
    assert (inside := lock_class()) is not mutex
    assert inside.at != mutex.at
    assert space["names"]()[3] in ("inside", "Lock-1")  # pytest rewrites the assert statement itself


@pytest.mark.parametrize("store_history", [True, False], ids=["as JupyterLab", "as nbval"])
def test_names_in_a_kernel(folder, store_history, monkeypatch):
    cells = ["from stand_in import *", PROGRAM.strip(), REPORT, "(lambda: None)()", REPORT]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, kernel_name="python3")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index, store_history=store_history)
    printed = json.loads(notebook.cells[-1].outputs[0]["text"])
    assert printed == [EXPECTED, "cell", 8, "", "forks = [Lock() for _ in range(2)]"]


# ---------------------------------------------------------------- places


def test_a_site_is_the_line_of_the_instruction_in_a_statement_of_many_lines(tmp_path):
    place = _places("x = [\n    1,\n    Lock(),\n]\n", tmp_path)[0]
    site = site_of(*place)
    assert (site.file, site.line, site.function, site.text) == ("lesson.py", 3, "", "Lock(),")


def test_a_comprehension_belongs_to_its_function(tmp_path):
    program = "class A:\n    def go(self):\n        def inner():\n            [Lock() for _ in [1]]\n"
    program += "        inner()\nA().go()"
    assert site_of(*_places(program, tmp_path)[0]).function == "A.go.inner"


def test_a_site_without_source_has_no_text():
    code = compile("x = 1", "/nowhere/else/__init__.py", "exec")
    site = site_of(code, 0)
    assert (site.file, site.text) == ("else/__init__.py", "")


def test_a_windows_path_has_its_base_name_too():
    assert site_of(compile("x", r"C:\lessons\lock.py", "exec"), 0).file == "lock.py"


@pytest.mark.parametrize(
    "filename",
    [
        "<ipython-input-3-0123456789ab>",
        "<python-input-0>",
        "/tmp/ipykernel_17/1234.py",
        r"C:\T\ipykernel_17\12.py",
    ],
)
def test_a_cell_is_called_cell(filename):
    assert site_of(compile("x", filename, "exec"), 0).file == "cell"


@pytest.mark.parametrize("lasti", [-1, 0, 10_000])
def test_an_offset_that_is_not_an_instruction_is_the_first_line(lasti):
    code = compile("\n\nx = 1", "<nowhere>", "exec")
    assert site_of(code, lasti).line in (1, code.co_firstlineno, 3)
    assert name_all({1: Made(type="Lock", place=(code, lasti))}) == {1: "Lock-1"}


def test_libraries_are_told_from_the_program():
    for filename in (json.__file__, pytest.__file__, nbformat.__file__, "<frozen importlib._bootstrap>"):
        assert is_library(filename), filename
    assert is_library(sys.modules["tracing.naming"].__file__)
    for filename in (__file__, "lesson.py", "<string>", "<stdin>", "/tmp/ipykernel_17/1234.py"):
        assert not is_library(filename), filename


def test_the_programs_frame_is_found_behind_a_librarys(tmp_path):
    """Here a frame of copy.py stands between: the place is still the program's own."""
    places = _places("import copy\nx = copy._reconstruct(0, None, Lock, ())", tmp_path)
    assert (site_of(*places[0]).file, site_of(*places[0]).line) == ("lesson.py", 2)


def test_a_thread_of_library_code_alone_has_no_frame_of_the_program():
    with ThreadPoolExecutor() as pool:
        found = pool.submit(eval, "creator(sys._getframe(1))", {"creator": creator, "sys": sys})
    assert found.result() == (None, False)


def test_equal_code_in_two_files_keeps_its_own_name(tmp_path):
    code = [compile("x = Lock()", name, "exec") for name in ("one.py", "two.py")]
    assert code[0] == code[1]  # Python compares all but the file name
    assert [site_of(each, 0).file for each in code] == ["one.py", "two.py"]
