"""Features of single shots: how far apart the clouds of the prepared states lie, and where the shots are."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.readout import has_third_cloud
from qdash_core.tasks.parameters import FeatureDeclaration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Complexes = NDArray[np.complex128]
    Floats = NDArray[np.float64]

CLOUD_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        "cloud_signal": FeatureDeclaration(
            "", "distance of the shots with |0⟩ prepared from the origin, over their noise"
        ),
        "cloud_distance": FeatureDeclaration(
            "", "distance between the mean shots of both prepared states, over their noise"
        ),
        "cloud_separation": FeatureDeclaration(
            "", "distance between the centres of the two clouds, over their noise"
        ),
        "excited_prep0": FeatureDeclaration(
            "", "share of the shots with |0⟩ prepared that lie in the cloud of |1⟩"
        ),
        "ground_prep1": FeatureDeclaration(
            "", "share of the shots with |1⟩ prepared that lie in the cloud of |0⟩"
        ),
        "excess_ground": FeatureDeclaration("", "`ground_prep1` minus `excited_prep0`"),
        "between_clouds": FeatureDeclaration(
            "", "share of the shots with |1⟩ prepared that lie between the clouds"
        ),
        "overlap_error": FeatureDeclaration("", "readout error from the overlap of the clouds alone"),
        "far_shots": FeatureDeclaration(
            "", "share of the shots more than 6 noise widths away from the line through both clouds"
        ),
        "cloud_angle_deg": FeatureDeclaration("deg", "angle of the shots with |0⟩ prepared about the origin"),
        "no_signal": FeatureDeclaration(
            "", "share of the shots in a third cloud at the origin, if it is apart from the others"
        ),
        "third_clouds": FeatureDeclaration(
            "", "number of prepared states whose shots form a third cloud beside the line through both clouds"
        ),
        "cloud_turn_deg": FeatureDeclaration(
            "deg", "rotation of the shots about the origin from the first to the last third"
        ),
        "cloud_turn_sigmas": FeatureDeclaration("", "`cloud_turn_deg` over its error"),
        "shot_memory": FeatureDeclaration(
            "", "correlation of successive shots with |1⟩ prepared, relative to their variance"
        ),
    }
)
"""Declarations of the features of `describe_clouds`."""

_FAR = 6.0
_SEPARATE = 2.0
"""Distance of the clouds in noise widths from which their shares are told apart."""
_SEEN = 5.0
_FEWEST_SHOTS = 60
_ROUNDS = 40
_APART = 2.0
"""Distance of the origin from the line between the clouds, in noise widths, from which a cloud there is told apart."""
_ENOUGH = 3000
"""Shots that tell a share of a percent."""
_PLACES = 5
"""Places of decayed shots on that line, with both ends."""
_MIDDLE = 0.15
"""Half width of the middle between the clouds, in units of their distance."""


def describe_clouds(zero: Complexes, one: Complexes) -> dict[str, float]:
    """Return the features of single shots of both prepared states, in the order of acquisition.

    The noise is that across the line through both clouds, where transitions do not widen it.
    """
    if min(zero.size, one.size) < _FEWEST_SHOTS:
        return {}
    apart = complex(one.mean() - zero.mean())
    both = np.concatenate([zero, one])
    along = apart / abs(apart) if apart else 1.0 + 0.0j
    noise = _estimate_noise(both, along)
    if not noise > 0:
        return {}
    found = {
        "cloud_distance": abs(apart) / noise,
        "cloud_signal": abs(complex(np.median(zero.real), np.median(zero.imag))) / noise,
    }
    found |= _describe_turn(zero, noise)
    found |= _describe_far_shots(both, along, noise)
    means = zero.mean(), one.mean()
    found["third_clouds"] = float(sum(has_third_cloud(shots, *means) for shots in (zero, one)))
    if found["cloud_signal"] > _SEEN / math.sqrt(zero.size):
        found["cloud_angle_deg"] = math.degrees(math.atan2(np.median(zero.imag), np.median(zero.real)))
    error = noise * math.sqrt(1 / zero.size + 1 / one.size)
    if abs(apart) < _SEEN * error:
        return found
    low, high, shares = _fit_mixture(*((shots / along).real / noise for shots in (zero, one)))
    if high - low < _SEPARATE:
        return found
    found |= _describe_mixture(low, high, shares, (one / along).real / noise)
    share = _find_share_at_origin(both / along / noise, low, high)
    return found | ({} if share is None else {"no_signal": share})


def _estimate_noise(shots: Complexes, along: complex) -> float:
    across = (shots / along).imag
    return 1.4826 * float(np.median(np.abs(across - np.median(across))))


def _describe_turn(shots: Complexes, noise: float) -> dict[str, float]:
    """Return by how much the shots rotated about the origin while they were taken."""
    third = shots.size // 3
    first, last = complex(shots[:third].mean()), complex(shots[-third:].mean())
    size = math.sqrt(abs(first) * abs(last))
    if size < noise:
        return {}
    turn = float(np.angle(last * first.conjugate()))
    return {
        "cloud_turn_deg": abs(math.degrees(turn)),
        "cloud_turn_sigmas": abs(turn) * size / (noise * math.sqrt(2 / third)),
    }


def _describe_far_shots(shots: Complexes, along: complex, noise: float) -> dict[str, float]:
    across = (shots / along).imag
    far = np.abs(across - np.median(across)) > _FAR * noise
    return {"far_shots": float(far.mean())}


def _describe_mixture(low: float, high: float, shares: tuple[float, float], one: Floats) -> dict[str, float]:
    """Return the shares of two clouds of unit width at `low` and `high` in the shots of both prepared states."""
    excited, still_ground = shares[0], 1 - shares[1]
    separation, middle = high - low, (low + high) / 2
    return {
        "cloud_separation": separation,
        "excited_prep0": excited,
        "ground_prep1": still_ground,
        "excess_ground": still_ground - excited,
        "between_clouds": float((np.abs(one - middle) < _MIDDLE * separation).mean()),
        "overlap_error": math.erfc(separation / 2 / math.sqrt(2)) / 2,
        "shot_memory": _correlate(one),
    }


def _find_share_at_origin(shots: Complexes, low: float, high: float) -> float | None:
    """Return the share of shots in a unit-width cloud at the origin, or None if one of decaying qubits would be as near.

    The others lie at `low` and `high` on a line parallel to the real axis, with decayed shots between them.
    """
    across = float(np.median(shots.imag))
    along = max(low, min(high, 0.0))
    if math.hypot(across, along) < _APART:
        return None
    centres = np.array([*(complex(place, across) for place in np.linspace(low, high, _PLACES)), 0j])
    some = shots[:: max(shots.size // _ENOUGH, 1)]
    likelihood = np.exp(-(np.abs(some[:, None] - centres) ** 2) / 2) + 1e-12
    shares = np.full(centres.size, 1 / centres.size)
    for _ in range(_ROUNDS):
        weighted = likelihood * shares
        shares = (weighted / weighted.sum(axis=1, keepdims=True)).mean(axis=0)
    return float(shares[-1])


def _fit_mixture(zero: Floats, one: Floats) -> tuple[float, float, tuple[float, float]]:
    """Return the centres of two clouds of unit width, and the share of the second in either trace.

    Expectation maximisation with common centres; the shots of prepared |1> may lie mostly in the first.
    """
    low, high = float(np.median(zero)), float(np.quantile(one, 0.9)) - 1.0
    high = max(high, low + 1.0)
    shares = [0.02, 0.9]
    for _ in range(_ROUNDS):
        weights = []
        for place, shots in enumerate((zero, one)):
            # A shot far from both clouds counts for the nearer one.
            exponent = np.clip((low - high) * (shots - (low + high) / 2), -50.0, 50.0)
            odds = (1 - shares[place]) / max(shares[place], 1e-9) * np.exp(exponent)
            weights.append(1 / (1 + odds))
            shares[place] = float(weights[-1].mean())
        second, points = np.concatenate(weights), np.concatenate([zero, one])
        if second.sum() < 1 or (1 - second).sum() < 1:
            break
        low = float(np.average(points, weights=1 - second))
        high = float(np.average(points, weights=second))
    return low, high, (shares[0], shares[1])


def _correlate(shots: Floats) -> float:
    off = shots - shots.mean()
    return float((off[1:] * off[:-1]).mean() / (off**2).mean())
