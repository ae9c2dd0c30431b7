"""Combined survival of both qubits after random two-qubit sequences."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import Estimate
from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_tasks.programs.pair_conditions import ROLES
from qdash_tasks.programs.projection import project_signals_separately
from qdash_tasks.programs.readout_reference import decode_ends, read_trace
from qdash_tasks.programs.survival import QubitSurvival, Survival, find_complete_lengths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.trace import Trace

    Floats = NDArray[np.float64]

_ARRAYS = ("iq", "sigma", "covariance")
_NO_ATTRIBUTES: Mapping[str, Any] = MappingProxyType({})


def combine_signals(both: Sequence[Survival], shots: int) -> Survival:
    """Return the weighted mean of both qubits' signals, normalised to the shortest length.

    At a survival m the errors of both qubits are correlated: m of the shots end correctly in both, the others anywhere,
    which correlates the signs by m (1 - m).
    """
    sizes = [float(one.y[one.x == one.x[0]].mean()) for one in both]
    ys = [one.y / size for one, size in zip(both, sizes, strict=True)]
    sigmas = [one.sigma / abs(size) for one, size in zip(both, sizes, strict=True)]
    precision = np.array([float(np.median(sigma)) ** -2 for sigma in sigmas])
    first, second = precision / precision.sum()
    y = first * ys[0] + second * ys[1]
    _, place = np.unique(both[0].x, return_inverse=True)
    kept = np.clip((np.bincount(place, y) / np.bincount(place))[place], 0.0, 1.0)
    variance = (first * sigmas[0]) ** 2 + (second * sigmas[1]) ** 2
    variance += 2 * first * second * kept * (1 - kept) / shots
    return Survival(both[0].x, y, np.sqrt(variance))


def combine_survivals(
    traces: Sequence[Trace], *, shots: int, attributes: Mapping[str, Any] = _NO_ATTRIBUTES
) -> tuple[Survival, ...]:
    """Return the combined survival of both qubits for each set of sequences, from separate calls.

    Raises `AnalysisError` without a signal.
    """
    of_qubits = [_project_qubit(traces, row, attributes) for row in range(len(ROLES))]
    return tuple(combine_signals(both, shots) for both in zip(*of_qubits, strict=True))


def read_sequences(raw: RawData, name: str) -> Trace:
    """Return a measured set of sequences: rows control, target."""
    return read_trace(raw, name, "length")


def estimate_leakage(trace: Trace, *, alpha: float) -> Estimate:
    """Return the leakage of the control out of its two levels per Clifford.

    Leaked population reads as 1 for either intended state, so the mean over both final states moves towards 1 with the
    length: ``middle = start - (1 - (1 - leaked)^x)`` in units of the signal (Wood and Gambetta, PRA 97, 032306 (2018)).

    `alpha` is the decay of the same sequences. Raises `AnalysisError` if a qubit shows no signal, or fewer than two
    lengths have sequences with both final states.
    """
    from scipy.optimize import curve_fit

    (control,) = _project_qubit((trace,), 0)
    _, place = np.unique(control.x, return_inverse=True)
    use = find_complete_lengths(place, control.signs)[place]
    y, signs = control.y[use], control.signs[use]
    lengths, place, count = np.unique(control.x[use], return_inverse=True, return_counts=True)
    if lengths.size < 2:
        raise AnalysisError(
            "all sequences of each length except one have the same intended final state: use more sequences"
        )
    endings = [signs > 0, signs < 0]
    first, second = (np.bincount(place, one * y) / np.bincount(place, one) for one in endings)
    size = float(first[0] + second[0]) / 2 / alpha ** lengths[0]
    middles = control.upwards * (first - second) / 2 / size
    left = (y - np.where(endings[0], first[place], second[place])) / size
    sigma = np.sqrt(np.sum(left**2) / max(left.size - 2 * lengths.size, 1) / count)

    def model(x: Floats, start: float, rate: float) -> Floats:
        return np.asarray(start + np.expm1(-rate * x), dtype=np.float64)

    found, covariance = curve_fit(model, lengths, middles, p0=(0.0, 0.0), sigma=sigma, absolute_sigma=True)
    return Estimate(-math.expm1(-found[1]), math.sqrt(covariance[1, 1]), "")


def separate_qubits(raw: RawData) -> RawData:
    """Split the maps of both qubits in raw data into one trace for each."""
    arrays = {name: kept for name, kept in raw.arrays.items() if not name.endswith(_ARRAYS)}
    for name in [name.removesuffix("_iq") for name in raw.arrays if name.endswith("_iq")]:
        for row, role in enumerate(ROLES):
            arrays[f"{name}_{role}_length"] = raw.arrays[f"{name}_length"]
            for kind in _ARRAYS:
                values, unit = raw[f"{name}_{kind}"], raw.arrays[f"{name}_{kind}"][1]
                arrays[f"{name}_{role}_{kind}"] = values[row], unit
    return RawData(arrays, raw.attributes)


def _project_qubit(
    traces: Sequence[Trace], row: int, attributes: Mapping[str, Any] = _NO_ATTRIBUTES
) -> list[QubitSurvival]:
    """Project the sets of sequences of one qubit, each from a separate call."""
    names = tuple(str(number) for number in range(len(traces)))
    arrays = {
        f"{name}_{array}": (getattr(trace.row(row), array), "")
        for name, trace in zip(names, traces, strict=True)
        for array in ("x", *_ARRAYS)
    }
    try:
        found = project_signals_separately(RawData(arrays, attributes), names, x_name="x")
    except AnalysisError as error:
        raise type(error)(f"{ROLES[row]}: {error}") from error
    survivals = [
        QubitSurvival.from_signal(signal, decode_ends(trace)[:, row])
        for signal, trace in zip(found, traces, strict=True)
    ]
    if any(not one.average_lengths()[1][0] > 0 for one in survivals):
        raise AnalysisError(f"{ROLES[row]}: even the shortest sequences show no survival signal")
    return survivals
