"""True values of calibrated parameters, under the names of the output parameters."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from qdash_fake.pair_truth import PairInUse, PairTruths
from qdash_fake.physics.benchmarking import coherence_limit, compute_clifford_decay, compute_true_fidelities
from qdash_fake.physics.levels import basis_state, excited_population
from qdash_fake.physics.pulses import compute_true_pulses
from qdash_fake.physics.readout import find_best_amplitude, find_best_threshold
from qdash_fake.physics.simultaneous import compute_channel, list_busy_neighbours
from qdash_fake.physics.steady_state import excited_before_readout
from qdash_fake.sampling import make_clouds
from qdash_tasks.laboratory.settings import USUAL_RABI_MHZ, Settings
from qdash_tasks.laboratory.shots import Repetition

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_fake.physics.resonator import Resonator
    from qdash_tasks.laboratory.pulses import Pulse

Value = tuple[float, str]
"""True value and its unit."""


class TrueParameters(TypedDict):
    """True values by qubit and by coupling, those of a coupling computed on first use."""

    qubits: dict[str, dict[str, Value]]
    couplings: PairTruths


def compute_true_parameters(
    chip: ChipTruth,
    settings: Mapping[str, Settings] | None = None,
    *,
    readout_repetition: Mapping[str, Repetition] | None = None,
    beside: Mapping[str, Collection[str]] | None = None,
    pairs: Mapping[str, PairInUse] | None = None,
    kept_in: Path | None = None,
    targets: Collection[str] | None = None,
) -> TrueParameters:
    """Return the true values of all calibrated parameters.

    Defaults by qubit: ideal `settings` (`compute_ideal_settings`), readout after active resets, and benchmarking
    `beside` all coupled qubits. A coupling without an entry in `pairs` has no gate. Best gates are cached in `kept_in`,
    if not None; `targets` None: all.
    """
    in_use, repeated = settings or {}, readout_repetition or {}

    def settings_of(qid: str) -> Settings:
        return in_use.get(qid) or compute_ideal_settings(chip.qubits[qid])

    qubits = {
        qid: _compute_qubit_truth(qubit, settings_of(qid), repeated.get(qid) or Repetition())
        | _compute_simultaneous(chip, qid, settings_of, (beside or {}).get(qid))
        for qid, qubit in chip.qubits.items()
        if targets is None or qid in targets
    }
    if targets is not None:
        chip = replace(chip, couplings={one: pair for one, pair in chip.couplings.items() if one in targets})
    return {"qubits": qubits, "couplings": PairTruths(chip, settings_of, pairs or {}, kept_in=kept_in)}


def compute_ideal_settings(qubit: QubitTruth) -> Settings:
    """Return the settings of a perfect calibration: true frequencies, and pulses at the usual Rabi frequency."""
    designed = Settings.from_design(qubit.design.of_qubit)
    right: dict[str, float | None] = {
        "drive_frequency_ghz": qubit.frequency_ghz,
        "readout_frequency_ghz": qubit.resonator.best_probe_ghz,
    }
    amplitude = qubit.drive.find_amplitude(designed.rabi_frequency_mhz)
    if not qubit.drive.dead and amplitude is not None:
        right["control_amplitude"] = amplitude
    return designed.changed(right)


def apply_calibration(chip: ChipTruth, calibrated: Mapping[str, Mapping[str, float]]) -> dict[str, Settings]:
    """Return fresh settings with these values applied (qubit to parameter to value)."""
    found = {qid: Settings.from_design(qubit.design.of_qubit) for qid, qubit in chip.qubits.items()}
    for qid, values in calibrated.items():
        if qid in found:
            found[qid] = found[qid].applied(values)
    return found


def list_dead_qubits(chip: ChipTruth) -> tuple[str, ...]:
    """Return the qubits with a dead readout."""
    return tuple(qid for qid, qubit in chip.qubits.items() if qubit.readout.dead)


def list_faulty_qubits(chip: ChipTruth) -> tuple[str, ...]:
    """Return the qubits whose drive cannot be calibrated."""
    return tuple(qid for qid, qubit in chip.qubits.items() if qubit.drive.faulty)


def _compute_qubit_truth(qubit: QubitTruth, settings: Settings, repetition: Repetition) -> dict[str, Value]:
    fidelity_0, fidelity_1 = compute_readout_fidelities(qubit, settings, repetition)
    return {
        **_compute_resonator(qubit.resonator),
        **({} if qubit.drive.dead else _compute_readout_amplitude(qubit, settings, repetition)),
        "qubit_frequency": (qubit.frequency_ghz, "GHz"),
        "anharmonicity": (qubit.anharmonicity_ghz, "GHz"),
        "coarse_qubit_frequency": (qubit.frequency_ghz, "GHz"),
        **({} if qubit.drive.dead else _compute_drive(qubit, settings)),
        "t1": (qubit.coherence.t1_us, "us"),
        "t1_average": (qubit.coherence.t1_us, "us"),
        "t2_echo": (qubit.coherence.t2_echo_us, "us"),
        "t2_echo_average": (qubit.coherence.t2_echo_us, "us"),
        "t2_star": (qubit.coherence.t2_star_us, "us"),
        "readout_fidelity_0": (fidelity_0, ""),
        "readout_fidelity_1": (fidelity_1, ""),
        "average_readout_fidelity": ((fidelity_0 + fidelity_1) / 2, ""),
        "one_qubit_gate_coherence_limit": (coherence_limit(qubit, settings), ""),
    }


def _compute_resonator(resonator: Resonator) -> dict[str, Value]:
    """Return the true results of the readout line and its resonator."""
    width, share = resonator.linewidth_mhz, resonator.coupled_share
    return {
        "resonator_frequency": (resonator.frequency_ghz, "GHz"),
        "coarse_resonator_frequency": (resonator.frequency_ghz, "GHz"),
        "kappa_external": (width * share, "MHz"),
        "kappa_internal": (width * (1 - share), "MHz"),
        "electrical_delay": (resonator.delay_ns, "ns"),
        "readout_frequency": (resonator.best_probe_ghz, "GHz"),
        "optimal_readout_frequency": (resonator.best_probe_ghz, "GHz"),
        "dispersive_shift": (resonator.shift_mhz, "MHz"),
    }


def _compute_drive(qubit: QubitTruth, settings: Settings) -> dict[str, Value]:
    """Return the true results of a drive calibration; empty for a dead line."""
    coarse = qubit.drive.find_amplitude(USUAL_RABI_MHZ)
    return {
        **({} if coarse is None else {"coarse_control_amplitude": (coarse, "a.u.")}),
        "control_amplitude": (settings.control_amplitude, "a.u."),
        "rabi_frequency": (qubit.drive.rabi_mhz(settings.control_amplitude), "MHz"),
        "maximum_rabi_frequency": (qubit.drive.rabi_per_amplitude_mhz, "MHz/a.u."),
        **{name: (value, "") for name, value in compute_true_fidelities(qubit, settings).items()},
        **compute_true_pulses(qubit, settings),
    }


def _compute_simultaneous(
    chip: ChipTruth, qid: str, settings_of: Callable[[str], Settings], beside: Collection[str] | None
) -> dict[str, Value]:
    """Return the true result of simultaneous benchmarking with these neighbours, or with all if None."""
    qubit, settings = chip.qubits[qid], settings_of(qid)
    if qubit.drive.dead:
        return {}

    def playing(other: str) -> tuple[Pulse, float]:
        return settings_of(other).x90, settings_of(other).drive_frequency_ghz

    busy = list_busy_neighbours(chip, qid, chip.neighbours[qid] if beside is None else beside, playing)
    x90 = compute_channel(qubit, settings.x90, drive_ghz=settings.drive_frequency_ghz, busy=busy)
    return {"simultaneous_gate_fidelity": (1 - (1 - compute_clifford_decay(x90)) / 2, "")}


def compute_readout_fidelities(
    qubit: QubitTruth, settings: Settings, repetition: Repetition | None = None
) -> tuple[float, float]:
    """Return the probabilities to read the prepared state, at the best threshold.

    An imperfect reset, or what the last shot left after the wait, and the pulse that commands |1> are part of it. A
    dead readout gives the same answer whatever was commanded, so the two add up to one.
    """
    where = make_clouds(
        qubit, frequency_ghz=settings.readout_frequency_ghz, amplitude=settings.readout_amplitude
    )
    separation = float(abs(where.difference))
    if separation == 0.0:
        return 0.5, 0.5
    excited_0, excited_1 = _compute_prepared(qubit, settings, repetition or Repetition())
    spread = where.noise / separation
    error_0, error_1 = where.mixing.errors(spread=spread, excited_0=excited_0, excited_1=excited_1)
    # Shots in |2> are as many after both preparations, so that the best threshold stays.
    second = float((where.second / where.difference).real)
    below = NormalDist().cdf((find_best_threshold(where.mixing, spread=spread) - second) / spread)
    usual, share = 1 - where.second_share, where.second_share
    return usual * (1 - error_0) + share * below, usual * (1 - error_1) + share * (1 - below)


def _compute_readout_amplitude(
    qubit: QubitTruth, settings: Settings, repetition: Repetition
) -> dict[str, Value]:
    """Return the best readout amplitude at the readout frequency in use; empty for a dead readout."""
    if qubit.readout.dead:
        return {}

    def spread(amplitude: float) -> float:
        where = make_clouds(qubit, frequency_ghz=settings.readout_frequency_ghz, amplitude=amplitude)
        return where.noise / float(abs(where.difference))

    excited_0, excited_1 = _compute_prepared(qubit, settings, repetition)
    best = find_best_amplitude(qubit.readout, spread=spread, excited_0=excited_0, excited_1=excited_1)
    return {"readout_amplitude": (best, "a.u.")}


def _compute_prepared(qubit: QubitTruth, settings: Settings, repetition: Repetition) -> tuple[float, float]:
    """Return the excited population just before readout after preparation of 0 and 1."""
    detuning_mhz = qubit.detuning_mhz(settings.drive_frequency_ghz)
    x180 = qubit.drive.channel(settings.x180, detuning_mhz=detuning_mhz, levels=qubit.levels)
    # Population at the end of each command's sequence, started in |0> and in |1>.
    up, down = (np.array([s, float(excited_population(x180 @ basis_state(s)))]) for s in (0, 1))
    excited = excited_before_readout(qubit, up, down, repetition)
    return float(excited[0]), float(excited[1])
