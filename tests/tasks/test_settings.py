"""Settings of a qubit: initial values, and updates by calibrated values."""

from __future__ import annotations

import pytest

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.settings import Settings

DESIGN = {
    "qubit_frequency": 5.0,
    "anharmonicity": -0.33,
    "resonator_frequency": 7.0,
    "readout_amplitude": 0.1,
    "readout_length": 1000.0,
    "pi_length": 32.0,
}


def test_settings_start_from_what_the_design_says() -> None:
    found = Settings.from_design(QubitDesign.of_values(DESIGN | {"zx90_gate_time": 300.0}))
    assert (found.drive_frequency_ghz, found.readout_frequency_ghz) == (5.0, 7.0)
    assert (found.pi_length_ns, found.hpi_length_ns) == (32.0, 40.0)


def test_a_probe_of_its_own_is_taken_before_the_resonator() -> None:
    design = QubitDesign.of_values(DESIGN | {"readout_frequency": 7.001})
    assert Settings.from_design(design).readout_frequency_ghz == 7.001


def test_what_nobody_can_guess_is_asked_for() -> None:
    with pytest.raises(InvalidInputError, match="the design has no readout_amplitude, readout_length_ns"):
        Settings.from_design(QubitDesign(qubit_frequency_ghz=5.0, resonator_frequency_ghz=7.0))


def test_calibrated_values_make_new_settings() -> None:
    before = Settings.from_design(QubitDesign.of_values(DESIGN))
    after = before.applied({"qubit_frequency": 5.01, "resonator_frequency": 7.002, "t1": 80.0})
    assert (after.drive_frequency_ghz, after.readout_frequency_ghz) == (5.01, 7.002)
    assert before.drive_frequency_ghz == 5.0
    assert after.changed(before.as_note()) == before


def test_a_calibrated_probe_wins_over_the_resonance() -> None:
    before = Settings.from_design(QubitDesign.of_values(DESIGN))
    after = before.applied({"readout_frequency": 7.001, "resonator_frequency": 7.002})
    assert after.readout_frequency_ghz == 7.001
