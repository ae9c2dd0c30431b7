"""Plausible changes of the outputs of standard tasks: a sudden loss is flagged whatever the quantity."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from qdash_core import OutputParameter, Parameter, TaskOutput
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import Verdict
from qdash_core.tasks.quantities import QuantityTable
from qdash_core.validation.standard import Jump
from qdash_core.validation.verdicts import Candidate
from qdash_tasks.tasks import TASKS

from ..core.bench import make_task

if TYPE_CHECKING:
    from qdash_core.tasks.base import BaseTask

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = QuantityTable()
for standard_task in TASKS:
    TABLE.add(standard_task)
QUANTITIES = TABLE.collect()
SETTINGS = {
    "cancel_amplitude",
    "coarse_control_amplitude",
    "control_amplitude",
    "cr_amplitude",
    "hpi_length",
    "pi_length",
    "readout_amplitude",
    "rotary_amplitude",
    "zx90_gate_time",
    "zx_rotation_rate",  # is that of the amplitude
}
PHASES = {"cancel_phase", "cr_phase", "rabi_angle", "rabi_phase"}
BY_PRODUCTS = {"rabi_amplitude", "rabi_distance", "rabi_noise", "rabi_offset", "t1_std", "t2_echo_std"}
COMPUTED = {"one_qubit_gate_coherence_limit", "two_qubit_gate_coherence_limit"}
MADE_BY = {name: task for task in TASKS for name in task.output_parameters}


def judge(
    name: str, last: tuple[float, float], now: tuple[float, float], *, task: type[BaseTask] | None = None
) -> list[Verdict]:
    """Return the verdicts of the findings on a new value and error after the last accepted ones."""
    task, unit = task or MADE_BY[name], QUANTITIES[name].unit
    previous = ParameterModel(value=last[0], error=last[1], unit=unit, calibrated_at=WHEN)
    output = TaskOutput({name: Parameter(*now, unit)})
    candidate = Candidate(task, "0", output, {name: previous}, quantities=QUANTITIES)
    return [finding.verdict for finding in Jump().validate(candidate)]


def test_every_measured_quantity_has_a_plausible_change_and_no_setting_phase_or_by_product_has_one() -> None:
    without = {name for name, quantity in QUANTITIES.items() if quantity.jump is None and name in MADE_BY}
    assert without == SETTINGS | PHASES | BY_PRODUCTS | COMPUTED


@pytest.mark.parametrize(
    ("name", "last", "now"),
    [
        ("average_readout_fidelity", (0.99, 0.001), (0.61, 0.006)),
        ("readout_fidelity_1", (0.98, 0.002), (0.85, 0.004)),
        ("average_gate_fidelity", (0.9996, 0.00002), (0.996, 0.0002)),
        ("zx90_gate_fidelity", (0.99, 0.001), (0.94, 0.003)),
        ("bell_state_fidelity", (0.97, 0.005), (0.75, 0.01)),
        ("t2_echo", (80.0, 2.0), (20.0, 1.0)),
        ("t2_star", (60.0, 2.0), (5.0, 0.3)),
        ("rabi_frequency", (12.5, 0.01), (4.0, 0.01)),
        ("dispersive_shift", (-1.2, 0.02), (-0.3, 0.03)),
        ("pi_angle_error", (0.004, 0.002), (-0.25, 0.01)),
    ],
)
def test_a_sudden_loss_is_flagged(name: str, last: tuple[float, float], now: tuple[float, float]) -> None:
    assert judge(name, last, now) == [Verdict.FLAGGED]


@pytest.mark.parametrize(
    ("name", "last", "now"),
    [
        ("average_readout_fidelity", (0.985, 0.001), (0.97, 0.002)),
        ("average_readout_fidelity", (0.61, 0.006), (0.99, 0.001)),
        ("average_gate_fidelity", (0.9999, 0.00001), (0.9995, 0.00005)),
        ("average_gate_fidelity", (0.999, 0.0005), (0.996, 0.0006)),
        ("t2_echo", (80.0, 2.0), (40.0, 1.0)),
        ("pi_angle_error", (0.001, 0.001), (0.03, 0.001)),
    ],
)
def test_usual_drift_an_improvement_and_noise_are_not(
    name: str, last: tuple[float, float], now: tuple[float, float]
) -> None:
    assert judge(name, last, now) == []


def test_a_task_of_a_plugin_has_the_plausible_change_of_the_quantity() -> None:
    own = make_task("Own", output_parameters={"average_readout_fidelity": OutputParameter()})
    loss = (0.99, 0.001), (0.61, 0.006)
    assert judge("average_readout_fidelity", *loss, task=own) == [Verdict.FLAGGED]
    without = {"average_readout_fidelity": OutputParameter(jump=float("inf"))}
    assert judge("average_readout_fidelity", *loss, task=make_task("Own", output_parameters=without)) == []
