"""The `fake` backend: lookup of the chip's twin, and use of applied settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.backends.base import BackendContext
from qdash_core.errors import BackendError, InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_fake.backend import FakeBackend
from qdash_fake.devices import load_device
from qdash_tasks.laboratory.requests import Relaxation
from qdash_tasks.laboratory.shots import Shots

from .laboratory import Laboratory
from .twin_requests import asked

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def laboratory(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path, load_device("jakarta"), 1)


def test_a_chip_without_a_twin_is_told_how_to_get_one(tmp_path: Path) -> None:
    backend = FakeBackend()
    backend.context = BackendContext("default", "lost", (), tmp_path)
    with pytest.raises(BackendError, match=r"'lost' has no twin.*qdash twin create"):
        backend.connect()
    with pytest.raises(BackendError, match="not connected"):
        backend.get_instance()


def test_every_connection_is_a_session_of_its_own(laboratory: Laboratory) -> None:
    first = laboratory.backend.laboratory
    laboratory.backend.disconnect()
    laboratory.backend.connect()
    again = laboratory.backend.laboratory
    request, shots = {"0": Relaxation(np.array([1.0, 2.0]))}, Shots(count=100)
    assert not any(asked(first, request, shots)["0"].iq == asked(again, request, shots)["0"].iq)


def test_applied_values_are_in_use_and_read_back(laboratory: Laboratory) -> None:
    laboratory.backend.apply(
        {
            "0": {
                "resonator_frequency": Parameter(7.1, 1e-5, "GHz"),
                "qubit_frequency": Parameter(5.2, 1e-6, "GHz"),
                "control_amplitude": Parameter(0.07, None, "a.u."),
                "rabi_frequency": Parameter(12.4, 0.1, "MHz"),
                "t1": Parameter(80.0, 2.0, "us"),
            },
            "0-1": {"static_zz_interaction": Parameter(0.05, 0.01, "MHz")},
        }
    )
    settings = laboratory.backend.laboratory.settings["0"]
    assert (settings.readout_frequency_ghz, settings.drive_frequency_ghz) == (7.1, 5.2)
    assert (settings.control_amplitude, settings.rabi_frequency_mhz) == (0.07, 12.4)
    assert laboratory.backend.read_back("0")["qubit_frequency"] == 5.2
    assert laboratory.backend.read_back("0-1") == {}


def test_an_optimised_readout_frequency_wins_over_the_resonators(laboratory: Laboratory) -> None:
    laboratory.backend.apply(
        {"0": {"resonator_frequency": Parameter(7.1), "readout_frequency": Parameter(7.0995)}}
    )
    assert laboratory.backend.laboratory.settings["0"].readout_frequency_ghz == 7.0995


def test_a_note_carries_the_settings_to_the_next_session(laboratory: Laboratory) -> None:
    laboratory.backend.laboratory.adjust("3", {"control_amplitude": 0.123})
    note = json.loads(json.dumps(laboratory.backend.save_note()))
    laboratory.backend.disconnect()
    laboratory.backend.connect()
    assert laboratory.backend.laboratory.settings["3"].control_amplitude == 0.1
    laboratory.backend.update_note(note)
    assert laboratory.backend.laboratory.settings["3"].control_amplitude == 0.123


def test_a_coupling_plays_what_is_applied_to_it(laboratory: Laboratory) -> None:
    laboratory.backend.apply(
        {
            "0-1": {
                "cr_amplitude": Parameter(0.3),
                "zx90_gate_time": Parameter(400.0),
                "zx_rotation_rate": Parameter(1.0),
            }
        }
    )
    gate = laboratory.backend.laboratory.couplings["0-1"].gate(40.0)
    assert gate is not None
    assert (gate.tone.amplitude, gate.tone_ns) == (0.3, 160.0)
    assert laboratory.backend.read_back("0-1") == {"cr_amplitude": 0.3, "zx90_gate_time": 400.0}
    assert laboratory.backend.read_back("0-9") == {}


def test_a_note_carries_the_settings_of_couplings_that_have_any(laboratory: Laboratory) -> None:
    laboratory.backend.apply({"1-3": {"cr_amplitude": Parameter(0.3), "cr_phase": Parameter(-2.0)}})
    note = json.loads(json.dumps(laboratory.backend.save_note()))
    assert list(note["couplings"]) == ["1-3"]
    laboratory.backend.disconnect()
    laboratory.backend.connect()
    laboratory.backend.update_note(note)
    assert laboratory.backend.read_back("1-3") == {"cr_amplitude": 0.3, "cr_phase": -2.0}
    del note["couplings"]
    laboratory.backend.update_note(note)
    with pytest.raises(InvalidInputError, match="'0-9' is not a coupling"):
        laboratory.backend.update_note({"couplings": {"0-9": {"cr_amplitude": 0.1}}})


def test_a_note_of_another_chip_is_refused(laboratory: Laboratory) -> None:
    with pytest.raises(InvalidInputError, match="'99'"):
        laboratory.backend.update_note({"settings": {"99": {"control_amplitude": 0.1}}})


def test_laboratory_time_is_counted_from_the_connection(laboratory: Laboratory) -> None:
    clocks = laboratory.backend.clock
    assert clocks is not None
    assert clocks.passed_s == 0.0
    asked(laboratory.backend.laboratory, {"0": Relaxation(np.array([1.0]))}, Shots(count=1000))
    assert (
        clocks.now_s("0") - clocks.begun_s
        == clocks.passed_s
        == pytest.approx(0.1 + 1000 * (1 + 153.6 + 5.5182) * 1e-6)
    )
