"""Survival of random sequences: the difference between those meant to end in |0> and in |1>."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis import fit_interleaved_rb
from qdash_analysis.cliffords.one_qubit import ends_in_one
from qdash_core.errors import AnalysisError
from qdash_tasks.figures.plots import curve, scatter
from qdash_tasks.figures.sketches import draw_measured, draw_recorded, make_power_shape
from qdash_tasks.programs.cached_fits import fit_rb
from qdash_tasks.programs.fit_options import get_asymptote, require_all_points
from qdash_tasks.programs.projection import project_signals_separately, project_trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.figures.plots import Drawn
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.projection import Signal

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Survival:
    """Survival signal, one point per sequence: positive for the intended state, 0 after full depolarisation.

    Attributes
    ----------
    x
        Cliffords of each sequence, ascending, shape (n,).
    y
        Signal towards the intended final state, shape (n,).
    sigma
        Noise at the mean of its length, shape (n,), so that a point does not affect its own weight.
    asymptote
        Signal after full depolarisation, or None to fit it.
    """

    x: Floats
    y: Floats
    sigma: Floats
    asymptote: float | None = field(default=0.0, kw_only=True)

    def average_lengths(self) -> tuple[Floats, Floats, Floats]:
        """Return the lengths, the mean of each, and its standard error from the scatter of sequences."""
        lengths, place, count = np.unique(self.x, return_inverse=True, return_counts=True)
        means = np.bincount(place, self.y) / count
        squares = np.bincount(place, (self.y - means[place]) ** 2)
        return lengths, means, np.sqrt(squares / np.maximum(count - 1, 1) / count)


@dataclass(frozen=True, slots=True)
class QubitSurvival(Survival):
    """Survival of one qubit, relative to the middle of both final states.

    Attributes
    ----------
    signs
        Direction of the intended final state in the measured signal, +1 or -1, shape (n,).
    upwards
        Direction of |0>, +1 or -1.
    """

    signs: Floats
    upwards: float

    @classmethod
    def from_signal(cls, signal: Signal, ends: NDArray[np.bool_] | None = None) -> QubitSurvival:
        """Build the survival from a signal and the intended final states.

        The middle of both final states follows from the lengths that have both. `ends` tells which sequences end in
        |1>, shape (n,); None for those of one qubit alone. Raises `AnalysisError` if all sequences of each length end
        alike.
        """
        signs = np.where(ends_in_one(signal.x.size) if ends is None else ends, -1.0, 1.0)
        lengths, place = np.unique(signal.x, return_inverse=True)
        use = find_complete_lengths(place, signs)
        means = [
            np.bincount(place, keep * signal.y)[use] / np.bincount(place, keep)[use]
            for keep in (signs > 0, signs < 0)
        ]
        centre = float(np.mean(means))
        upwards = 1.0 if means[0][0] > means[1][0] else -1.0
        order = np.argsort(signal.x, kind="stable")
        signs = (upwards * signs)[order]
        x, y, place = signal.x[order], signs * (signal.y[order] - centre), place[order]
        kept = np.bincount(place, y, lengths.size) / np.bincount(place)
        return cls(x, y, signal.noise.sigma(centre + signs * kept[place]), signs, upwards)


def find_complete_lengths(place: NDArray[np.intp], signs: Floats) -> NDArray[np.bool_]:
    """Return which lengths have sequences with both final states, shape (lengths,).

    `place` is the index of each sequence's length, `signs` the direction of its final state, both of shape (n,). Raises
    `AnalysisError` if there are none.
    """
    use = np.logical_and(np.bincount(place, signs > 0), np.bincount(place, signs < 0))
    if not use.any():
        raise AnalysisError(
            "all sequences of each length have the same intended final state: use more sequences"
        )
    return use


def project_survival(trace: Trace) -> Survival:
    """Project one trace. Raises as `projection.project_signals`."""
    return QubitSurvival.from_signal(project_trace(trace), trace.ends)


def project_survivals(raw: RawData, names: tuple[str, ...]) -> tuple[Survival, ...]:
    """Project each of the named sweeps of `raw`. Raises as `projection.project_signals_separately`."""
    found = zip(project_signals_separately(raw, names, x_name="length"), names, strict=True)
    asymptote = get_asymptote(raw)
    return tuple(
        replace(QubitSurvival.from_signal(signal, read_ends(raw, name)), asymptote=asymptote)
        for signal, name in found
    )


def read_ends(raw: RawData, name: str) -> NDArray[np.bool_] | None:
    """Return whether each sequence ends in |1>, or None for older raw data without this record."""
    if f"{name}_ends" in raw.arrays:
        return np.asarray(raw[f"{name}_ends"])
    require_all_points(raw, "these older raw data do not record the final state of each sequence")
    return None


def fit_survival(survival: Survival, *, n_qubits: int) -> FitResult:
    """Fit the decay of one set of sequences."""
    return fit_rb(
        survival.x, survival.y, sigma=survival.sigma, asymptote=survival.asymptote, n_qubits=n_qubits
    )


def fit_decays(found: tuple[Survival, ...], *, n_qubits: int) -> FitResult:
    """Fit one decay, or a reference and an interleaved one."""
    reference = found[0]
    if len(found) == 1:
        return fit_survival(reference, n_qubits=n_qubits)
    return fit_interleaved_rb(
        reference.x,
        reference.y,
        sigma=reference.sigma,
        x_interleaved=found[1].x,
        y_interleaved=found[1].y,
        sigma_interleaved=found[1].sigma,
        asymptote=reference.asymptote,
        n_qubits=n_qubits,
    )


def sketch_survival(survival: Survival, alpha: float) -> tuple[Drawn, Drawn]:
    """Sketch the mean of each length, and the decay with `alpha` per Clifford."""
    lengths, means, _ = survival.average_lengths()
    return draw_measured(lengths, means), draw_recorded(lengths, means, [make_power_shape(alpha)])


def draw_survival(name: str, survival: Survival, *, n_qubits: int) -> list[Drawn]:
    """Draw single sequences, the mean of each length with its error, and the decay."""
    lengths, means, errors = survival.average_lengths()
    faint = {"color": "#888888", "size": 3, "opacity": 0.3}
    return [
        scatter(f"Sequences, {name}", survival.x, survival.y, marker=faint, showlegend=False),
        scatter(name, lengths, means, sigma=errors),
        curve(f"Fit, {name}", fit_survival(survival, n_qubits=n_qubits).predict, lengths),
    ]
