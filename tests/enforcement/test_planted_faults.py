"""Validity of the faults that `benchmarks.planted_faults` plants: each fits the current sources."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.planted_faults import Fault, Finding, catalogue, read_finding_modules, table

ROOT = Path(__file__).parents[2]
FAULTS = catalogue().values()

SOURCE = """
if held:
    return 1
elif late:
    return 2
return 3
"""


def fault(text: str, wrong: str = "") -> Fault:
    return Fault("a-fault", "queue", Path("queue.py"), text, wrong)


@pytest.mark.parametrize("path", sorted({one.path for one in FAULTS}), ids=str)
def test_every_fault_can_be_planted(path: Path) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    here = [one for one in FAULTS if one.path == path]

    for one in here:
        ast.parse(one.planted(source))


def test_there_are_sixty_faults() -> None:
    assert len(FAULTS) == 60


def test_a_fault_whose_text_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a-fault: 'return' is 3 times in queue\.py"):
        fault("return", "yield").planted(SOURCE)


def test_the_table_says_which_test_finds_each_fault_and_the_next_search_begins_in_its_module() -> None:
    faults = [Fault(name, "queue", Path("queue.py"), "1", "2") for name in ("lost", "missed")]
    found = {"lost": Finding("tests/test_a.py::test_it[a|b]", 7.4), "missed": Finding("", 1200.0)}

    text = table(faults, found)

    assert text.splitlines() == [
        "1 of 2 faults were found.",
        "",
        "| fault | subject | found by | s |",
        "|---|---|---|---|",
        r"| lost | queue | `tests/test_a.py::test_it[a\|b]` | 7 |",
        "| missed | queue | **nothing** | 1200 |",
    ]
    assert read_finding_modules(text) == {"lost": "tests/test_a.py"}
