"""Timed faults of qubits, drives and readouts: a twin that plays pulses shows the same traces as one that answers requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_fake.fault_kinds import FAULT_KINDS
from qdash_fake.fault_kinds.drives import DRIVE_FAULTS
from qdash_fake.fault_kinds.qubits import QUBIT_FAULTS
from qdash_fake.fault_kinds.readouts import READOUT_FAULTS
from qdash_fake.physics.draw import draw_chip
from qdash_fake.truth import compute_ideal_settings
from qdash_fake.twin import create_twin
from qdash_tasks.laboratory.requests import Rabi, Ramsey, Relaxation
from qdash_tasks.laboratory.shots import Shots

from ..conftest import make_table
from ..twin_requests import asked

if TYPE_CHECKING:
    from pathlib import Path

TABLE = make_table({}, {"frequency_ghz": 5.12}, couplings=(("0", "1"),))
REQUESTS = (
    Rabi(np.linspace(0, 200, 9)),
    Ramsey(np.linspace(0.2, 3, 9), detuning_mhz=0.7),
    Relaxation(np.array([5.0, 60.0])),
)
PLAYED = [
    kind.name
    for kind in (*QUBIT_FAULTS, *DRIVE_FAULTS, *READOUT_FAULTS)
    if kind.on_pulses and kind.name != "lost-points"
]
"""Kinds that act on the mean alike; which points are lost is random."""


@pytest.mark.release
@pytest.mark.parametrize("name", PLAYED)
def test_both_kinds_of_twins_show_a_fault_alike(name: str, tmp_path: Path) -> None:
    settings = compute_ideal_settings(draw_chip(TABLE, 1).qubits["0"]).as_note()
    known = {one: value for one, value in settings.items() if value is not None}
    text = f"{FAULT_KINDS[name].example.partition('@')[0]}@0"
    traces = []
    for pulse_level in (False, True):
        options = {name: text, "pulse-level": pulse_level}
        laboratory = create_twin(tmp_path / f"twin-{pulse_level}", TABLE, 1, options).open()
        laboratory.adjust("0", known)
        shots = Shots(count=200_000)
        traces.append([asked(laboratory, {"0": one}, shots)["0"].iq for one in REQUESTS])
    for answered, played in zip(*traces, strict=True):
        # The states are about 0.16 apart. Pulses are affected by a charge splitting only if they are played.
        assert np.abs(answered - played).max() < (0.02 if name == "charge-splitting" else 0.002) * 0.16
