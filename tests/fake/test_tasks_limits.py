"""Tasks in a laboratory with limits below a twin's, or on a chip without a design: all requests are possible
there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.tasks import (
    CheckChevron,
    CheckCoarseChevron,
    CheckControlAmplitude,
    CheckFineChevron,
    CheckQubitSpectroscopy,
    CheckRabi,
    CheckReadoutFrequency,
    CheckResonatorSpectroscopy,
    RandomizedBenchmarking,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory
from .test_tasks_benchmarking import with_drag

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask

COARSE_NS = 8.0


def limited(path: Path, limits: Limits, *, seed: int = 2) -> Laboratory:
    """Return a qubit at 5 GHz in a laboratory with these limits."""
    laboratory = Laboratory(path, make_table({"frequency_ghz": 5.0}), seed).calibrate_perfectly()
    laboratory.backend.laboratory.limits = limits
    return laboratory


def line(
    *, start_ns: float = 1.0, reach_ghz: tuple[float, float] = (0.5, 20.0), largest: float = 1.0
) -> Limits:
    return Limits(
        usual_line=LineLimits(start_ns=start_ns, frequencies_ghz=(reach_ghz,), largest_amplitude=largest)
    )


def near(found: Parameter, true: float) -> bool:
    return abs(found.value - true) < 5 * (found.error or 0.0)


# --- grids -----------------------------------------------------------------------------------------------------------


def test_pulse_lengths_of_a_rabi_oscillation_lie_on_the_grid_of_the_line(tmp_path: Path) -> None:
    laboratory = limited(tmp_path, line(start_ns=COARSE_NS))
    raw = laboratory.measure(CheckRabi, "0")
    for name in ("search_duration", "rabi_duration", "half_duration"):
        assert not np.any(raw[name] % COARSE_NS)
        assert (np.diff(raw[name]) > 0).all()
    found = CheckRabi().postprocess(None, raw).parameters["maximum_rabi_frequency"]
    assert near(found, laboratory.chip.qubits["0"].drive.rabi_per_amplitude_mhz)


def test_the_fixed_pulse_of_an_amplitude_scan_is_as_long_as_it_is_played(tmp_path: Path) -> None:
    laboratory = limited(tmp_path, line(start_ns=COARSE_NS))
    raw = laboratory.measure(CheckControlAmplitude, "0")
    assert raw.attributes["length_ns"] % COARSE_NS == 0
    found = CheckControlAmplitude().postprocess(None, raw).parameters["maximum_rabi_frequency"]
    assert near(found, laboratory.chip.qubits["0"].drive.rabi_per_amplitude_mhz)


def test_a_chevron_has_no_finer_steps_than_the_line(tmp_path: Path) -> None:
    raw = limited(tmp_path, line(start_ns=4 * COARSE_NS)).measure(CheckChevron, "0")
    assert np.diff(raw["chevron_duration"]).min() >= 4 * COARSE_NS


# --- amplitudes ------------------------------------------------------------------------------------------------------


@each_case("task", [CheckRabi, CheckControlAmplitude, CheckCoarseChevron, CheckQubitSpectroscopy])
def test_no_drive_is_stronger_than_the_line_plays(tmp_path: Path, task: type[BaseTask]) -> None:
    # Each would request more without limits; requests beyond the limit would be refused.
    laboratory = limited(tmp_path, line(largest=0.045))
    assert laboratory.measure(task, "0").attributes["complete"]


def test_a_rabi_frequency_in_use_that_the_line_does_not_reach_is_refused(tmp_path: Path) -> None:
    laboratory = limited(tmp_path, line(largest=0.045))
    raw = laboratory.measure(CheckControlAmplitude, "0")
    beyond = RawData(raw.arrays, {**raw.attributes, "wanted_mhz": 100 * raw.attributes["wanted_mhz"]})
    weak = RawData(raw.arrays, {**raw.attributes, "wanted_mhz": raw.attributes["wanted_mhz"] * 0.05})
    assert CheckControlAmplitude().postprocess(None, weak).parameters["control_amplitude"].value < 0.045
    with pytest.raises(AnalysisError, match=r"on a line that plays at most 0\.045"):
        CheckControlAmplitude().postprocess(None, beyond)


def test_a_fine_chevron_stays_within_the_amplitudes_of_the_line(tmp_path: Path) -> None:
    laboratory = limited(tmp_path, line(largest=0.02))
    laboratory.values["0"] = {
        "coarse_qubit_frequency": Parameter(5.0, None, "GHz"),
        "coarse_control_amplitude": Parameter(0.02, None, "a.u."),
    }
    assert laboratory.measure(CheckFineChevron, "0").attributes["control_amplitude"] <= 0.02


# --- frequencies -----------------------------------------------------------------------------------------------------


def test_a_search_leaves_out_what_the_line_does_not_reach(tmp_path: Path) -> None:
    reach = (4.7, 5.06)
    laboratory = limited(tmp_path, line(reach_ghz=reach))
    raw = laboratory.measure(CheckQubitSpectroscopy, "0")
    for name in (name for name in raw.arrays if name.endswith("_frequency")):
        assert reach[0] <= raw[name].min()
        assert raw[name].max() <= reach[1]
    assert near(CheckQubitSpectroscopy().postprocess(None, raw).parameters["qubit_frequency"], 5.0)


def test_a_design_that_the_line_does_not_reach_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    laboratory = limited(tmp_path, line(reach_ghz=(6.0, 7.0)))
    with pytest.raises(
        InvalidInputError, match="out of range: the instruments cover 6 to 7\N{NO-BREAK SPACE}GHz"
    ):
        laboratory.run(CheckQubitSpectroscopy, "0")


def test_a_readout_is_scanned_within_what_its_line_reaches(tmp_path: Path) -> None:
    laboratory = limited(tmp_path, Limits())
    probe_ghz = laboratory.chip.qubits["0"].resonator.frequency_ghz
    reach = (probe_ghz - 0.005, probe_ghz + 0.005)
    laboratory.backend.laboratory.limits = Limits(readout=ReadoutLimits(frequencies_ghz=(reach,)))
    for task, name in ((CheckResonatorSpectroscopy, "fine"), (CheckReadoutFrequency, "zero")):
        raw = laboratory.measure(task, "0")
        assert reach[0] <= raw[f"{name}_frequency"].min()
        assert raw[f"{name}_frequency"].max() <= reach[1]
        assert task().postprocess(None, raw).parameters


# --- without a design ------------------------------------------------------------------------------------------------


def test_a_resonator_without_a_design_is_searched_where_the_readout_line_reaches(tmp_path: Path) -> None:
    laboratory = limited(tmp_path, Limits())
    laboratory.design = {}
    true_ghz = laboratory.chip.qubits["0"].resonator.frequency_ghz
    reach = (true_ghz - 0.2, true_ghz + 0.1)
    laboratory.backend.laboratory.limits = Limits(readout=ReadoutLimits(frequencies_ghz=(reach,)))
    assert near(laboratory.run(CheckResonatorSpectroscopy, "0").parameters["resonator_frequency"], true_ghz)


@pytest.mark.parametrize(
    ("task", "output"),
    [(CheckQubitSpectroscopy, "qubit_frequency"), (CheckCoarseChevron, "coarse_qubit_frequency")],
)
def test_a_qubit_without_a_design_is_searched_where_its_line_reaches(
    tmp_path: Path, task: type[BaseTask], output: str
) -> None:
    laboratory = limited(tmp_path, line(reach_ghz=(4.1, 5.5)))
    laboratory.design = {}
    assert near(laboratory.run(task, "0").parameters[output], 5.0)


@each_case("task", [CheckResonatorSpectroscopy, CheckQubitSpectroscopy, CheckCoarseChevron])
def test_nothing_to_go_by_and_everything_in_reach_is_refused_with_what_to_do(
    tmp_path: Path, task: type[BaseTask]
) -> None:
    laboratory = limited(tmp_path, Limits())
    laboratory.design = {}
    with pytest.raises(
        InvalidInputError, match=r"set a design for the chip .* or `frequency_range` for this task"
    ):
        laboratory.run(task, "0")


def test_without_an_anharmonicity_the_doubt_about_it_is_part_of_the_error(tmp_path: Path) -> None:
    laboratory = limited(tmp_path, Limits())
    designed = laboratory.run(CheckChevron, "0").parameters["qubit_frequency"]
    laboratory.design = {}
    without = laboratory.run(CheckChevron, "0").parameters["qubit_frequency"]
    assert near(without, 5.0)
    assert (without.error or 0.0) > (designed.error or 0.0)


# --- times -----------------------------------------------------------------------------------------------------------


def test_random_sequences_are_no_longer_than_a_program_may_be(tmp_path: Path) -> None:
    laboratory = with_drag(Laboratory(tmp_path, make_table({}), 1))
    laboratory.backend.laboratory.limits = Limits(longest_program_ns=10_000.0)
    raw = laboratory.measure(RandomizedBenchmarking, "0")
    length_ns = laboratory.backend.laboratory.settings["0"].hpi_length_ns
    assert raw["reference_decay_length"].max() * 2 * length_ns < 10_000
