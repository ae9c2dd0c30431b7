"""Gates on lines with limits below a twin's: requests respect their grid and their amplitudes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_tasks.coupling.zx90.trial_benchmark import HOPELESS, Trial, measure_trials
from qdash_tasks.laboratory.limits import Limits, LineLimits
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone
from qdash_tasks.programs.pair_parameters import PairParameters
from qdash_tasks.tasks import CheckCrossResonance, CheckZX90, CreateZX90

from .conftest import make_table
from .laboratory import Laboratory
from .test_tasks_benchmarking import with_drag

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput

GRIDS_NS = (2.5, 5 / 3)
"""Grids of control and target, with multiples of 5 ns in common."""
LARGEST = 0.25


def pair_with(path: Path, limits: Limits) -> Laboratory:
    """Return a usual pair in a laboratory with these limits."""
    table = make_table({"frequency_ghz": 5.1}, {"frequency_ghz": 5.0}, couplings=(("0", "1"),))
    laboratory = with_drag(Laboratory(path, table, 4))
    laboratory.backend.laboratory.limits = limits
    return laboratory


def calibrated(laboratory: Laboratory) -> list[tuple[RawData, TaskOutput]]:
    """Calibrate a gate; return the raw data and the outputs of both tasks."""
    found = []
    for task in (CheckCrossResonance, CreateZX90):
        raw = laboratory.measure(task, "0-1")
        output = task().postprocess(None, raw)
        laboratory.values.setdefault("0-1", {}).update(output.parameters)
        laboratory.backend.apply({"0-1": laboratory.values["0-1"]})
        found.append((raw, output))
    return found


@pytest.mark.slow
def test_a_gate_is_made_of_tones_that_both_lines_can_play(tmp_path: Path) -> None:
    lines = {qid: LineLimits(start_ns=grid) for qid, grid in zip("01", GRIDS_NS, strict=True)}
    laboratory = pair_with(tmp_path, Limits(lines=lines))
    for raw, _ in calibrated(laboratory):
        swept = np.concatenate([raw[name] for name in raw.arrays if name.endswith("_duration")])
        for grid_ns in GRIDS_NS:
            assert swept / grid_ns == pytest.approx(np.round(swept / grid_ns), abs=1e-3)
    for grid_ns in GRIDS_NS:
        steps = raw.attributes["tone_ns"] / grid_ns
        assert steps == pytest.approx(round(steps), abs=1e-3)
    assert laboratory.run(CheckZX90, "0-1").quality["angle_error_rad"] == pytest.approx(0, abs=0.05)


def test_the_grid_of_a_pair_is_that_on_which_its_tones_are_played(tmp_path: Path) -> None:
    lines = {"0": LineLimits(start_ns=1 / 2.4576, shortest_ns=80.0), "1": LineLimits(start_ns=1.0)}
    laboratory = pair_with(tmp_path, Limits(lines=lines))
    context = laboratory.prepare(CheckCrossResonance, "0-1").context
    pair = PairParameters.from_context(laboratory.backend.laboratory, context)
    assert pair.grid_ns == laboratory.backend.laboratory.limits.grid_ns("0", "1")
    assert pair.shortest_ns == laboratory.backend.laboratory.limits.pulse_on_grid(2 * pair.rise_ns, "0", "1")


def test_the_design_tells_the_anharmonicity_of_the_control_until_it_is_measured(tmp_path: Path) -> None:
    laboratory = pair_with(tmp_path, Limits())

    def anharmonicity_mhz() -> float | None:
        context = laboratory.prepare(CheckCrossResonance, "0-1").context
        return PairParameters.from_context(laboratory.backend.laboratory, context).anharmonicity_mhz

    laboratory.redesign("0", anharmonicity=-0.32)
    assert anharmonicity_mhz() == pytest.approx(-320)
    laboratory.values["0-1"] = {"control_anharmonicity": Parameter(-0.33, 0.001, "GHz")}
    assert anharmonicity_mhz() == pytest.approx(-330)
    laboratory.design, laboratory.values = {}, {}
    assert anharmonicity_mhz() is None


@pytest.mark.slow
def test_a_gate_without_a_limit_is_made_of_a_strong_tone(tmp_path: Path) -> None:
    assert calibrated(pair_with(tmp_path, Limits()))[1][1].parameters["cr_amplitude"].value > LARGEST / 2


def test_a_gate_is_made_within_the_amplitudes_of_the_lines(tmp_path: Path) -> None:
    limits = Limits(usual_line=LineLimits(largest_amplitude=LARGEST / 4))
    laboratory = pair_with(tmp_path, limits)
    raw, output = calibrated(laboratory)[1]
    assert output.parameters["cr_amplitude"].value <= limits.usual_line.largest_amplitude
    assert max(rung["amplitude"] for rung in raw.attributes["rungs"]) <= limits.usual_line.largest_amplitude
    assert laboratory.run(CheckZX90, "0-1").quality["angle_error_rad"] == pytest.approx(0, abs=0.05)


def test_a_cancellation_beyond_the_amplitudes_of_the_line_is_said(tmp_path: Path) -> None:
    limits = Limits(lines={"1": LineLimits(largest_amplitude=1e-4)})
    with pytest.raises(AnalysisError, match="full scale of the target's line"):
        pair_with(tmp_path, limits).run(CheckCrossResonance, "0-1")


def test_every_tone_has_the_edges_in_use(tmp_path: Path) -> None:
    laboratory = pair_with(tmp_path, Limits())
    laboratory.backend.laboratory.adjust("0-1", {"rise_ns": 20.0})
    with pytest.raises(InvalidInputError, match="edges of a twin's tones have 28 ns instead of 20 ns"):
        laboratory.run(CheckCrossResonance, "0-1")


def test_a_trial_gate_that_the_lines_cannot_play_is_hopeless_unmeasured(tmp_path: Path) -> None:
    laboratory = pair_with(tmp_path, Limits(usual_line=LineLimits(largest_amplitude=LARGEST)))
    context = laboratory.prepare(CreateZX90, "0-1").context
    pair = PairParameters.from_context(laboratory.backend.laboratory, context)
    for tone in (CrossResonanceTone(2 * LARGEST), CrossResonanceTone(0.1, 0.0, LARGEST, 0.0, 0.1)):
        with pytest.raises(StopIteration) as end:
            next(measure_trials([Trial("step", ZX90(tone, 200.0), expected=0.01)], pair))
        assert [loss.error for loss in end.value.value] == [HOPELESS]
