"""Problems of a flow's source, all at once, with their places."""

from __future__ import annotations

import pytest

from qdash_builtin.flows.flow_sources import report_source
from qdash_core.parsing.limits import FLOW_SOURCE

TASKS = {"CheckT1", "CheckRabi"}
FLOW = '''\
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets


def night(username, chip_id, qids, *, rounds: int = 2):
    """T1 again and again."""
    cal = CalibService(username, chip_id, flow_name="näch")
    for _ in range(rounds):
        cal.run(QubitTargets(qids), [CustomOneQubit(["CheckT1"])])
    cal.finish_calibration()
'''
LINE = len(FLOW.splitlines()) + 1


def test_a_flow_without_problems_has_its_parameters() -> None:
    report = report_source(FLOW, tasks=TASKS)
    assert report.problems == ()
    assert report.checked is not None
    assert report.checked.function == "night"
    assert report.checked.form.defaults == {"rounds": 2}


@pytest.mark.parametrize(
    ("before", "after", "line", "column", "severity", "said"),
    [
        ("rounds: int = 2):", "rounds: int = 2:", 6, 54, "error", "invalid syntax"),
        ("    for _ in", "   for _ in", 9, None, "error", "unindent"),
        ("def night", "async def night", 6, 1, "error", "asynchronous"),
        ("chip_id, qids,", "chip_id, /, qids,", 6, 11, "error", "leave out the `/`"),
        ("import CustomOneQubit\n", "import CustomOneQbit\n", 2, 36, "error", "did you mean 'CustomOneQubit'"),
        ('flow_name="näch"', 'flow_nam="näch"', 8, 43, "error", "did you mean 'flow_name'"),
        ("cal.finish_calibration", '"äö"; cal.finish', 11, 11, "error", "has no attribute 'finish'"),
        ('CustomOneQubit(["CheckT1"])', 'CustomOneQubit(tasks=["CheckT2"])', 10, 60, "warning", "did you mean 'CheckT1'"),
        ("chip_id, flow_name", "flow_name", 8, 11, "error", "CalibService needs chip_id"),
        ("QubitTargets(qids), ", "steps=", 10, 9, "error", "CalibService.run needs targets"),
        ('CustomOneQubit(["CheckT1"])', 'CustomOneQubit(tasks="CheckT1")', 10, 59, "warning", "tasks is a list of names"),
        ('[CustomOneQubit(["CheckT1"])]', 'steps=CustomOneQubit(["CheckT1"])', 10, 43, "warning", "steps is a list"),
        ("range(rounds)", "range(round_)", 9, 20, "warning", "undefined name 'round_'"),
        ("[CustomOneQubit(", "[CustomOneQbit(", 10, 38, "warning", "undefined name 'CustomOneQbit'; did you mean 'CustomOneQubit'?"),
        ("from qdash_core.flows.targets import QubitTargets\n", "", 9, 17, "warning", "undefined name 'QubitTargets'"),
        ("\n\ndef night", "import os\n\ndef night", 4, 1, "warning", "'os' imported but unused"),
        ("    cal.finish_calibration()\n", "return cal\n", 11, 1, "warning", "return"),
        ("QubitTargets(qids)", "QubitTargets([0])", 10, 17, "warning", "0 is not a qubit: write a number"),
        ("QubitTargets(qids)", "QubitTargets('12')", 10, 17, "warning", "qids is '12', which is not a list"),
        ("\n\ndef night", "QIDS = ['Q0', '07']\nQubitTargets(QIDS)\n\ndef night", 5, 1, "warning", "'07' is not a qubit"),
        ('CustomOneQubit(["CheckT1"])', 'CustomOneQubit(["CheckT1", "CheckT2"])', 10, 65, "warning", "there is no task 'CheckT2'"),
        ('(["CheckT1"])', '(["CheckT1"], max_parallel=0)', 10, 38, "warning", "max_parallel"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_at_its_place(
    before: str, after: str, line: int, column: int | None, severity: str, said: str
) -> None:
    found = report_source(FLOW.replace(before, after), tasks=TASKS).problems
    (problem,) = [one for one in found if said in one.message]
    assert (problem.line, problem.severity) == (line, severity)
    assert column is None or problem.column == column


@pytest.mark.parametrize(
    "line",
    [
        "QubitTargets([absent()])",
        "QubitTargets(**{'qids': [0]})",
        "ids = [0]; ids = ['0']; QubitTargets(ids)",
        "def other(ids=[0]): QubitTargets(ids)",
        "QubitTargets(['0', 'Q07'], exclude_qids=('1',))",
    ],
)
def test_values_that_a_run_decides_are_no_problem(line: str) -> None:
    problems = report_source(f"{FLOW}\n\n{line}\n", tasks=TASKS).problems
    assert [one for one in problems if "is not a qubit" in one.message or "list" in one.message] == []


def test_all_mistakes_are_found_at_once_and_only_errors_prevent_a_save() -> None:
    report = report_source(f"{FLOW}\nCustomOneQubit(tsks=[])\nTwoQubitCalibration(CheckBell)\n", tasks=TASKS)
    assert [(one.line, one.severity) for one in report.problems] == [
        (LINE + 1, "error"),
        (LINE + 2, "warning"),
        (LINE + 2, "warning"),
    ]
    assert report.checked is None
    assert report.problems[1].alternative == "from qdash_core import TwoQubitCalibration", (
        "an undefined name of QDash comes with its import"
    )
    assert report_source(f"{FLOW}\nTwoQubitCalibration()\n", tasks=TASKS).checked is not None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "no function"),
        ("def a(): ...\ndef b(): ...", "several functions"),
        ("x = 1\0", "null bytes"),
        ("x = " + "-" * 100_000 + "1", "nested too deeply"),
        ("x = '\ud800'", "is not text"),
        ("#" * (FLOW_SOURCE.size + 1), "is too long"),
    ],
)
def test_a_source_without_a_place_of_its_fault_has_it_in_the_first_line(source: str, said: str) -> None:
    report = report_source(source, tasks=TASKS)
    assert report.checked is None
    (problem,) = report.problems
    assert said in problem.message
    assert (problem.line, problem.column, problem.severity) == (1, 1, "error")


def test_nothing_of_a_source_is_run_for_a_report() -> None:
    source = "import sys\nsys.exit(3)\nraise SystemExit\n@print\ndef night(a=print('no')): ..."
    report = report_source(source, tasks=TASKS)
    assert report.checked is not None
    assert report.checked.function == "night"


def test_of_very_many_problems_the_first_ones_are_listed_and_the_others_counted() -> None:
    names = "".join(f"    absent_{number}\n" for number in range(1000))
    report = report_source(f"def f(chip_id):\n{names}import qdash_core.absent\n", tasks=TASKS)
    assert len(report.problems) == 100
    assert report.problems[98].message == "undefined name 'absent_98'"
    last = report.problems[-1]
    assert (last.line, last.severity) == (101, "error")
    assert last.message == "902 problems from this line on are not listed"
    assert report.checked is None
