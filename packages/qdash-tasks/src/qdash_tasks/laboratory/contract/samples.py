"""Small sample requests of each kind, for any laboratory that supports the kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.models.targets import split_coupling
from qdash_tasks.laboratory import pair_requests as of_pairs
from qdash_tasks.laboratory import requests as of_qubits
from qdash_tasks.laboratory.limits import are_within
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request

    Floats = NDArray[np.float64]

_LONGEST_NS = 20_000.0
_LENGTHS = np.array([1.0, 3.0] * 12)
"""Clifford counts of enough sequences that about half of them end in |1> if they are closed correctly."""


def make_samples(laboratory: Laboratory, target: str) -> list[Request]:
    """Return a sample request for each kind of measurement that a laboratory supports on a qubit or coupling.

    They start from the settings in use, lie on the grids, and have different lengths on both axes of a map.
    """
    if target in laboratory.couplings:
        made = ((kind, make(laboratory, target)) for kind, make in _ON_COUPLINGS.items())
    else:
        made = ((kind, make(laboratory, target)) for kind, make in _ON_QUBITS.items())
    return [request.on_grid(laboratory.limits, target) for kind, request in made if laboratory.supports(kind)]


def replace_sweep(request: Request, values: Any) -> Request:
    """Return a request with its sweep replaced."""
    return replace(request, **{request.swept: values})


def make_times_ns(laboratory: Laboratory, target: str, *parts: float) -> Floats:
    """Return fractions of a short program as times that the lines of a target can play."""
    longest = min(_LONGEST_NS, laboratory.limits.longest_program_ns / 2)
    found = [part * longest for part in parts]
    for qid in target.split("-"):
        found = [laboratory.limits.on_grid(qid, time) for time in found]
    return np.array(found)


def _make_delays_us(laboratory: Laboratory, target: str) -> Floats:
    return 1e-3 * make_times_ns(laboratory, target, 0.01, 0.1, 0.3, 1.0)


def _make_frequencies(frequency_ghz: float, ranges: tuple[tuple[float, float], ...]) -> Floats:
    around = np.array([frequency_ghz + step * 1e-3 for step in (-2, -1, 0, 1, 2)])
    return around[are_within(ranges, around)]


def _make_readout_scan(laboratory: Laboratory, qid: str) -> Request:
    in_use, limits = laboratory.settings[qid].readout_frequency_ghz, laboratory.limits
    if limits.plane_turns and not limits.frequencies_change:
        # Several frequencies would be several calls, each in its own IQ plane.
        return of_qubits.ReadoutScan(np.array([in_use]))
    return of_qubits.ReadoutScan(_make_frequencies(in_use, limits.readout_frequencies_ghz(qid)))


def _make_readout_waveform(laboratory: Laboratory, qid: str) -> Request:
    window_ns = max(round(laboratory.settings[qid].readout_length_ns / 8), 1)
    return of_qubits.ReadoutWaveform(np.arange(6.0) * window_ns, float(window_ns))


def _make_drive_frequencies(laboratory: Laboratory, qid: str) -> Floats:
    in_use = laboratory.settings[qid].drive_frequency_ghz
    return _make_frequencies(in_use, laboratory.limits.line(qid).frequencies_ghz)


def _make_qubit_scan(laboratory: Laboratory, qid: str) -> Request:
    amplitude = min(0.01, laboratory.limits.line(qid).largest_amplitude)
    return of_qubits.QubitScan(_make_drive_frequencies(laboratory, qid), amplitude)


def _make_single_shots(laboratory: Laboratory, qid: str) -> Request:  # noqa: ARG001  the same for all
    return of_qubits.SingleShots(1)


def _make_durations(laboratory: Laboratory, qid: str) -> Floats:
    return make_times_ns(laboratory, qid, 0.0005, 0.001, 0.0015, 0.002)


def _make_rabi(laboratory: Laboratory, qid: str) -> Request:
    return of_qubits.Rabi(_make_durations(laboratory, qid))


def _make_rabi_amplitude(laboratory: Laboratory, qid: str) -> Request:
    in_use = laboratory.settings[qid].control_amplitude
    return of_qubits.RabiAmplitude(
        np.array([0.0, in_use / 2, in_use]), float(_make_durations(laboratory, qid)[-1])
    )


def _make_chevron(laboratory: Laboratory, qid: str) -> Request:
    return of_qubits.Chevron(
        _make_durations(laboratory, qid)[:3], _make_drive_frequencies(laboratory, qid)[:2]
    )


def _make_relaxation(laboratory: Laboratory, qid: str) -> Request:
    return of_qubits.Relaxation(_make_delays_us(laboratory, qid))


def _make_ramsey(laboratory: Laboratory, qid: str) -> Request:
    return of_qubits.Ramsey(_make_delays_us(laboratory, qid), 0.5)


def _make_detuned_ramsey(laboratory: Laboratory, qid: str) -> Request:
    frequency_ghz = float(_make_drive_frequencies(laboratory, qid)[-1])
    return of_qubits.DetunedRamsey(_make_delays_us(laboratory, qid), 0.5, frequency_ghz)


def _make_echo(laboratory: Laboratory, qid: str) -> Request:
    return of_qubits.Echo(_make_delays_us(laboratory, qid))


def _make_pulse_train(laboratory: Laboratory, qid: str) -> Request:
    return of_qubits.PulseTrain(np.array([0.0, 1.0, 2.0, 4.0]), laboratory.settings[qid].x90)


def _make_drag_scan(laboratory: Laboratory, qid: str) -> Request:
    return of_qubits.DragScan(np.array([-0.5, 0.0, 0.5]), laboratory.settings[qid].x180, pairs=2)


def _make_random_sequences(laboratory: Laboratory, qid: str) -> Request:  # noqa: ARG001  the same for all
    return of_qubits.RandomSequences(_LENGTHS)


def _make_simultaneous_sequences(laboratory: Laboratory, qid: str) -> Request:  # noqa: ARG001  the same for all
    return of_qubits.SimultaneousSequences(_LENGTHS)


def _make_gate(laboratory: Laboratory, name: str) -> ZX90:
    rise_ns = laboratory.couplings[name].rise_ns
    return ZX90(
        CrossResonanceTone(0.1, rise_ns=rise_ns),
        float(make_times_ns(laboratory, name, 0.01)[0]) + 2 * rise_ns,
    )


def _make_pair_maker(make: Callable[..., Request], **fields: Any) -> _Maker:
    """Return a function that makes a request on a coupling; fields may be functions of laboratory and coupling."""

    def make_request(laboratory: Laboratory, name: str) -> Request:
        control, target = split_coupling(name)
        given = {key: value(laboratory, name) if callable(value) else value for key, value in fields.items()}
        return make(control=control, target=target, **given)

    return make_request


_Maker = Callable[["Laboratory", str], "Request"]
_ON_QUBITS: Mapping[type[Request], _Maker] = MappingProxyType(
    {
        of_qubits.ReadoutScan: _make_readout_scan,
        of_qubits.ReadoutWaveform: _make_readout_waveform,
        of_qubits.QubitScan: _make_qubit_scan,
        of_qubits.SingleShots: _make_single_shots,
        of_qubits.Rabi: _make_rabi,
        of_qubits.RabiAmplitude: _make_rabi_amplitude,
        of_qubits.Chevron: _make_chevron,
        of_qubits.Relaxation: _make_relaxation,
        of_qubits.Ramsey: _make_ramsey,
        of_qubits.DetunedRamsey: _make_detuned_ramsey,
        of_qubits.Echo: _make_echo,
        of_qubits.PulseTrain: _make_pulse_train,
        of_qubits.DragScan: _make_drag_scan,
        of_qubits.RandomSequences: _make_random_sequences,
        of_qubits.SimultaneousSequences: _make_simultaneous_sequences,
    }
)
_ON_COUPLINGS: Mapping[type[Request], _Maker] = MappingProxyType(
    {
        of_pairs.ReadoutReferences: _make_pair_maker(of_pairs.ReadoutReferences),
        of_pairs.CrossResonance: _make_pair_maker(
            of_pairs.CrossResonance,
            durations_ns=lambda *at: _make_gate(*at).tone_ns * np.array([1.0, 2.0, 3.0]),
            tone=lambda *at: _make_gate(*at).tone,
        ),
        of_pairs.LaterCrossResonance: _make_pair_maker(
            of_pairs.LaterCrossResonance,
            durations_ns=lambda *at: _make_gate(*at).tone_ns * np.array([1.0, 2.0, 3.0]),
            tone=lambda *at: _make_gate(*at).tone,
            wait_ns=lambda *at: float(make_times_ns(*at, 0.005)[0]),
        ),
        of_pairs.GateTrain: _make_pair_maker(
            of_pairs.GateTrain, counts=np.arange(4.0), gate=_make_gate, control_state=1
        ),
        of_pairs.ConditionalRamsey: _make_pair_maker(
            of_pairs.ConditionalRamsey, delays_us=_make_delays_us, control_state=1, detuning_mhz=0.5
        ),
        of_pairs.DetunedConditionalRamsey: _make_pair_maker(
            of_pairs.DetunedConditionalRamsey,
            delays_us=_make_delays_us,
            control_state=0,
            detuning_mhz=0.5,
            frequency_ghz=lambda laboratory, name: float(
                _make_drive_frequencies(laboratory, split_coupling(name)[1])[-1]
            ),
        ),
        of_pairs.JointShots: _make_pair_maker(of_pairs.JointShots, prepare="11"),
        of_pairs.RandomPairSequences: _make_pair_maker(
            of_pairs.RandomPairSequences, lengths=_LENGTHS, gate=_make_gate
        ),
    }
)
