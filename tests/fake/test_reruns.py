"""A result on a twin, reproduced after the chip's values have changed by hand and by calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_reruns import make_rerun_request
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_builtin.values.feature import VALUES
from qdash_core import CalibService, Parameter, load_plugins
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.request import RunRequest
from qdash_core.models.task import Verdict
from qdash_core.repositories.executions import CalibrationNoteRepository
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip

from ..access import access_of
from .conftest import make_table
from .test_undeclared_reads import make_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.models.access import Access
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

CHIP = "chip"
BEFORE_DRAG = (
    "CheckResonatorSpectroscopy",
    "CheckQubitSpectroscopy",
    "CheckRabi",
    "CheckReadoutFrequency",
    "CheckRamsey",
    "CreateHPIPulse",
    "CreatePIPulse",
)
DRAG = ("CreateDRAGHPIPulse", "CreateDRAGPIPulse")


@pytest.fixture
def qdash(tmp_path: Path) -> Iterator[QDash]:
    settings = load_settings(home=tmp_path, store_url="memory://")
    with open_qdash(settings, load_plugins(extra={"foreign": make_plugin()})) as opened:
        yield opened


def calibrate(qdash: QDash, access: Access, *tasks: str) -> None:
    """Perform tasks on qubit 0."""
    service = CalibService(DEFAULT_USER, CHIP, project_id=access.project_id, qdash=qdash)
    run_to_end(service, QubitTargets(["0"]), [CustomOneQubit(tasks)])


def run(qdash: QDash, access: Access, request: RunRequest) -> TaskResultModel:
    ended = qdash.get(RUNS).run(access, request)
    (found,) = qdash.get(EXECUTIONS).show(access, ended.execution_id)[1]
    return found


def test_a_result_is_reproduced_with_its_pulses_after_values_changed_by_hand_and_by_calibration(
    qdash: QDash,
) -> None:
    access = access_of("admin", qdash.access(DEFAULT_USER).project_id)
    create_twin_chip(qdash, access, CHIP, make_table({"t1_us": 60.0, "t2_us": 30.0}), seed=1)
    calibrate(qdash, access, *BEFORE_DRAG, *DRAG)
    t1 = RunRequest(chip_id=CHIP, flow="CheckT1", single="0", saved=False)
    original = run(qdash, access, t1)
    calibrate(qdash, access, "CheckRabi", "CheckRamsey", "CreatePIPulse", *DRAG, "CheckT1")
    wrong = {"qubit_frequency": Parameter(original.input_parameters["qubit_frequency"].value + 0.05)}
    qdash.get(VALUES).set(access, CHIP, "0", wrong, reason="by hand")
    # With the present values nothing is seen: the drive is off resonance.
    assert run(qdash, access, t1).verdict is not Verdict.ACCEPTED
    values = qdash.get(TARGETS).show(access, CHIP, "0").state.data
    note = qdash.repositories.of(CalibrationNoteRepository).get_latest(access.project_id, CHIP)

    again = run(qdash, access, make_rerun_request(qdash, access, original.task_id))
    assert again.verdict is Verdict.ACCEPTED
    assert again.input_parameters == original.input_parameters
    found = qdash.get(RESULTS).compare(access, again.task_id)
    assert (found.inputs, found.settings, found.software.differences) == ([], [], [])
    (compared,) = found.outputs
    # Beyond 4 standard deviations in 6 of 100,000 reruns, with errors of normal distribution; the seed is fixed.
    assert compared.sigmas is not None
    assert compared.sigmas < 4
    assert qdash.get(TARGETS).show(access, CHIP, "0").state.data == values
    assert qdash.repositories.of(CalibrationNoteRepository).get_latest(access.project_id, CHIP) == note
    assert run(qdash, access, t1).input_parameters["qubit_frequency"].value == values["qubit_frequency"].value


def test_a_rerun_plays_no_pulse_that_was_calibrated_after_its_original(qdash: QDash) -> None:
    access = access_of("admin", qdash.access(DEFAULT_USER).project_id)
    create_twin_chip(qdash, access, CHIP, make_table({"t1_us": 60.0, "t2_us": 30.0}), seed=1)
    calibrate(qdash, access, *BEFORE_DRAG)
    original = run(qdash, access, RunRequest(chip_id=CHIP, flow="ReadTrain", single="0"))
    calibrate(qdash, access, *DRAG)
    now = run(qdash, access, RunRequest(chip_id=CHIP, flow="ReadTrain", single="0", saved=False))
    assert now.input_parameters["drag_hpi_amplitude"].undeclared

    again = run(qdash, access, make_rerun_request(qdash, access, original.task_id))
    assert "hpi_amplitude" in again.input_parameters
    assert again.input_parameters == original.input_parameters
    assert qdash.get(RESULTS).compare(access, again.task_id).laboratory.differences == []
