"""Two coupled qubits for the specification of cross resonance."""

from __future__ import annotations

from dataclasses import replace

from qdash_fake.physics.chip import CouplingTruth
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.pair import Pair
from qdash_tasks.laboratory.pulses import CrossResonanceTone

from .conftest import make_table

FOREVER_US = 1e9


def pair_at(
    detuning_mhz: float,
    *,
    exchange_mhz: float = 2.0,
    anharmonicity_mhz: float = -330.0,
    t1_us: float = FOREVER_US,
    t2_us: float = FOREVER_US,
    crosstalk: float = 0.0,
    extra_rate: float = 0.0,
    line_phase_rad: float = 0.0,
) -> Pair:
    """Return a pair with the target at 5 GHz and perfect one-qubit pulses."""
    shared = {"anharmonicity_ghz": anharmonicity_mhz * 1e-3, "t1_us": t1_us, "t2_us": t2_us, "sx_error": 0.0}
    table = make_table(
        {"frequency_ghz": 5.0 + detuning_mhz * 1e-3, **shared}, {"frequency_ghz": 5.0, **shared}
    )
    qubits = [
        replace(
            qubit,
            thermal_population=0.003,
            crosstalk={"0": (crosstalk, 0.1), "1": (crosstalk, 0.1)},
            drive=replace(qubit.drive, rabi_per_amplitude_mhz=200.0, amplitude_spread=0.0),
        )
        for qubit in draw_chip(table, 1).qubits.values()
    ]
    coupling = CouplingTruth(
        "0", "1", exchange_mhz, 0.0, extra_rate=extra_rate, line_phases_rad=(line_phase_rad, 0.0)
    )
    return Pair(qubits[0], qubits[1], coupling)


def tone_at(drive_mhz: float, phase_rad: float = 0.0, **on_target: float) -> CrossResonanceTone:
    """Return a tone with a given drive rate on the control of `pair_at`."""
    return CrossResonanceTone(drive_mhz / 200.0, phase_rad, **on_target)
