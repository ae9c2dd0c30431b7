"""Flows that users copy from installed ones, and their previews from the text of the source."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.flows.feature import SAVED_FLOWS
from qdash_builtin.flows.template_source import find_flow_source
from qdash_builtin.runs.feature import RUNS
from qdash_core import CalibService, load_plugins
from qdash_core.errors import InvalidInputError, QDashError
from qdash_core.flows.steps import BringUp
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip

from ..access import ADMIN
from .conftest import make_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.runs.previews import RunPreview
    from qdash_core.runtime.application import QDash

CHIP = "chip"
TASKS = (
    *("CheckResonatorSpectroscopy", "CheckQubitSpectroscopy", "CheckRabi", "CheckRamsey", "CreateHPIPulse"),
    *("CreatePIPulse", "CreateDRAGHPIPulse", "CreateDRAGPIPulse", "CheckT1", "CheckT2Echo"),
)
"""Tasks of a bring-up whose values others need."""
OWN = """
import sys
from qdash_core import CalibService
from qdash_core.flows.steps import BringUp, CustomOneQubit, FilterByMetric
from qdash_core.flows.targets import QubitTargets

sys.modules["qdash_was_imported"] = sys
ROUGH = ["CheckResonatorSpectroscopy", "CheckQubitSpectroscopy"]


def own(username, chip_id, qids=("0", "1"), rounds: int = 2, first: str = "CheckT1"):
    cal = CalibService(username, chip_id)
    steps = [CustomOneQubit(ROUGH), CustomOneQubit(tasks=[first], max_parallel=1)]
    cal.run(QubitTargets(qids), steps)
    for _ in range(rounds):
        cal.run(targets=QubitTargets(list(qids)), steps=[CustomOneQubit(ROUGH), more(rounds)])
    if rounds > 3:
        cal.run(QubitTargets(["7"]), [CustomOneQubit(ROUGH)])
    cal.finish_calibration()
"""


@pytest.fixture(scope="module")
def qdash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QDash]:
    """A home with a calibrated chip, whose values the checks of flows need."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "QDASH_HOME", str(tmp_path_factory.mktemp("home"))
        )  # a flow opens the store of the settings
        with open_qdash(load_settings(), load_plugins()) as opened:
            table = make_table({}, {}, {}, couplings=(("0", "1"), ("1", "2")))
            create_twin_chip(opened, ADMIN, CHIP, table, seed=1)
            service = CalibService(DEFAULT_USER, CHIP, project_id=ADMIN.project_id, qdash=opened)
            run_to_end(service, QubitTargets(["0", "1", "2"]), [BringUp(TASKS)])
            yield opened


def list_stages(preview: RunPreview) -> list[object]:
    return [(one.step, [task.name for task in one.tasks], one.targets, one.plan) for one in preview.stages]


def preview(qdash: QDash, request: RunRequest) -> tuple[str, list[object]]:
    """Return the reason why a run is refused, or its stages."""
    try:
        return "", list_stages(qdash.get(RUNS).preview(ADMIN, request))
    except QDashError as error:
        return str(error), []


@pytest.mark.parametrize(
    ("flow", "qubits"),
    [
        pytest.param("full", None, marks=pytest.mark.slow),
        ("bring-up", ("0", "2")),
        *(
            pytest.param(flow, qubits, marks=pytest.mark.release)
            for flow in ("rough", "bring-up", "check", "fine-tune", "two-qubit", "full")
            for qubits in (None, ("0", "2"))
            if (flow, qubits) not in (("full", None), ("bring-up", ("0", "2")))
        ),
    ],
)
def test_a_copy_of_an_installed_flow_does_the_same(
    qdash: QDash, flow: str, qubits: tuple[str, ...] | None
) -> None:
    request = RunRequest(chip_id=CHIP, flow=flow, targets=TargetSelection(qubits=qubits))
    source = find_flow_source(qdash, ADMIN, flow, saved=qdash.get(SAVED_FLOWS), chip_id=CHIP)
    report = qdash.get(SAVED_FLOWS).report_source(ADMIN, source)
    assert report.problems == ()
    qdash.get(SAVED_FLOWS).save(ADMIN, "own", source)
    of_copy = request.model_copy(update={"flow": "own"})
    refusal, expected = preview(qdash, request)
    own_refusal, stages = preview(qdash, of_copy)
    assert own_refusal.startswith(refusal)
    assert stages == expected
    from_text = qdash.get(RUNS).preview(ADMIN, of_copy, trusted_files=False)
    assert from_text.from_source
    if refusal:
        assert [one.reason for one in from_text.stages] == [refusal]
    else:
        assert list_stages(from_text) == expected


