"""Slow changes of a chip, as a function of seed, qubit and laboratory time.

Each quantity wanders smoothly with a power that falls with the inverse frequency, as that of many two-level systems and of
instruments (`noise.Wander`: periods from two hours to eleven days). The table's values are the mean. Standard deviations
at size 1:

- `t1` by 15 % and `dephasing`, the pure one of the echo, by 15 % (Burnett et al., npj Quantum Information 5, 54 (2019):
  T1 about its mean by a tenth to a fifth within days; the rare dips of up to tenfold are those of `defects`);
- `frequency` of the qubit by 3 kHz, and on top jumps between two values 1 to 4 kHz apart that last an hour on average
  (Schloer et al., PRL 123, 190502 (2019): telegraph noise of a few kHz from single two-level systems, from seconds to
  hours; Burnett 2019 the like);
- `drive` gain by 0.2 %; of the `readout` the gain by 0.5 % and the phase by 0.02 rad: temperature of cables and amplifiers
  (no single source).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_fake.physics.noise import Telegraph, Wander
from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.coherence import Coherence

QUANTITIES = ("t1", "dephasing", "frequency", "drive", "readout")
"""Quantities that drift, each with its own size."""

T1_SPREAD = 0.15
DEPHASING_SPREAD = 0.15
FREQUENCY_SPREAD_GHZ = 3e-6
SMALLEST_JUMP_GHZ, LARGEST_JUMP_GHZ = 1e-6, 4e-6
JUMP_DWELL_S = 3600.0
DRIVE_SPREAD = 0.002
READOUT_GAIN_SPREAD = 0.005
READOUT_PHASE_SPREAD_RAD = 0.02

_WANDERING = ("t1", "dephasing", "frequency", "drive", "readout gain", "readout phase")


class Drift:
    """Drift of one qubit.

    `sizes` are factors on the standard deviations of `QUANTITIES`; one that is not named does not drift.
    """

    def __init__(self, qid: str, seed: int, sizes: Mapping[str, float]) -> None:
        self._sizes = {name: sizes.get(name, 0.0) for name in QUANTITIES}
        self._wander = Wander([stream(seed, qid, "drift", name) for name in _WANDERING])
        share = stream(seed, qid, "drift", "jump").random()
        self._half_jump_ghz = SMALLEST_JUMP_GHZ / 2 * (LARGEST_JUMP_GHZ / SMALLEST_JUMP_GHZ) ** float(share)
        self._jumps = Telegraph(seed, qid, "drift", "jumps", dwell_s=JUMP_DWELL_S)

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return the qubit at that time."""
        by = dict(zip(_WANDERING, self._wander.at(clock_s).tolist(), strict=True))
        size, drive, resonator = self._sizes, qubit.drive, qubit.resonator
        coherence = _scale_coherence(
            qubit.coherence, size["t1"] * by["t1"], size["dephasing"] * by["dephasing"]
        )
        shift_ghz = FREQUENCY_SPREAD_GHZ * by["frequency"] + self._half_jump_ghz * self._jumps.at(clock_s)
        rabi = drive.rabi_per_amplitude_mhz * math.exp(DRIVE_SPREAD * size["drive"] * by["drive"])
        return replace(
            qubit,
            frequency_ghz=qubit.frequency_ghz + size["frequency"] * shift_ghz,
            coherence=coherence,
            drive=replace(drive, rabi_per_amplitude_mhz=rabi),
            readout=qubit.readout.with_t1(coherence.t1_us),
            resonator=replace(
                resonator,
                gain=resonator.gain * math.exp(READOUT_GAIN_SPREAD * size["readout"] * by["readout gain"]),
                phase_rad=resonator.phase_rad
                + READOUT_PHASE_SPREAD_RAD * size["readout"] * by["readout phase"],
            ),
        )

    def remarks(self, clock_s: float) -> list[str]:
        """Return no remarks: drift is not an event."""
        del clock_s
        return []


def _scale_coherence(mean: Coherence, t1_by: float, dephasing_by: float) -> Coherence:
    """Return drifted relaxation and pure dephasing, with the echo time below 2 T1 and the same slow detuning."""
    t1 = mean.t1_us * math.exp(T1_SPREAD * t1_by)
    pure = max(1 / mean.t2_echo_us - 1 / (2 * mean.t1_us), 0.0) * math.exp(DEPHASING_SPREAD * dephasing_by)
    return replace(mean, t1_us=t1, t2_echo_us=1 / (1 / (2 * t1) + pure))
