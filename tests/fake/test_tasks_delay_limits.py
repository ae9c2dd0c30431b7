"""Planning of coherence and pulse tasks with the grid, longest program and largest amplitude of the
laboratory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.limits import Limits, LineLimits
from qdash_tasks.tasks import (
    CheckQubitFrequency,
    CheckRamsey,
    CheckT1,
    CheckT2Echo,
    CreateDRAGPIPulse,
    CreatePIPulse,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.base import BaseTask

LONGEST_NS = 50_000.0


def bench(path: Path, limits: Limits, **row: float) -> Laboratory:
    """Return the bench of one qubit in a laboratory with these limits."""
    laboratory = Laboratory(path, make_table(row), 3).calibrate_perfectly()
    laboratory.backend.laboratory.limits = limits
    return laboratory


def assert_near(found: Parameter, true: float) -> None:
    """Assert that a value agrees with the truth within its own error bar."""
    assert abs(found.value - true) < 5 * (found.error or 0)


@each_case("how", [{"reset": "active"}, {"reset": "passive", "interval": 1e6}])
@each_case(
    ("task", "name", "true"),
    [(CheckT1, "t1", 12.0), (CheckT2Echo, "t2_echo", 9.0), (CheckRamsey, "t2_star", None)],
)
def test_no_delay_exceeds_the_longest_program(
    tmp_path: Path, task: type[BaseTask], name: str, true: float | None, how: dict[str, Any]
) -> None:
    laboratory = bench(tmp_path, Limits(longest_program_ns=LONGEST_NS), t1_us=12.0, t2_us=9.0)
    raw = laboratory.measure(task, "0", **how)
    delays = [array for kept, (array, _) in raw.arrays.items() if kept.endswith("_delay")]
    assert all(np.max(one) <= LONGEST_NS * 1e-3 for one in delays)
    known = laboratory.chip.qubits["0"].coherence.t2_star_us if true is None else true
    assert_near(task().postprocess(None, raw).parameters[name], known)


def test_a_phase_that_outlasts_the_longest_program_still_gives_the_frequency(tmp_path: Path) -> None:
    output = bench(tmp_path, Limits(longest_program_ns=2_000.0)).run(CheckRamsey, "0")
    assert_near(output.parameters["qubit_frequency"], 5.0)
    assert output.note["t2_star"] == "no decay is resolved within 2\N{NO-BREAK SPACE}µs"


@pytest.mark.parametrize("task", [CheckQubitFrequency, CheckRamsey])
def test_fringes_are_looked_for_where_points_differ_on_the_grid(tmp_path: Path, task: type[BaseTask]) -> None:
    laboratory = bench(tmp_path, Limits(usual_line=LineLimits(start_ns=8.0)))
    instance = laboratory.backend.laboratory
    # A detuning at which the widest windows show an alias.
    instance.adjust("0", {"drive_frequency_ghz": instance.settings["0"].drive_frequency_ghz - 9e-3})
    steps_ns: list[float] = []
    measure = instance.measure

    def watched(requests: Any, shots: Any) -> Any:
        for asked in requests.values():
            steps_ns.extend(float(np.diff(one.x).min()) * 1e3 for one in asked)
        return measure(requests, shots)

    instance.measure = watched
    assert_near(laboratory.run(task, "0").parameters["qubit_frequency"], 5.0)
    assert min(steps_ns) >= 8.0 - 1e-6


@pytest.mark.parametrize("task", [CreatePIPulse, CreateDRAGPIPulse])
def test_a_pulse_beyond_what_the_line_plays_is_refused(tmp_path: Path, task: type[BaseTask]) -> None:
    right = bench(tmp_path / "any", Limits()).run(CreatePIPulse, "0").parameters["pi_amplitude"].value
    largest = 0.9 * right
    laboratory = bench(tmp_path / "weak", Limits(usual_line=LineLimits(largest_amplitude=largest)))
    laboratory.backend.laboratory.adjust("0", {"pi_amplitude": 0.99 * largest})
    with pytest.raises(AnalysisError, match=rf"full scale on a line that plays at most {largest:.3g}"):
        laboratory.run(task, "0")


def test_a_drag_coefficient_is_found_without_a_design_value(tmp_path: Path) -> None:
    laboratory = bench(tmp_path, Limits())
    known = laboratory.run(CreateDRAGPIPulse, "0").parameters["drag_pi_beta"]
    laboratory.design = {}
    assert_near(laboratory.run(CreateDRAGPIPulse, "0").parameters["drag_pi_beta"], known.value)
