"""A T1 that falls on a twin, and a plane that is reflected: in use after the third result if it lasts, never if it was a spike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import CalibConfig, CalibOrchestrator, CalibService, load_plugins
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.task import Verdict
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.folders import TWIN_FILE, twin_folder

from ..access import access_of
from ..prepared.shared_files import fill_once
from .conftest import make_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

BEFORE_US, AFTER_US = 88.0, 20.0
TASKS = ("CheckResonatorSpectroscopy", "CheckQubitSpectroscopy", "CheckRabi", "CheckRamsey", "CheckT1")


class Laboratory:
    """A calibrated twin of one qubit, whose T1 can be changed between runs."""

    def __init__(self, qdash: QDash, home: Path) -> None:
        self.qdash, self.home = qdash, home
        self.access = access_of("admin", qdash.access(DEFAULT_USER).project_id)

    def set_t1(self, t1_us: float) -> None:
        """Change the true T1."""
        file = twin_folder(self.home, project_id=self.access.project_id, chip_id="chip") / TWIN_FILE
        twin = json.loads(file.read_text(encoding="utf-8"))
        (row,) = twin["table"]["qubits"]
        row["t1_us"] = t1_us
        file.write_text(json.dumps(twin), encoding="utf-8")

    def reflect_plane(self) -> None:
        """Give Q the other sign."""
        file = twin_folder(self.home, project_id=self.access.project_id, chip_id="chip") / TWIN_FILE
        twin = json.loads(file.read_text(encoding="utf-8"))
        twin["options"] = {**twin.get("options", {}), "iq-reflection": "0@0"}
        file.write_text(json.dumps(twin), encoding="utf-8")

    def run(self, task: str = "CheckT1") -> list[TaskResultModel]:
        """Measure with a task in an execution of its own; return all results."""
        config = CalibConfig(username=DEFAULT_USER, chip_id="chip", project_id=self.access.project_id)
        session = CalibOrchestrator(config, self.qdash)
        session.initialize()
        session.run_task(task, "0")
        execution = session.complete()
        return self.qdash.get(EXECUTIONS).show(self.access, execution.execution_id)[1]

    @property
    def t1_us(self) -> float:
        qubit = self.qdash.repositories.of(QubitCalibrationRepository).find(
            self.access.project_id, "chip", "0"
        )
        assert qubit is not None
        return float(qubit.data["t1"].value)


def calibrate(home: Path) -> None:
    """Make a home with the calibrated twin."""
    with open_qdash(load_settings(home=home), load_plugins()) as qdash:
        access = access_of("admin", qdash.access(DEFAULT_USER).project_id)
        create_twin_chip(qdash, access, "chip", make_table({"t1_us": BEFORE_US, "t2_us": 30.0}), seed=1)
        service = CalibService(DEFAULT_USER, "chip", project_id=access.project_id, qdash=qdash)
        run_to_end(service, QubitTargets(["0"]), [CustomOneQubit(TASKS)])


@pytest.fixture
def laboratory(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    home = fill_once(tmp_path_factory, "one-qubit", tmp_path / "home", calibrate)
    with open_qdash(load_settings(home=home), load_plugins()) as qdash:
        made = Laboratory(qdash, home)
        made.run()
        assert made.t1_us == pytest.approx(BEFORE_US, rel=0.2)
        yield made


def test_a_t1_that_fell_and_stays_is_in_use_after_the_third_result(laboratory: Laboratory) -> None:
    laboratory.set_t1(AFTER_US)
    first, second = laboratory.run()
    assert [first.verdict, second.verdict] == [Verdict.FLAGGED, Verdict.FLAGGED]
    assert second.lab_start_s is not None
    assert second.lab_start_s > 0
    assert laboratory.t1_us == pytest.approx(BEFORE_US, rel=0.2)
    (third,) = laboratory.run()
    assert third.verdict is Verdict.ACCEPTED
    value = third.output_parameters["t1"].value
    assert third.reasons == [
        f"t1 = {value:.6g} us is confirmed by results {second.task_id} and {first.task_id}"
    ]
    assert laboratory.t1_us == pytest.approx(AFTER_US, rel=0.2)


def test_a_spike_that_lasts_for_a_run_is_never_in_use(laboratory: Laboratory) -> None:
    for _ in range(2):
        laboratory.set_t1(AFTER_US)
        assert [one.verdict for one in laboratory.run()] == [Verdict.FLAGGED] * 2
        laboratory.set_t1(BEFORE_US)
        assert [one.verdict for one in laboratory.run()] == [Verdict.ACCEPTED]
        assert laboratory.t1_us == pytest.approx(BEFORE_US, rel=0.2)


def test_a_slow_drift_is_followed_without_flags(laboratory: Laboratory) -> None:
    t1_us = BEFORE_US
    while t1_us > AFTER_US:
        t1_us *= 0.75
        laboratory.set_t1(t1_us)
        assert [one.verdict for one in laboratory.run()] == [Verdict.ACCEPTED]
        assert laboratory.t1_us == pytest.approx(t1_us, rel=0.2)


def test_a_reflected_plane_is_flagged_until_three_results_agree(laboratory: Laboratory) -> None:
    task = "CheckResonatorSpectroscopy"
    assert [one.verdict for one in laboratory.run(task)] == [Verdict.ACCEPTED]
    laboratory.reflect_plane()
    flagged = [*laboratory.run(task), *laboratory.run(task)]
    assert [one.flagged_by for one in flagged] == [["readout-line"]] * 2
    assert "the phase rises with frequency" in flagged[0].reasons[0]
    assert [one.verdict for one in laboratory.run(task)] == [Verdict.ACCEPTED]
