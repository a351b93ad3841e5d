"""What stands around the package: Binder, links, requirements, the Makefile, the files a reader looks for."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from test_browser import BROWSERS

import links
from course import PLAN, START, Course, Lesson, write_notebook

ROOT = Path(__file__).resolve().parent.parent
COURSE = Course()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def lines_of(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


# -- Binder --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(find_spec("repo2docker") is None, reason="jupyter-repo2docker is not installed")
def test_binder_renders_an_image_with_our_python_and_our_requirements() -> None:
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    dockerfile = done.stdout + done.stderr
    assert done.returncode == 0, dockerfile
    assert re.search(r"Building conda environment for python=3\.14\b", dockerfile), dockerfile
    # `-e .` needs the whole repository: pip must run after it is copied
    copied = dockerfile.index("src/ ${REPO_DIR}/")
    assert re.search(r'pip install --no-cache-dir -r "binder/requirements\.txt"', dockerfile[copied:]), (
        dockerfile
    )


def test_binder_installs_what_a_learner_installs() -> None:
    assert lines_of("binder/requirements.txt") == ["-r ../requirements.txt"]
    assert lines_of("binder/runtime.txt") == ["python-3.14"]
    assert {path.name for path in (ROOT / "binder").iterdir()} == {"requirements.txt", "runtime.txt"}


def test_the_badge_opens_a_notebook_that_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\((https://mybinder\.org/v2/gh/[^)]+)\)", readme)
    assert targets, "README.md has no Binder badge"
    for target in targets:
        (path,) = parse_qs(urlsplit(target).query)["urlpath"]
        assert (ROOT / path.removeprefix("lab/tree/")).is_file(), target


# -- links ---------------------------------------------------------------------------------------------------


def test_links_agree_with_the_one_address() -> None:
    assert links.problems(COURSE) == []


def test_links_from_the_pages_at_the_root_resolve() -> None:
    for page in links.pages(COURSE):
        targets = re.findall(
            r"(?:\]\(|src=\")(?!https?:|mailto:|#)([^)#\s\"]+)", page.read_text(encoding="utf-8")
        )
        assert [target for target in targets if not (ROOT / target).exists()] == [], page.name


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """A course of two lessons at another address, its links not generated yet."""
    (tmp_path / "pyproject.toml").write_text('[project.urls]\nRepository = "https://github.com/ann/course"\n')
    (tmp_path / "README.md").write_text(
        "<!-- begin:badge --><!-- end:badge -->\n<!-- begin:lessons --><!-- end:lessons -->\n"
    )
    (tmp_path / "notebooks").mkdir()
    for name, title in (("00_start_here", "# Start here"), ("04_lock", "# 04 · Share a lock")):
        cell = {
            "cell_type": "markdown",
            "id": "a",
            "metadata": {},
            "source": f"{title}\n\n**You'll see** a | b.\n",
        }
        notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        write_notebook(tmp_path / "notebooks" / f"{name}.ipynb", notebook)
    return Course(root=tmp_path)


def test_making_links_leaves_nothing_to_complain_of(small: Course) -> None:
    assert len(links.problems(small)) == 3
    assert links.rewrite(small) == ["README.md", "00_start_here.ipynb", "04_lock.ipynb"]
    assert links.problems(small) == []
    assert links.rewrite(small) == []


def test_the_badge_and_the_table_are_made_from_the_address_and_the_lessons(small: Course) -> None:
    links.rewrite(small)
    readme = (small.root / "README.md").read_text(encoding="utf-8")
    assert f"https://mybinder.org/v2/gh/ann/course/HEAD?urlpath=lab/tree/notebooks/{START}" in readme
    assert "| 04 | [Share a lock](notebooks/04_lock.ipynb) | a \\| b. |" in readme


def test_a_lesson_that_is_planned_is_named_and_linked_once_it_exists(small: Course) -> None:
    page = small.root / "README.md"
    kinds = ["questions", "lesson-04", "lesson-05"]
    page.write_text(
        "\n".join(f"<!-- begin:{kind} --><!-- end:{kind} -->" for kind in kinds), encoding="utf-8"
    )
    links.rewrite(small)
    readme = page.read_text(encoding="utf-8")
    assert f"| 04 | [Share a lock](notebooks/04_lock.ipynb) | {PLAN['04'][1]} |" in readme
    assert f"| 05 | {PLAN['05'][0]} (to come) | {PLAN['05'][1]} |" in readme
    assert "-->[04](notebooks/04_lock.ipynb)<!--" in readme
    assert "-->05<!--" in readme


def test_every_lesson_that_exists_is_in_the_plan() -> None:
    assert {lesson.number for lesson in COURSE.lessons} - {"00"} <= set(PLAN)


def test_a_lesson_leads_to_its_neighbours(small: Course) -> None:
    first, last = small.lessons
    assert links.navigation(small.lessons, first) == "---\n[Next: Share a lock →](04_lock.ipynb)"
    assert links.navigation(small.lessons, last) == (
        "---\n[← Previous: Start here](00_start_here.ipynb) · [Contents](00_start_here.ipynb)"
    )


def test_an_address_written_by_hand_is_refused(small: Course) -> None:
    links.rewrite(small)
    page = small.root / "README.md"
    page.write_text(
        page.read_text(encoding="utf-8") + "\n[here](https://github.com/ann/course/issues)\n",
        encoding="utf-8",
    )
    (problem,) = links.problems(small)
    assert "https://github.com/ann/course/issues was written by hand" in problem


def test_a_changed_address_is_noticed(small: Course) -> None:
    links.rewrite(small)
    (small.root / "pyproject.toml").write_text('[project.urls]\nRepository = "https://github.com/ben/fork"\n')
    assert any("README.md: a generated link is out of date" in problem for problem in links.problems(small))


def test_a_lesson_without_a_promise_is_named(small: Course) -> None:
    path = small.notebooks / "05_rlock.ipynb"
    shutil.copy(small.lessons[1].path, path)
    path.write_text(path.read_text(encoding="utf-8").replace("You'll see", "Here is"), encoding="utf-8")
    assert Lesson(path=path).subject == ""
    links.rewrite(small)
    assert links.problems(small) == [
        "05_rlock.ipynb: its title cell has no line with **You'll see**; the tables need it."
    ]


@pytest.mark.parametrize("ending", ["/", ".git", ".git/"])
def test_the_address_may_be_written_as_git_or_a_browser_writes_it(small: Course, ending: str) -> None:
    page = small.root / "README.md"
    page.write_text(
        page.read_text(encoding="utf-8") + "<!-- begin:clone --><!-- end:clone -->\n", encoding="utf-8"
    )
    links.rewrite(small)
    expected = page.read_text(encoding="utf-8")
    assert "git clone https://github.com/ann/course.git\ncd course\n" in expected
    address = f"https://github.com/ann/course{ending}"
    (small.root / "pyproject.toml").write_text(f'[project.urls]\nRepository = "{address}"\n')
    assert links.rewrite(small) == []


def test_an_address_that_is_not_on_github_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project.urls]\nRepository = "somewhere"\n')
    with pytest.raises(SystemExit, match=r"Repository is 'somewhere'; write https://github\.com/"):
        _ = Course(root=tmp_path).repository


# -- installing ----------------------------------------------------------------------------------------------


def test_requirements_begin_with_the_course_itself() -> None:
    """A kernel's folder is the notebook's: `import tracing` works only when the package is installed.

    First: to a Python that is too old pip names what refuses it first, and that is to be the course.
    """
    assert lines_of("requirements.txt")[0] == "-e ."


def test_every_library_the_package_imports_is_declared() -> None:
    declared = {re.split(r"[<>=!~;\[ ]", line)[0].lower() for line in PYPROJECT["project"]["dependencies"]}
    bringers = {"ipython", "pytest"}  # a kernel and pytest: imported only where one of them asks for us
    missing = third_party_imports(ROOT / "tracing") - declared - bringers
    assert missing == set()


def third_party_imports(package: Path) -> set[str]:
    nodes = [
        node
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    tops = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {package.name}
    return {{"PIL": "pillow"}.get(top, top).lower() for top in tops}


def test_the_distribution_does_not_take_the_name_of_another() -> None:
    assert PYPROJECT["project"]["name"] == "threads-course"


def test_type_checkers_may_use_our_types() -> None:
    assert (ROOT / "tracing" / "py.typed").is_file()


def is_free_threaded(version: str) -> bool:
    return version.endswith("t")


def versions_said(root: Path) -> dict[str, list[str]]:
    """By place: the versions of Python that are tested, or are said to be. The first place is the list."""
    ours = (root / ".ci/run").read_text(encoding="utf-8")
    workflow = (root / ".github/workflows/test.yml").read_text(encoding="utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    room = (root / "tracing/cpython/versions.py").read_text(encoding="utf-8")
    (listed,) = re.findall(r'^pythons="(.+?)"', ours, re.MULTILINE)
    (matrix,) = re.findall(r"python: \[(.+)\]", workflow)
    (ends,) = re.findall(r"tested on (\d\.\d+ to \d\.\d+)", (root / "README.md").read_text(encoding="utf-8"))
    return {
        ".ci/run": listed.split(),
        "the workflow": [each for each in re.findall(r'"(.+?)"', matrix) if not is_free_threaded(each)],
        "the classifiers": re.findall(r":: (3\.\d+)$", "\n".join(project["classifiers"]), re.MULTILINE),
        "README.md, its ends": ends.split(" to "),
        "tracing/cpython/versions.py, its ends": [
            ".".join(each) for each in re.findall(r"^(?:OLDEST|NEWEST) = \((\d), (\d+)\)", room, re.MULTILINE)
        ],
    }


def disagreeing(said: dict[str, list[str]]) -> dict[str, list[str]]:
    """Those that do not say what the first says."""
    versions = next(iter(said.values()))
    ends = [versions[0], versions[-1]]
    return {place: each for place, each in said.items() if each != (ends if "ends" in place else versions)}


VERSIONS = versions_said(ROOT)


def test_the_versions_we_name_are_the_versions_we_test() -> None:
    assert disagreeing(VERSIONS) == {}


@pytest.mark.parametrize("place", list(VERSIONS))
def test_a_place_that_names_other_versions_is_found(place: str) -> None:
    assert disagreeing(VERSIONS | {place: [*VERSIONS[place][:-1], "3.99"]})


def test_the_oldest_python_is_said_alike_to_pip_to_make_and_to_readers() -> None:
    oldest = VERSIONS[".ci/run"][0]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert PYPROJECT["project"]["requires-python"] == f">={oldest}"
    assert f"sys.version_info < ({oldest.replace('.', ', ')})" in makefile
    assert set(re.findall(r"C?Python (\d\.\d+) or newer", makefile)) == {oldest}
    assert f"You need Python {oldest} or newer" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert PYPROJECT["tool"]["mypy"]["python_version"] == oldest


def test_a_free_threaded_build_is_tested_wherever_it_is_said_to_be() -> None:
    workflow = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    assert re.search(r'python: \[.*"\d\.\d+t"', workflow)
    assert "newest_free_threaded" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert any("Free Threading" in each for each in PYPROJECT["project"]["classifiers"])
    assert "free-threaded" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_pre_commit_and_make_lint_use_one_ruff() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (ours,) = [
        line for line in PYPROJECT["project"]["optional-dependencies"]["dev"] if line.startswith("ruff")
    ]
    assert set(re.findall(r'\["(ruff[^"]*)"\]', hooks)) == {ours}


OF_A_MACHINE = re.compile(
    rf"\.\./shared?\b|(?<![\w./-]){re.escape(str(ROOT))}\b|--(?:(?:extra-)?index-url|find-links)|file:///\w"
    r"|\b(?:pypi\.org|pythonhosted\.org|anaconda\.org|npmjs\.(?:org|com)|proxy\.golang\.org)\b"
)


def test_nothing_names_the_machine_it_was_written_on_or_a_registry() -> None:
    folders = ("tracing", "tests", "tools", "notebooks", "benchmarks", "binder", "docs", ".ci", ".github")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    paths += list(ROOT.glob("*"))
    suffixes = {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".ipynb", ".cfg", ""}
    named = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in paths
        if path.is_file() and path.suffix in suffixes and ".ipynb_checkpoints" not in path.parts
        for found in OF_A_MACHINE.finditer(path.read_text("utf-8", "replace"))
    ]
    assert named == []


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    return done.stdout if done.returncode == 0 else ""


def test_no_commit_message_names_them_either() -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists() or not git("rev-parse", "HEAD"):
        pytest.skip("not a git checkout")
    if git("rev-parse", "--is-shallow-repository").strip() == "true":
        pytest.skip("a shallow checkout has no history")
    assert OF_A_MACHINE.findall(git("log", "--format=%B")) == []


@pytest.mark.parametrize(
    "parts",
    [
        ("see ..", "/shared/notes"),
        (str(ROOT), "/tests"),
        ("pip install --index", "-url x"),
        ("pip install --find", "-links x"),
        ("https://pypi", ".org/simple"),
        ("https://files.python", "hosted.org/packages"),
        ("https://registry.npm", "js.org/"),
    ],
)
def test_what_names_a_machine_or_a_registry_is_found(parts: tuple[str, str]) -> None:
    """In two parts, as this file is searched as well."""
    assert OF_A_MACHINE.search("".join(parts))


def test_the_workflow_installs_a_browser_that_the_browser_tests_look_for() -> None:
    workflow = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    (installed,) = re.findall(r"apt-get install --yes (\S+?);", workflow)
    assert installed in BROWSERS


def test_on_each_system_conftest_says_how_many_workers_there_are() -> None:
    """Also on Windows, whose commands are written out."""
    makefile, workflow = ((ROOT / name).read_text() for name in ("Makefile", ".github/workflows/test.yml"))
    numbers = re.findall(r"pytest .*-n (\S+)", makefile + workflow)
    assert set(numbers) == {"$(WORKERS)", "auto"}
    assert "WORKERS ?= auto\n" in makefile


def test_an_interpreter_that_a_test_starts_need_not_compile_the_package() -> None:
    """There are hundreds, and each would take 0.25 s for that."""
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ


def test_make_leaves_it_to_its_tests_whether_they_keep_what_they_compile() -> None:
    """Set around `make`, it would let each worker compile the package and all tests anew, in 6 s."""
    assert "\nunexport PYTHONDONTWRITEBYTECODE\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_sweeps_are_left_out_of_make_test_and_run_by_their_own_target_and_by_ci() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    makefile, ours = ((ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", ".ci/run"))
    assert "-m=not sweep" in project["tool"]["pytest"]["ini_options"]["addopts"]
    assert re.search(r"^test-sweeps:.*\n\t\S+ -m pytest tests -m sweep ", makefile, re.MULTILINE)
    assert re.findall(r'-m "(not [^"]+)"', ours) == ["not browser and not sweep"]  # for it replaces that
    assert "make test-sweeps" in ours
    assert re.search(r"""make test-sweeps .*FLAGS="-k test_exercises\"""", ours)  # on this Python


