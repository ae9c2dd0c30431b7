"""Shared code of the library's randomized benchmarking."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import ArrayDeclaration, RunParameter
from qdash_qubex.native.base import collect_options
from qdash_qubex.native.declarations import MEASUREMENT
from qdash_tasks.declarations import declare_random_sequences

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from qdash_core import BaseTask

_FEWEST = 8
"""Smallest number of sequences for an error: their scatter determines it to about a quarter."""
_OFF_FLOOR = 0.1
"""Allowed deviation of the end of a decay: a Rabi calibration is off by a few percent, and the readout drifts."""
_SEQUENCES = declare_random_sequences(30, fewest=3, longest=100_000.0)
RANDOM = MappingProxyType(
    {
        **MEASUREMENT,
        "sequences": replace(
            _SEQUENCES["sequences"], description="number of random sequences, each truncated at every length"
        ),
        "lengths": replace(
            _SEQUENCES["lengths"],
            description="numbers of Cliffords; by default powers of two until the signal is lost",
        ),
        "seed": RunParameter(
            value=None,
            value_type="int",
            minimum=0,
            maximum=2**32 - 1,
            description="seed of the sequences; by default random",
        ),
    }
)


def declare_curve_arrays(*names: str) -> MappingProxyType[str, ArrayDeclaration]:
    """Declare the arrays of decays with these names."""
    declared: dict[str, ArrayDeclaration] = {}
    for name in names:
        declared |= {
            f"{name}length": ArrayDeclaration("Cliffords", "numbers of Cliffords, shape (lengths,)"),
            f"{name}survival": ArrayDeclaration("", "share of |0>, shape (lengths, sequences)"),
        }
    return MappingProxyType(declared)


def make_curve(data: Mapping[str, Any], prefix: str = "") -> dict[str, tuple[Any, str]]:
    """Return a decay of the library as arrays."""
    return {
        f"{prefix}length": (np.asarray(data["n_cliffords"], dtype=float), "Cliffords"),
        f"{prefix}survival": (np.asarray(data["trials"], dtype=float), ""),
    }


def make_options(tasks: Mapping[str, BaseTask]) -> dict[str, Any]:
    """Return run parameters of tasks as the library's arguments."""
    asked = collect_options(tasks, n_cliffords_range="lengths", n_trials="sequences")
    seed = next(iter(tasks.values())).context.parameters["seed"]
    if seed is not None:
        asked["seeds"] = np.random.default_rng(seed).integers(0, 2**32, asked["n_trials"])
    return asked | {"plot": False, "save_image": False}


def compute_sequence_influence(data: Mapping[str, Any], fit: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """Return the influence of each random sequence on the decay constant of the library's fit, shape (sequences,).

    A sequence is cut at every length, so the points along a decay share its luck, which the scatter about the curve
    lacks. The influence follows from the derivatives of the fit. `data` has `n_cliffords`, shape (lengths,), and `trials`, shape
    (lengths, sequences); `fit` has `A`, `p`, `C` of A p^m + C to the means.
    """
    m, trials = np.asarray(data["n_cliffords"], dtype=float), np.asarray(data["trials"], dtype=float)
    amplitude, p = float(fit["A"]), float(fit["p"])
    slopes = np.stack([p**m, amplitude * m * p ** (m - 1), np.ones_like(m)], axis=1)
    moves: npt.NDArray[np.float64] = np.linalg.pinv(slopes)[1] @ (trials - trials.mean(axis=1, keepdims=True))
    return moves


def estimate_error(moves: npt.NDArray[np.float64]) -> float | None:
    """Return the standard deviation due to the choice of random sequences, or None for fewer than eight."""
    if moves.size < _FEWEST:
        return None
    error = float(np.std(moves, ddof=1) / np.sqrt(moves.size))
    return error if 0.0 < error < np.inf else None


def explain_missing_decay(fit: Mapping[str, Any], *, floor: float) -> list[str]:
    """Return objections to a decay fitted by the library, which accepts any offset and amplitude.

    `fit` has `p`, `C` and others; `floor` is the level of a complete decay, one over the number of states.
    """
    p, offset = float(fit["p"]), float(fit["C"])
    if not 0.0 < p < 1.0:
        return [f"the decay constant is {p:g}, the limit of the library's fit: there is no visible decay"]
    if abs(offset - floor) > _OFF_FLOOR:
        return [
            f"the decay ends at {offset:.3g} in the library's fit instead of {floor:g}: use longer sequences, or check for leakage"
        ]
    return []
