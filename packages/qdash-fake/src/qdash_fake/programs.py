"""Programs of each kind of measurement on one qubit, and their final populations.

Programs take the instruments, a qubit and its sweep, shape (n,), and give `Populations` of each point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_analysis.cliffords.one_qubit import Sequences
from qdash_fake.instruments import Populations
from qdash_fake.physics import sequences, trains
from qdash_fake.physics.benchmarking import PlayedSequences, compute_excited_at_end
from qdash_fake.physics.levels import transfer_matrix
from qdash_fake.physics.rabi import rabi_populations

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.cliffords.one_qubit import Interleaved
    from qdash_fake.instruments import Instruments
    from qdash_tasks.laboratory.pulses import Pulse

    Floats = NDArray[np.float64]

_TOGETHER = 16
"""Number of qubits whose random sequences are evolved together: more take memory and no less time."""


def rabi(lab: Instruments, qid: str, durations_ns: Floats, *, amplitude: float | None) -> Populations:
    """Return one rectangular pulse of each length; `amplitude` is None for the control amplitude in use."""
    ends = _rotate(lab, qid, durations_ns, amplitude=amplitude, detuning_mhz=lab.detuning_mhz(qid))
    return Populations(*ends, durations_ns * 1e-3)


def rabi_amplitude(lab: Instruments, qid: str, amplitudes: Floats, *, duration_ns: float) -> Populations:
    """Return one rectangular pulse of each amplitude."""
    qubit, length_us = lab.qubit(qid), np.array([duration_ns * 1e-3])
    ground, excited = rabi_populations(
        length_us,
        drive=qubit.drive,
        amplitude=amplitudes,
        detuning_mhz=lab.detuning_mhz(qid),
        levels=qubit.levels,
    )
    return Populations(ground[:, 0], excited[:, 0], np.full_like(amplitudes, length_us[0]))


def chevron(
    lab: Instruments,
    qid: str,
    every_duration_ns: Floats,
    *,
    durations_ns: Floats,
    frequencies_ghz: Floats,
    amplitude: float | None,
) -> Populations:
    """Return one rectangular pulse of each length at each frequency, the frequency changing slowest."""
    away_mhz = (lab.settings[qid].drive_frequency_ghz - frequencies_ghz) * 1e3
    detunings = lab.detuning_mhz(qid) + away_mhz
    ground, excited = _rotate(lab, qid, durations_ns, amplitude=amplitude, detuning_mhz=detunings)
    return Populations(ground.ravel(), excited.ravel(), every_duration_ns * 1e-3)


def t1(lab: Instruments, qid: str, delays_us: Floats) -> Populations:
    """Return X180, then a delay."""
    qubit = lab.qubit(qid)
    ends = sequences.t1_populations(
        delays_us,
        flipped=lab.prepare_excited(qid),
        coherence=qubit.coherence,
        thermal_population=qubit.thermal_population,
    )
    return Populations(*ends, delays_us, waited_us=delays_us)


def ramsey(
    lab: Instruments,
    qid: str,
    delays_us: Floats,
    *,
    artificial_mhz: float,
    splittings_mhz: tuple[float, ...],
    drive_ghz: float | None = None,
) -> Populations:
    """Return X90, delay, X90; the phase of the second advances at `artificial_mhz`.

    `drive_ghz` is None for the drive frequency in use.
    """
    qubit = lab.qubit(qid)
    detuning_mhz: Floats | float = lab.detuning_mhz(qid, drive_ghz=drive_ghz)
    if wander_mhz := qubit.mismatch.frequency_wander_mhz:
        detuning_mhz = detuning_mhz + wander_mhz * lab.rng(qid).standard_normal(delays_us.size)
    ends = sequences.ramsey_populations(
        delays_us,
        pulse=transfer_matrix(lab.channel(qid, lab.settings[qid].x90, drive_ghz=drive_ghz)),
        detuning_mhz=detuning_mhz,
        artificial_mhz=qubit.drive.phase_sign * artificial_mhz,
        coherence=qubit.coherence,
        equilibrium=1 - 2 * qubit.thermal_population,
        splittings_mhz=splittings_mhz,
    )
    return Populations(*ends, delays_us)


def t2_echo(
    lab: Instruments, qid: str, delays_us: Floats, *, splittings_mhz: tuple[float, ...]
) -> Populations:
    """Return X90, half the delay, X180 that alternates between +x and -x, half the delay, X90."""
    qubit, settings = lab.qubit(qid), lab.settings[qid]
    ends = sequences.echo_populations(
        delays_us,
        half_pulse=transfer_matrix(lab.channel(qid, settings.x90)),
        pi_pulse=transfer_matrix(lab.channel(qid, settings.x180)),
        detuning_mhz=lab.detuning_mhz(qid),
        coherence=qubit.coherence,
        equilibrium=1 - 2 * qubit.thermal_population,
        splittings_mhz=splittings_mhz,
    )
    return Populations(*ends, delays_us)


def pulse_train(
    lab: Instruments, qid: str, counts: Floats, *, pulse: Pulse, start: Literal["ground", "superposition"]
) -> Populations:
    """Return trains of equal pulses, from |0> or after the X90 in use."""
    first = lab.settings[qid].x90 if start == "superposition" else None
    ends = trains.train_populations(
        counts.astype(np.intp),
        lab.channel(qid, pulse),
        first=None if first is None else lab.channel(qid, first),
    )
    length_ns = counts * pulse.length_ns + (0.0 if first is None else first.length_ns)
    return Populations(*ends, length_ns * 1e-3)


def drag(lab: Instruments, qid: str, betas_ns: Floats, *, pulse: Pulse, repetitions: int) -> Populations:
    """Return `repetitions` of a pulse and its opposite, with each DRAG coefficient."""
    ends = trains.drag_populations(lab.drag_channels(qid, pulse, betas_ns), repetitions)
    length_us = 2 * repetitions * pulse.length_ns * 1e-3
    return Populations(*ends, np.full_like(betas_ns, length_us))


def benchmarking(
    lab: Instruments,
    lengths: Mapping[str, Floats],
    *,
    interleaved: Interleaved | None,
    together: Collection[str],
) -> dict[str, Populations]:
    """Return random Clifford sequences on many qubits, evolved together for speed.

    Coupled qubits among all that play `together`, read or not, disturb each other (`physics.simultaneous`).
    """
    found: dict[str, Populations] = {}
    every = list(lengths)
    for qids in (every[at : at + _TOGETHER] for at in range(0, len(every), _TOGETHER)):
        plays = [
            PlayedSequences(
                Sequences.random(lengths[qid].astype(np.int64), interleaved=interleaved, rng=lab.rng(qid)),
                lab.get_simultaneous_channel(qid, "X90", together),
                lab.get_simultaneous_channel(qid, "X180", together) if interleaved == "X180" else None,
            )
            for qid in qids
        ]
        for qid, play, played in zip(qids, plays, compute_excited_at_end(plays), strict=True):
            settings, untriggered = lab.settings[qid], lab.qubit(qid).drive.untriggered
            length_us = play.sequences.duration_us(settings.x90.length_ns, settings.x180.length_ns)
            lost = lab.rng(qid).random(length_us.size) < untriggered if untriggered else False
            ends = np.where(lost, [[0.0], [1.0]], played)
            found[qid] = Populations(ends[0], ends[1], length_us)
    return found


def _rotate(
    lab: Instruments,
    qid: str,
    durations_ns: Floats,
    *,
    amplitude: float | None,
    detuning_mhz: Floats | float,
) -> tuple[Floats, Floats]:
    qubit = lab.qubit(qid)
    return rabi_populations(
        qubit.mismatch.apply_droop(durations_ns) * 1e-3,
        drive=qubit.drive,
        amplitude=lab.settings[qid].control_amplitude if amplitude is None else amplitude,
        detuning_mhz=detuning_mhz,
        levels=qubit.levels,
    )