def test_where_ci_is_set_hypothesis_tries_the_same_examples_each_time() -> None:
    program = "import conftest; from hypothesis import settings; print(settings.default.derandomize)"
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": paths, "CI": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "True\n"
    assert re.search(r"^export CI=true\b", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE)


# -- the files a reader looks for ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "LICENSE-text",
        "Makefile",
        "conftest.py",
        "docs/timeline.png",
        f"notebooks/{START}",
        "notebooks/04_lock.ipynb",
        "tests",
        "tracing/__init__.py",
    ],
)
def test_it_is_there(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_says_what_it_can_do() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in (
        "lab",
        "test",
        "test-package",
        "test-notebooks",
        "test-sweeps",
        "lint",
        "figures",
        "links",
        "bench",
        "help",
    ):
        assert re.search(rf"^make {target} +\S", said, re.MULTILINE), f"`make help` does not list {target}"


needs_make = pytest.mark.skipif(
    shutil.which("make") is None or sys.platform == "win32", reason="make is not installed"
)


def executable(path: Path, program: str) -> Path:
    """A program of the shell's."""
    path.write_text(f"#!/bin/sh\n{program}\n")
    path.chmod(0o755)
    return path


def standing_in(path: Path, version: str, name: str) -> Path:
    """It stands in for that Python: says its version, and runs programs as if it were it."""
    numbers = tuple(map(int, version.split(".")))
    program = path.with_name("program.py")
    program.write_text(
        "import sys, types\n"
        f"sys.version_info, sys.implementation = {numbers}, types.SimpleNamespace(name={name!r})\n"
        f"if sys.argv[1] == '-V':\n    print('Python {version}\\n[{name}]')\nelse:\n    exec(sys.argv[2])\n"
    )
    return executable(path, f'exec "{sys.executable}" "{program}" "$@"')


def make_lab(*settings: str) -> subprocess.CompletedProcess[str]:
    """As typed into a shell, also where `make test` runs these tests and gives on its flags."""
    outer = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(
        ["make", "lab", *settings], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@needs_make
@pytest.mark.parametrize(
    ("version", "name"), [("3.10.1", "cpython"), ("3.9.1", "cpython"), ("3.12.1", "pypy")], ids="{}".format
)
def test_a_python_that_is_too_old_or_another_is_one_clear_sentence(
    tmp_path: Path, version: str, name: str
) -> None:
    other = standing_in(tmp_path / "other-python", version, name)
    done = make_lab(f"PYTHON={other}", f"VENV={tmp_path}/venv")
    assert done.returncode != 0
    assert done.stdout.splitlines()[0] == (
        f"{other} is Python {version} [{name}]; the course needs CPython 3.11 or newer. "
        "Run make with PYTHON=/path/to/a/newer/python3."
    )
    assert not (tmp_path / "venv").exists()


@needs_make
@pytest.mark.parametrize(("version", "name"), [("3.10.1", "cpython"), ("3.12.1", "pypy")], ids="{}".format)
def test_an_environment_of_a_python_that_is_too_old_or_another_is_one_clear_sentence(
    tmp_path: Path, version: str, name: str
) -> None:
    (tmp_path / "bin").mkdir()
    standing_in(tmp_path / "bin/python", version, name)
    done = make_lab(f"PYTHON={sys.executable}", f"VENV={tmp_path}")
    assert done.returncode != 0
    assert done.stdout.splitlines()[0] == (
        f"{tmp_path} holds Python {version} [{name}]; the course needs CPython 3.11 or newer. "
        "Delete it, then run make with PYTHON=/path/to/a/newer/python3."
    )


@needs_make
@pytest.mark.parametrize("program", [None, "exit 127"], ids=["missing", "a stub that does not run"])
def test_a_python_that_does_not_run_is_one_clear_sentence(tmp_path: Path, program: str | None) -> None:
    """pyenv, macOS and Windows put a program there that says only how to get a Python."""
    other = tmp_path / "other-python"
    if program is not None:
        executable(other, f"echo advice >&2\n{program}")
    done = make_lab(f"PYTHON={other}", f"VENV={tmp_path}/venv")
    assert done.returncode != 0
    assert done.stdout.splitlines()[0] == (
        f"There is no '{other}' here that runs. Install CPython 3.11 or newer, "
        "or run make with PYTHON=/path/to/python3."
    )
    assert "advice" not in done.stderr
