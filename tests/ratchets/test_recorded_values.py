"""Rules of ratchets: a larger count fails and names new parts, a smaller one asks to be recorded, a raise needs its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from .recorded_values import Measured, Recorded, add_smallest, lower_values, read_values, write_values
from .sources import count_code_lines, count_imports_by_string, declares
from .sql_statements import describe_statement

if TYPE_CHECKING:
    from pathlib import Path

START = Recorded(
    "modules of the start",
    "modules",
    {"qdash_cli.app": 1, "qdash_cli.main": 1, "click": 13},
    by="modules.measure_start",
)
MEMORY = Recorded("peak memory", "kB", {"process": 1000}, tolerance=0.05)


def measured(recorded: Recorded, **parts: int) -> Measured:
    return Measured(recorded.name, recorded.unit, {**recorded.parts, **parts}, recorded.tolerance)


def test_an_unchanged_count_is_no_fault() -> None:
    assert START.find_fault(measured(START)) is None


def test_a_larger_count_says_what_is_new_what_is_allowed_and_what_to_do() -> None:
    fault = START.find_fault(measured(START, numpy=1, click=15))

    assert fault is not None
    assert "modules of the start: 18 modules, 15 allowed" in fault
    assert "More than recorded: click (13 → 15), numpy" in fault
    assert "`allowed: 18` and `reason: ...` below the `recorded: 15`" in fault
    assert "tests/ratchets/values.yaml" in fault


def test_a_smaller_count_says_what_is_gone_and_how_to_lower_the_value() -> None:
    fault = START.find_fault(measured(START, **{"qdash_cli.app": 0}))

    assert fault is not None
    assert "python -m tests.ratchets --lower" in fault
    assert "Less than recorded: qdash_cli.app" in fault


@pytest.mark.parametrize(("kilobytes", "is_fault"), [(949, True), (951, False), (1049, False), (1051, True)])
def test_a_count_may_differ_by_its_tolerance(kilobytes: int, is_fault: bool) -> None:
    assert (MEMORY.find_fault(measured(MEMORY, process=kilobytes)) is not None) is is_fault


def test_an_exact_count_of_other_parts_is_recorded_by_the_command() -> None:
    other = measured(START, **{"qdash_cli.app": 0, "numpy": 1})
    other = replace(other, parts={name: number for name, number in other.parts.items() if number})
    fault = START.find_fault(other)

    assert fault is not None
    assert "15 modules, 15 allowed, but not the recorded ones" in fault
    assert "More than recorded: numpy" in fault
    assert START.lower(other).find_fault(other) is None
    assert MEMORY.find_fault(replace(MEMORY, parts={"child": 1000})) is None


def test_a_raised_value_allows_up_to_it(tmp_path: Path) -> None:
    raised = replace(START, allowed=17, reason="the help shows the laboratory")

    assert raised.find_fault(measured(START, numpy=1, scipy=1)) is None
    assert raised.find_fault(measured(START, numpy=1, scipy=2)) is not None


def test_lowering_never_raises_and_records_what_is_new() -> None:
    values = {START.name: START, MEMORY.name: MEMORY}
    other = Measured("statements", "statements", {"BEGIN": 1})

    lowered = lower_values(values, [measured(START, numpy=1), measured(MEMORY, process=900), other])

    assert lowered[START.name] == START
    assert lowered[MEMORY.name].value == 900
    assert lowered["statements"].parts == {"BEGIN": 1}


def test_a_raised_value_is_lowered_to_the_count_and_loses_its_reason_below_the_recorded_one() -> None:
    raised = replace(START, allowed=20, reason="the help shows the laboratory")

    less = raised.lower(measured(START, numpy=2))
    least = raised.lower(measured(START, click=12))

    assert (less.value, less.allowed, less.reason) == (15, 17, "the help shows the laboratory")
    assert (least.value, least.allowed, least.reason) == (14, None, "")


def test_a_difference_within_the_tolerance_is_not_recorded() -> None:
    assert MEMORY.lower(measured(MEMORY, process=960)) == MEMORY


def test_the_work_of_every_second_task_counts_and_that_beside_a_task_does_not() -> None:
    task, more, beside = Counter(find=2), Counter(find=3), Counter(find=2, beat=9)

    assert add_smallest([[task, more, task, more], [beside, more, task, more]]) == {"find": 10}


def test_values_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    values = [START, replace(MEMORY, allowed=1200, reason="a table of chips")]

    write_values(values, file)

    assert read_values(file) == {one.name: one for one in values}


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("recorded: 15", "recorded: 20", "its parts add up to 15"),
        ("recorded: 15", "recorded: 15\n  allowed: 20", "without a reason: add `reason`"),
        ("recorded: 15", "recorded: 15\n  allowed: 20\n  reason: ' '", "without a reason: add `reason`"),
        ("recorded: 15", "recorded: 15\n  allowed: 12\n  reason: less", "does not raise the recorded 15"),
    ],
)
def test_a_value_edited_by_hand_without_a_reason_is_refused(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    file = tmp_path / "values.yaml"
    write_values([START], file)
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")

    with pytest.raises(ValueError, match=message):
        read_values(file)


def test_code_lines_are_neither_empty_nor_comments_nor_documentation() -> None:
    source = '''"""Module.

Text.
"""

X = 1
"""What X is."""


class A:
    """Class."""

    # Why.
    y = """
    a value
    """

    def f(self) -> None:
        """Do."""
        return  # code
'''

    assert count_code_lines(source) == 1 + 1 + 3 + 2


def test_imports_by_string_are_names_of_the_own_member_and_calls_of_import_module() -> None:
    source = """
COMMANDS = {"a": "qdash_core.a:a", "b": "qdash_tasks.cli:b", "c": "a text: b"}
import_module("numpy")
importlib.import_module(name)
"""

    assert count_imports_by_string(source, "qdash_core") == 3


@pytest.mark.parametrize(
    ("source", "declaring"),
    [
        ("SHIFTS = Feature(name='shifts')", True),
        ("KIND: EventKind = EventKind('shift.began')", True),
        ("KINDS = (Collection('shift'), Collection('rota'))", True),
        ("def make():\n    found = Feature(name='shifts')", False),
        ("PLACES = {'shift': 'qdash_core.shifts.places:SHIFT'}", False),
    ],
)
def test_a_module_declares_if_it_assigns_a_declaration(source: str, *, declaring: bool) -> None:
    assert declares(source) is declaring


@pytest.mark.parametrize(
    ("statement", "description"),
    [
        ('SELECT "document" FROM "chip" WHERE x = 1', "SELECT chip"),
        ("INSERT INTO event(a) VALUES (1)", "INSERT event"),
        ("PRAGMA busy_timeout = 5000", "PRAGMA busy_timeout"),
        ("COMMIT", "COMMIT"),
    ],
)
def test_a_statement_is_described_by_its_verb_and_its_table(statement: str, description: str) -> None:
    assert describe_statement(statement) == description
