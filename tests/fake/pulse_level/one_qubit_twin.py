"""One qubit of a twin for tests of the pulse level: populations without noise, and the corresponding closed
forms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_fake.clock import TwinTime
from qdash_fake.instruments import Instruments
from qdash_fake.options import TwinOptions
from qdash_fake.planes import IQPlanes
from qdash_fake.pulse_level.one_qubit import compute_final_state
from qdash_fake.pulse_level.waves import make_wave
from qdash_fake.truth import compute_ideal_settings
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.timeline import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.program import Play
    from qdash_tasks.laboratory.settings import Settings

    Floats = NDArray[np.float64]

LENGTH_NS = 36.0


@dataclass(frozen=True)
class OneQubit:
    """A qubit with its settings in use."""

    chip: ChipTruth
    qubit: QubitTruth
    settings: Settings

    @property
    def closed(self) -> Instruments:
        """Instruments of the twin's closed forms."""
        planes = IQPlanes(TwinOptions(), seed=0, number=1)
        settings = {self.qubit.qid: self.settings}
        return Instruments(self.chip, settings, number=1, slow_s=0.0, clock=TwinTime(), planes=planes)

    def timeline(self) -> Timeline:
        return Timeline({self.qubit.qid: self.settings}, Limits())

    def excited(self, line: Timeline) -> Floats:
        """Return the populations read as 1 for the initial states |0> and |1>, shape (2,)."""
        program = line.read(self.qubit.qid)
        return self.excited_by(program.plays, program.readouts[0].start_ns)

    def excited_by(self, plays: tuple[Play, ...], until_ns: float) -> Floats:
        waves = [make_wave(play, self.qubit.drive.rabi_per_amplitude_mhz) for play in plays]
        return np.asarray(1 - compute_final_state(self.qubit, waves, [until_ns])[0, :, 0])


def one_qubit(
    chip: ChipTruth, qid: str = "1", *, off_mhz: float = 0.0, jitter_mhz: float = 0.0, **changes: Any
) -> OneQubit:
    """Return a qubit with pulses calibrated to first order, and its generator `off_mhz` above it."""
    qubit = chip.qubits[qid]
    coherence = replace(qubit.coherence, jitter_mhz=jitter_mhz)
    qubit = replace(qubit, **{"coherence": coherence, **changes})
    lengths = {"hpi_length_ns": LENGTH_NS, "pi_length_ns": LENGTH_NS}
    ideal = compute_ideal_settings(qubit).changed(lengths)
    # First order: 1 / (2 a), a in angular units (Motzoi et al., 2009).
    beta_ns = 1 / (4 * np.pi * abs(qubit.anharmonicity_ghz))
    settings = ideal.changed(
        {
            "drive_frequency_ghz": qubit.frequency_ghz + off_mhz * 1e-3,
            "drag_hpi_amplitude": ideal.plain_x90.amplitude,
            "drag_hpi_beta_ns": beta_ns,
            "drag_pi_amplitude": ideal.plain_x180.amplitude,
            "drag_pi_beta_ns": beta_ns,
        }
    )
    changed = replace(chip, qubits=MappingProxyType({**chip.qubits, qid: qubit}))
    return OneQubit(changed, qubit, settings)


def with_perfect_settings(laboratory: Laboratory, chip: ChipTruth) -> Laboratory:
    """Return a laboratory of a chip with perfect settings, with pulses on a grid of 4 ns."""
    for qid, qubit in chip.qubits.items():
        known = {
            name: value
            for name, value in compute_ideal_settings(qubit).as_note().items()
            if value is not None
        }
        laboratory.adjust(qid, known | {"hpi_length_ns": LENGTH_NS, "pi_length_ns": LENGTH_NS})
    return laboratory
