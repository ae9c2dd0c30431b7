"""Contract of laboratories for the simulated ones; the kit names the mistakes of one that plays pulses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_fake.backend import FakeBackend
from qdash_fake.devices import load_device
from qdash_fake.twin import create_twin
from qdash_tasks.laboratory.contract import LaboratoryContract
from qdash_tasks.laboratory.contract.play_contract import PlayContract

from .found_values import connected, twin_context

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_fake.pulse_level.laboratory import PulseTwin
    from qdash_tasks.laboratory.port import Laboratory

ROUGH = 1.1
"""Relative over-rotation of pulses."""
OFF_GHZ = 4e-4


class TestTwinLaboratory(LaboratoryContract):
    targets = ("0", "2", "3-5")

    def laboratory(self, tmp_path: Path) -> Laboratory:
        return connected(tmp_path).laboratory

    def design(self, tmp_path: Path) -> Mapping[str, Mapping[str, float]]:
        return FakeBackend.design(twin_context(tmp_path / "another"))


def playing(tmp_path: Path, **options: object) -> PulseTwin:
    """Return a twin that plays pulses, with settings as rough as those of a newly found qubit."""
    twin = create_twin(tmp_path / "twin", load_device("jakarta"), 1, {"pulse_level": True, **options})
    laboratory = twin.open()
    for qid, truth in twin.truth().qubits.items():
        amplitude = laboratory.settings[qid].control_amplitude
        laboratory.adjust(
            qid,
            {
                "drive_frequency_ghz": truth.frequency_ghz + OFF_GHZ,
                "rabi_frequency_mhz": amplitude * truth.drive.rabi_per_amplitude_mhz / ROUGH,
                "readout_frequency_ghz": truth.resonator.best_probe_ghz,
            },
        )
    return laboratory


class TestPulseTwin(LaboratoryContract):
    targets = ("0", "3-5")

    def laboratory(self, tmp_path: Path) -> Laboratory:
        return playing(tmp_path)

    def design(self, tmp_path: Path) -> Mapping[str, Mapping[str, float]]:
        return FakeBackend.design(twin_context(tmp_path / "another"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"phase_mirrored": True}, r"phase mirrored: .* qubit 0"),
        ({"envelope_mirrored": True}, r"envelope mirrored: .* qubit 0"),
        pytest.param(
            {"phase_mirrored": True, "envelope_mirrored": True},
            r"(?s)phase mirrored.*envelope mirrored",
            marks=pytest.mark.slow,
        ),
    ],
    ids=["phase", "envelope", "both"],
)
def test_what_a_twin_mirrors_and_does_not_say_is_named(
    tmp_path: Path, options: Mapping[str, bool], said: str
) -> None:
    class Mirrored(PlayContract):
        def laboratory(self, tmp_path: Path) -> Laboratory:
            return playing(tmp_path, **options, signs_unknown=True)

    with pytest.raises(AssertionError, match=said):
        Mirrored().test_recipes_are_met(tmp_path)
