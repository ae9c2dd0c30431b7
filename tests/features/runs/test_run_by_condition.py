"""`qdash calibrate --only`: the plan of a run on targets that meet a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import CHIPS
from qdash_core import open_qdash
from qdash_core.models.chip import TargetStatus
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import QubitCalibrationRepository

from ...access import ADMIN

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


def test_targets_that_do_not_meet_the_condition_are_ranges_after_the_plan(lab: InProcess) -> None:
    with open_qdash() as qdash:
        failed = qdash.get(CHIPS).show(ADMIN, "a").qubits["4"]
        failed = failed.with_changes(status=TargetStatus.FAILED, now=utc_now())
        qdash.repositories.of(QubitCalibrationRepository).write_values(
            failed, former=failed, recorded_date="20260401", cooldown_id=None
        )
    plan = lab.does("calibrate", "a", "--flow", "Measure", "--only", "failed", "--dry-run").splitlines()
    assert "  on 1 target: 4" in plan
    assert plan[-1] == "not measured: 0-3 (not failed)"


def test_every_target_is_measured_without_conditions(lab: InProcess) -> None:
    plan = lab.does("calibrate", "a", "--flow", "Measure", "--only", "none", "--dry-run")
    assert "not measured" not in plan
