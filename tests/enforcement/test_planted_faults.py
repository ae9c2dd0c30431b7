"""Validity of the faults that `benchmarks.planted_faults` plants: each fits the current sources."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.planted_faults import Fault, catalogue, probed, table

ROOT = Path(__file__).parents[2]
FAULTS = catalogue().values()

SOURCE = '''
def state(entry):
    """Say how an entry stands."""
    if entry.held:
        return "held"
    elif entry.performer:
        return "running"
    return "waiting"
'''


def fault(text: str, wrong: str = "") -> Fault:
    return Fault("a-fault", "queue", Path("queue.py"), text, wrong)


@pytest.mark.parametrize("path", sorted({one.path for one in FAULTS}), ids=str)
def test_every_fault_can_be_planted_and_probed(path: Path) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    here = [one for one in FAULTS if one.path == path]

    for one in here:
        ast.parse(one.planted(source))
    ast.parse(probed(source, here))


def test_there_are_sixty_faults() -> None:
    assert len(FAULTS) == 60


def test_a_fault_whose_text_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a-fault: 'return' is 3 times in queue\.py"):
        fault("return", "yield").planted(SOURCE)


@pytest.mark.parametrize(
    ("text", "entry", "reached"),
    [
        ('"held"', {"held": True}, True),
        ('"held"', {"held": False}, False),
        ("elif entry.performer", {"held": True}, True),  # together with its `if`
        ('"running"', {"held": False}, False),
        ("(entry)", {"held": True}, True),  # by the caller of the function
    ],
)
def test_a_probe_says_that_the_statement_of_a_fault_is_reached(
    text: str, entry: dict[str, bool], reached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("builtins.reached_fault", told.append, raising=False)
    module: dict[str, object] = {}
    exec(probed(SOURCE, [fault(text)]), module)

    module["state"](type("Entry", (), {"performer": "", **entry}))  # type: ignore[operator]

    assert told == ["a-fault"] * reached


def test_what_runs_at_import_is_no_place_for_a_fault() -> None:
    with pytest.raises(ValueError, match="a-fault is outside a function"):
        probed("LIMIT_S = 3\n", [fault("3")])


def test_the_table_says_of_each_fault_how_many_modules_reach_it_and_which_test_finds_it() -> None:
    faults = [Fault(name, "queue", Path("queue.py"), "1", "2") for name in ("lost", "late", "missed")]
    reached = {"lost": {"tests/test_a.py": 1.0, "tests/test_b.py": 2.0}, "late": {"tests/test_b.py": 2.0}}
    found = {
        "lost": {"found": "tests/test_a.py::test_it[a|b]", "seconds": 7.4},
        "late": {"found": None, "seconds": 1200.0},
    }

    assert table(faults, reached, found).splitlines() == [
        "1 of 3 faults were found.",
        "",
        "| fault | subject | modules that reach it | found by | s |",
        "|---|---|---|---|---|",
        r"| lost | queue | 2 | `tests/test_a.py::test_it[a\|b]` | 7 |",
        "| late | queue | 1 | time limit | 1200 |",
        "| missed | queue | – | **nothing** | 0 |",
    ]