def test_a_saved_flow_is_previewed_from_its_text_and_nothing_of_it_is_run(qdash: QDash) -> None:
    qdash.get(SAVED_FLOWS).save(ADMIN, "own", OWN)
    request = RunRequest(chip_id=CHIP, flow="own", parameters={"first": "CheckRabi"})
    found = qdash.get(RUNS).preview(ADMIN, request, trusted_files=False)
    assert "qdash_was_imported" not in sys.modules
    assert [(one.step, [task.name for task in one.tasks]) for one in found.stages] == [
        ("CustomOneQubit", ["CheckResonatorSpectroscopy", "CheckQubitSpectroscopy"]),
        ("CustomOneQubit", ["CheckRabi"]),
        ("CustomOneQubit", ["CheckResonatorSpectroscopy", "CheckQubitSpectroscopy"]),
        ("more(rounds)", []),
        ("the run in line 18", []),
    ]
    assert [one.reason for one in found.stages] == [
        "",
        "",
        "the loop in line 15 may repeat it",
        "line 16: the text of the flow does not tell what it runs",
        "chip chip has no qubit 7; it has 3, 0 to 2",
    ]
    assert found.stages[0].targets == ("0", "1")
    assert found.forecasts[0] is not None


def test_wrong_parameters_of_a_saved_flow_are_refused_in_its_preview(qdash: QDash) -> None:
    qdash.get(SAVED_FLOWS).save(ADMIN, "own", OWN)
    for parameters, why in (({"rounds": "many"}, "rounds cannot be 'many'"), ({"x": 1}, "no argument 'x'")):
        request = RunRequest(chip_id=CHIP, flow="own", parameters=parameters)
        with pytest.raises(InvalidInputError, match=why):
            qdash.get(RUNS).preview(ADMIN, request, trusted_files=False)


def test_a_flow_that_calls_no_run_says_that_nothing_is_known(qdash: QDash) -> None:
    qdash.get(SAVED_FLOWS).save(ADMIN, "own", "def own(chip_id):\n    start(chip_id)\n")
    (stage,) = (
        qdash.get(RUNS).preview(ADMIN, RunRequest(chip_id=CHIP, flow="own"), trusted_files=False).stages
    )
    assert "its text has no call of CalibService.run" in stage.reason


HEAD = """\
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit, TwoQubitCalibration
from qdash_core.flows.targets import CouplingTargets, MuxTargets, QubitTargets


def own(username, chip_id):
    cal = CalibService(username, chip_id)
"""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("QubitTargets(5), [CustomOneQubit(['CheckT1'])]", "qids is 5, which is not a list"),
        pytest.param("QubitTargets(['0']), [CustomOneQubit(5)]", "TypeError", marks=pytest.mark.release),
        pytest.param(
            "QubitTargets(['0']), [CustomOneQubit([['CheckT1']])]", "TypeError", marks=pytest.mark.release
        ),
        ("CouplingTargets([5]), [TwoQubitCalibration()]", "5 is not a coupling"),
        pytest.param(
            "MuxTargets(['a']), [CustomOneQubit(['CheckT1'])]",
            "'a' is not a multiplexer",
            marks=pytest.mark.release,
        ),
        ("MuxTargets([1e999]), [CustomOneQubit(['CheckT1'])]", "inf is not a multiplexer"),
    ],
)
def test_values_of_a_wrong_type_are_named_with_their_line(qdash: QDash, arguments: str, reason: str) -> None:
    qdash.get(SAVED_FLOWS).save(ADMIN, "own", f"{HEAD}    cal.run({arguments})\n")
    (stage,) = (
        qdash.get(RUNS).preview(ADMIN, RunRequest(chip_id=CHIP, flow="own"), trusted_files=False).stages
    )
    assert stage.step == "the run in line 8"
    assert reason in stage.reason


@pytest.mark.parametrize(
    "body",
    [
        "    names = ['CheckT1']\n"
        + "".join(f"    names{i} = [{', '.join([f'names{i - 1}'] * 30)}]\n" for i in range(1, 7)).replace(
            "names0", "names"
        )
        + "    cal.run(QubitTargets(['0']), [CustomOneQubit(names6)])\n",
        "    cal.run(QubitTargets(['0']), [CustomOneQubit(['CheckT1'])])\n" * 200,
    ],
)
def test_a_short_text_with_many_runs_or_values_is_refused(qdash: QDash, body: str) -> None:
    qdash.get(SAVED_FLOWS).save(ADMIN, "own", HEAD + body)
    with pytest.raises(InvalidInputError, match="too many for a preview"):
        qdash.get(RUNS).preview(ADMIN, RunRequest(chip_id=CHIP, flow="own"), trusted_files=False)
