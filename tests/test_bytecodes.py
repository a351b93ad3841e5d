"""What the instructions of a function touch, on this version of Python."""

from __future__ import annotations

import dis
import sys
from types import FunctionType
from typing import Any

import pytest

from tracing.cpython import bytecodes
from tracing.cpython.bytecodes import Site, sites

TOUCHING = (
    bytecodes.VARIABLES
    | bytecodes.STORES
    | bytecodes.ATTRIBUTES
    | bytecodes.TOP_READ
    | {*bytecodes.CONTAINERS}
)
OPERATORS = {"COMPARE_OP", "BINARY_OP", "FOR_ITER"}
NEVER_SEEN = {  # by `dis`, in a function of a program
    *("INTERPRETER_EXIT", "ENTER_EXECUTOR", "EXIT_INIT_CHECK", "TRACE_RECORD", "RESERVED"),
    "ANNOTATIONS_PLACEHOLDER",
}
MAY_DO_ANYTHING = {"MATCH_CLASS"}  # it reads attributes that its argument names


def found(function: Any) -> list[tuple[str, str, bool]]:
    """What each site touches: of contents, the names of the expression."""
    assert isinstance(function, FunctionType)
    return [
        (site.what, site.name or ".".join(site.expression or ("?",)), site.writes)
        for found_there in sites(function.__code__).values()
        for site in found_there
    ]


def test_each_opcode_of_this_python_is_known() -> None:
    real = {
        name for name, number in dis.opmap.items() if number < 256 and not name.startswith("INSTRUMENTED_")
    }
    names = {bytecodes.SAME.get(name, name) for name in real}
    assert names - TOUCHING - OPERATORS - bytecodes.QUIET == MAY_DO_ANYTHING | (names & NEVER_SEEN)


def test_an_opcode_that_is_not_known_may_touch_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    def program(first: int) -> list[int]:
        return [first]

    monkeypatch.setattr(bytecodes, "_read", bytecodes._read.__wrapped__)  # which keeps nothing
    before = sites(program.__code__)
    monkeypatch.setattr(bytecodes, "QUIET", bytecodes.QUIET - {"BUILD_LIST"})
    after = sites(program.__code__)
    assert before == {}
    assert list(after.values()) == [(Site("anything", "", None, True),)]


count = 0
items: list[int] = []


def test_a_variable_of_the_module_is_read_and_written() -> None:
    def program() -> None:
        global count
        count += 1

    touched = [("variable", "count", False), ("contents", "count", True), ("variable", "count", True)]
    assert found(program) == touched  # in case it is a list


def test_an_item_is_read_and_written_in_the_list_that_the_name_gives() -> None:
    def program() -> None:
        items[0] += 1

    assert ("contents", "items", False) in found(program)
    assert ("contents", "items", True) in found(program)
    there = [site for at_one in sites(program.__code__).values() for site in at_one]
    assert all(site.index is not None for site in there if site.expression == ("items",))


def test_a_slice_is_read_and_written_in_the_list_that_the_name_gives() -> None:
    def program() -> list[int]:
        items[1:2] = []
        return items[1:3]

    contents = [each for each in found(program) if each[0] == "contents"]
    assert contents == [("contents", "items", True), ("contents", "items", False)]


def test_an_attribute_of_an_argument_is_read_and_written() -> None:
    class Account:
        balance = 0

        def deposit(self) -> None:
            self.balance += 1

    read, changed, written = found(Account.deposit)
    assert (read, written) == (("attribute", "balance", False), ("attribute", "balance", True))
    assert changed == ("contents", "self.balance", True)  # in case it is a list


def test_a_container_s_text_its_truth_and_its_items_are_its_contents() -> None:
    def program(box: list[int]) -> str:
        if box:
            for _ in box:
                pass
        return f"{box!r}"

    assert [each for each in found(program) if each[0] == "contents"].count(("contents", "box", False)) >= 3


def test_arithmetic_of_numbers_touches_no_contents() -> None:
    def program() -> int:
        return len(items) + 1

    assert [each for each in found(program) if each[0] == "contents"] == []


def test_a_local_name_that_is_copied_keeps_its_expression() -> None:
    def program(box: list[int], other: list[int]) -> int:
        box, other = other, box
        return box[0]

    assert ("contents", "box", False) in found(program)


def test_nothing_of_this_python_is_newer_than_what_was_read() -> None:
    """This test is where a new version of Python first fails; then read its opcodes into bytecodes.py."""
    assert sys.version_info[:2] <= (3, 15)


def test_super_touches_the_same_on_every_version() -> None:
    class Quiet(list[int]):
        def clear(self) -> None:
            super().clear()

    own = [each for each in found(Quiet.clear) if each[0] != "call"]  # up to 3.11 calls are sites
    assert own == [("attribute", "clear", False)]
