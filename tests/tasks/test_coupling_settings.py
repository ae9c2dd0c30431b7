"""Settings of a coupling: calibrated values are the played ones."""

from __future__ import annotations

from typing import Any

import pytest

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone

from ..case_tables import each_case


def test_nothing_is_played_before_anything_is_calibrated() -> None:
    settings = CouplingSettings()
    assert (settings.tone, settings.gate(40.0), settings.as_parameters()) == (None, None, {})
    assert not settings.known


def test_a_gate_is_two_tones_and_two_pi_pulses_of_the_control() -> None:
    settings = CouplingSettings().applied(
        {
            "cr_amplitude": 0.3,
            "cr_phase": -2.0,
            "cancel_amplitude": 0.01,
            "cancel_phase": 1.0,
            "rotary_amplitude": -0.02,
            "zx90_gate_time": 400.0,
            "zx_rotation_rate": 1.7,
        }
    )
    tone = CrossResonanceTone(0.3, -2.0, 0.01, 1.0, -0.02)
    assert settings.tone == tone
    assert settings.gate(40.0) == ZX90(tone, 160.0)
    assert settings.as_parameters()["rotary_amplitude"] == -0.02


def test_a_tone_needs_no_cancellation() -> None:
    settings = CouplingSettings(cr_amplitude=0.3)
    assert settings.tone == CrossResonanceTone(0.3)
    assert settings.gate(40.0) is None


def test_pi_pulses_that_take_the_whole_gate_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="too short for two X180"):
        CouplingSettings(cr_amplitude=0.3, zx90_gate_time=80.0).gate(40.0)


@each_case(
    ("name", "value"),
    [
        ("cr_amplitude", -0.1),
        ("cr_phase", float("nan")),
        ("zx90_gate_time", float("inf")),
        ("cancel_amplitude", True),
        ("rotary_amplitude", "0.1"),
    ],
)
def test_an_impossible_value_is_refused_and_nothing_is_changed(name: str, value: Any) -> None:
    settings = CouplingSettings(cr_amplitude=0.3)
    with pytest.raises(InvalidInputError, match=name):
        settings.changed({"cancel_phase": 0.5, name: value})
    assert settings == CouplingSettings(cr_amplitude=0.3)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="'gate_time' is not a setting of a coupling"):
        CouplingSettings().changed({"gate_time": 100.0})


def test_a_note_brings_everything_back_and_takes_values_away() -> None:
    settings, other = (
        CouplingSettings(cr_amplitude=0.3, cr_phase=-1.0),
        CouplingSettings(zx90_gate_time=300.0),
    )
    assert other.changed(settings.as_note()) == settings


def test_edges_of_the_usual_length_go_without_saying() -> None:
    assert "rise_ns" not in CouplingSettings(cr_amplitude=0.3).as_note()
    steep = CouplingSettings(cr_amplitude=0.3).changed({"rise_ns": 12.0})
    assert steep.as_note()["rise_ns"] == 12.0
    assert steep.tone == CrossResonanceTone(0.3, rise_ns=12.0)
    assert "rise_ns" not in steep.as_parameters()
    with pytest.raises(InvalidInputError, match="rise_ns"):
        steep.changed({"rise_ns": None})
