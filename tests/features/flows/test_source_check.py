"""Check of a flow's source for names that do not exist here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.flows.absent_names import ALTERNATIVES, find_alternative
from qdash_builtin.flows.source_check import find_source_problems, refuse_absent_names
from qdash_builtin.flows.user_flows import UserFlow
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """
from qdash.workflow.service import CalibService
from qdash.workflow.service.calib_service import on_flow_cancellation
from qdash.workflow.service.steps import CustomOneQubit, Step
from qdash.workflow.service.targets import MuxTargets, Target

def night(username, chip_id):
    targets: Target = MuxTargets(mux_ids=[0])
    cal = CalibService(username, chip_id, skip_execution=True, tags=None)
    print(cal.execution_id, cal.github_push_config, targets.to_qids(chip_id))
    return cal.run(targets, steps=[CustomOneQubit(step_name="a", tasks=["CheckT1"], mode="serial")])
"""


def test_a_flow_with_known_names_has_no_problem(tmp_path: Path) -> None:
    assert find_source_problems(FLOW, folder=tmp_path, tasks={"CheckT1"}) == []


@pytest.mark.parametrize(
    ("line", "message", "alternative"),
    [
        ("from qdash.workflow.service._internal.scheduling_tasks import calibrate_mux_qubits", "no module", "CustomOneQubit"),
        ("from qdash.dbmodel.initialize import initialize", "no module qdash.dbmodel.initialize", "omit the call"),
        ("from qdash.repository import MongoFlowRepository", "qdash.repository has no MongoFlowRepository", "get_parameter"),
        ("import qdash.common.config.loader", "no module qdash.common.config.loader", "QDASH_"),
        ("from qdash.workflow.service.steps import OneQubitChek", "did you mean 'OneQubitCheck'", ""),
        ("CustomOneQubit(step_nam='a')", "CustomOneQubit has no argument 'step_nam'; did you mean 'step_name'", ""),
        ("cal = CalibService('a', 'b'); cal.execute_tsk('CheckT1', '0')", "did you mean 'execute_task'", ""),
        ("CustomOneQubit(mode='serail')", "CustomOneQubit has no mode 'serail'; did you mean 'serial'? (there are: scheduled", ""),
        ("def f(cal: CalibService): cal.set_parameter('0', name='t1')", "CalibService.set_parameter has no argument 'name'", ""),
        ("CalibService.cancel()", "CalibService has no attribute 'cancel'", ""),
        ("def f(service: CalibService): service.absent", "CalibService has no attribute 'absent'", ""),
    ],
)  # fmt: skip
def test_an_absent_name_is_found_with_its_line_and_alternative(
    line: str, message: str, alternative: str
) -> None:
    (problem,) = find_source_problems(f"{FLOW}{line}\n")
    assert problem.line == len(FLOW.splitlines()) + 1
    assert message in problem.message
    assert alternative in (problem.alternative or "")


@pytest.mark.parametrize(
    "line",
    [
        "try:\n    import qdash.absent\nexcept ImportError:\n    pass",
        "cal = CalibService('a', 'b')\ncal = object()\ncal.anything",
        "def f(cal): cal.anything",
        "import numpy_that_is_not_installed",
        "CustomOneQubit(mode=chosen)",
        "CalibService = choose()\nCalibService.anything",
    ],
)
def test_names_that_may_be_absent_are_no_problem(line: str) -> None:
    assert find_source_problems(f"{FLOW}{line}\n") == []


def test_tasks_and_modules_are_looked_up_on_request(tmp_path: Path) -> None:
    (tmp_path / "beside.py").touch()
    source = 'import beside, far_away\nMY_TASKS = ["CheckT1", "CheckT9"]\ncal.execute_task("Odd", "0")\n'
    found = find_source_problems(source, folder=tmp_path, tasks={"CheckT1"}, lists=True)
    assert [(one.line, one.message.partition(";")[0]) for one in found] == [
        (1, "not installed: module far_away"),
        (2, "there is no task 'CheckT9'"),
        (3, "there is no task 'Odd'"),
    ]


def test_such_a_flow_is_refused_before_it_is_imported(tmp_path: Path) -> None:
    file = tmp_path / "night.py"
    file.write_text("1 / 0\nfrom qdash.absent import name\n")
    with pytest.raises(InvalidInputError, match=r"night.py, line 2: there is no module qdash.absent"):
        UserFlow(str(file))


def test_the_first_of_several_problems_is_named_with_their_number() -> None:
    with pytest.raises(InvalidInputError, match=r"a.py, line 1: .*\(1 more: `qdash flow check a.py`\)"):
        refuse_absent_names("import qdash.one\nimport qdash.two\n", "a.py")


def test_the_longest_name_has_its_own_alternative() -> None:
    assert find_alternative("qdash.dbmodel.initialize.initialize") == ALTERNATIVES["qdash.dbmodel.initialize"]
    assert find_alternative("qdash.dbmodel.chip") == ALTERNATIVES["qdash.dbmodel"]
    assert find_alternative("elsewhere") is None


def test_a_submitted_flow_names_installed_tasks_but_may_have_lists_of_other_texts() -> None:
    source = 'KINDS_OF_TASKS = ["T1"]\nCustomOneQubit(tasks=["CheckT9"])\n'
    with pytest.raises(
        InvalidInputError, match=r"^line 2: there is no task 'CheckT9'; did you mean 'CheckT1'"
    ):
        refuse_absent_names(source, tasks={"CheckT1"})


def test_refused_input_of_a_flow_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "night.py"
    file.write_text(
        "from qdash.workflow.service.steps import FilterByStatus, Pipeline\n\n\ndef night():\n    Pipeline([FilterByStatus()])\n"
    )
    with pytest.raises(InvalidInputError, match=r"requires one_qubit_check or .*\(night.py:5\)"):
        UserFlow(str(file)).call({})
