"""Features of any measured trace: its signal in the IQ plane, and the residuals of its fit."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis.projection import find_main_axis
from qdash_core.tasks.parameters import FeatureDeclaration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.programs.projection import Signal

    Floats = NDArray[np.float64]

_FEWEST = 8
_SHARE = 0.1
_AT_ORIGIN = 4.0
"""Distance from the origin in noise widths up to which a point has no signal."""
_OUTLIER = 6.0
"""Distance of an outlier from its neighbours, in units of the usual distance."""

SIGNAL = MappingProxyType(
    {
        "snr": FeatureDeclaration("", "range of the signal over the noise of a point"),
        "swing": FeatureDeclaration("a.u.", "range of the signal along its main axis in the IQ plane"),
        "level": FeatureDeclaration("a.u.", "distance of the mean of all points from the origin"),
        "level_snr": FeatureDeclaration(
            "", "distance of the mean of all points from the origin over the noise of a point"
        ),
        "noise": FeatureDeclaration("a.u.", "standard error of a point along one quadrature"),
        "off_axis": FeatureDeclaration("", "scatter across the main axis over the noise of a point"),
        "turn_deg": FeatureDeclaration(
            "deg", "rotation about the origin from the earlier half of the points to the later one"
        ),
        "flatness": FeatureDeclaration("", "reduced chi squared of a constant"),
        "roughness": FeatureDeclaration("", "difference of neighbours over its noise"),
        "outliers": FeatureDeclaration("", "number of points far from both neighbours"),
        "no_signal_points": FeatureDeclaration(
            "", "share of the points at the origin within their noise, if the others are far from it"
        ),
        "late_swing": FeatureDeclaration("", "range of the last third of the trace over that of the first"),
        "points": FeatureDeclaration("", "number of points"),
    }
)
"""Features of `describe_signal`."""

RESIDUALS = MappingProxyType(
    {
        "residual_rms": FeatureDeclaration("", "root mean square residual of the fit over the noise"),
        "residual_trend": FeatureDeclaration("", "linear trend of the residuals, in standard errors"),
        "residual_step": FeatureDeclaration("", "largest step of the residuals, in standard errors"),
        "residual_wave": FeatureDeclaration(
            "", "strongest oscillation of the residuals over the mean of all frequencies"
        ),
        "residual_outliers": FeatureDeclaration("", "number of points far from the fit"),
        "residual_growth": FeatureDeclaration(
            "", "root mean square residual of the last third over that of the first"
        ),
    }
)
"""Features of `describe_residuals`."""


def describe_signal(raw: RawData, *names: str) -> dict[str, float]:
    """Return the features `SIGNAL` of one or more traces of one call, without any model.

    `raw` has the arrays `{name}_iq` and `{name}_sigma`; absent traces are left out, and the result is empty without
    any.
    """
    kept = [name for name in names if f"{name}_iq" in raw.arrays]
    if not kept:
        return {}
    iq = np.concatenate([np.asarray(raw[f"{name}_iq"]).ravel() for name in kept])
    sigma = np.concatenate([np.asarray(raw[f"{name}_sigma"]).ravel() for name in kept])
    if iq.size < _FEWEST:
        return {"points": float(iq.size)}
    noise = float(np.sqrt(np.mean(np.abs(sigma) ** 2) / 2))
    middle = complex(iq.mean())
    turned = (iq - middle) * np.conj(find_main_axis(iq))
    y, across = turned.real, turned.imag
    swing = compute_range(y)
    third = max(y.size // 3, 3)
    first, last = compute_range(y[:third]), compute_range(y[-third:])
    halves = iq[: iq.size // 2].mean(), iq[iq.size // 2 :].mean()
    steps = np.diff(y)
    return keep_finite(
        {
            "snr": swing / noise,
            "swing": swing,
            "level": abs(middle),
            "level_snr": abs(middle) / noise,
            "noise": noise,
            "off_axis": float(np.std(across)) / noise,
            "turn_deg": abs(math.degrees(np.angle(halves[1] * np.conj(halves[0])))),
            "flatness": float(np.var(y)) / noise**2,
            "roughness": float(np.sqrt(np.mean(steps**2) / 2)) / noise,
            "outliers": float(count_outliers(iq, noise)),
            "no_signal_points": _compute_share_at_origin(iq, noise),
            "late_swing": last / first if first > 0 else math.nan,
            "points": float(iq.size),
        }
    )


def describe_residuals(signal: Signal, fit: FitResult) -> dict[str, float]:
    """Return the features `RESIDUALS` of a fitted trace; empty if the fit failed or has few points."""
    if not fit.success or signal.x.size < _FEWEST:
        return {}
    predicted = np.asarray(fit.predict(signal.x), dtype=np.float64)
    return describe_scatter((signal.y - predicted) / signal.noise.sigma(predicted))


def describe_scatter(residuals: Floats) -> dict[str, float]:
    """Return the features `RESIDUALS` of residuals in units of their noise, in the order of measurement."""
    if residuals.size < _FEWEST:
        return {}
    rms = float(np.sqrt(np.mean(residuals**2)))
    third = max(residuals.size // 3, 3)
    early, late = (float(np.sqrt(np.mean(part**2))) for part in (residuals[:third], residuals[-third:]))
    return keep_finite(
        {
            "residual_rms": rms,
            "residual_trend": _compute_trend(residuals),
            "residual_step": _compute_step(residuals),
            "residual_wave": compute_wave(residuals),
            "residual_outliers": float(
                np.sum(np.abs(residuals) > _OUTLIER * max(_median_size(residuals), 0.5))
            ),
            "residual_growth": late / early if early > 0 else math.nan,
        }
    )


def compute_range(y: Floats) -> float:
    """Return the distance of the highest and the lowest tenth of values, of at least one point each."""
    ordered = np.sort(y)
    count = max(round(_SHARE * y.size), 1)
    return float(ordered[-count:].mean() - ordered[:count].mean())


def count_outliers(iq: NDArray[np.complex128], noise: float) -> int:
    """Return the number of points that lie far from both neighbours, in the same direction."""
    if iq.size < _FEWEST:
        return 0
    before, after = iq[1:-1] - iq[:-2], iq[1:-1] - iq[2:]
    away = np.minimum(np.abs(before), np.abs(after))
    usual = max(float(np.median(away)), noise)
    alike = (before * np.conj(after)).real > 0
    return int(np.sum((away > _OUTLIER * usual) & alike))


def _compute_share_at_origin(iq: NDArray[np.complex128], noise: float) -> float:
    """Return the share of points at the origin, or not a number if the trace is as near."""
    sizes = np.abs(iq) / noise
    return float(np.mean(sizes < _AT_ORIGIN)) if np.median(sizes) > 4 * _AT_ORIGIN else math.nan


def compute_wave(residuals: Floats) -> float:
    """Return the power of the strongest oscillation over the mean power of all frequencies."""
    power = np.abs(np.fft.rfft(residuals - residuals.mean()))[1:] ** 2
    total = float(power.mean())
    return float(power.max()) / total if total > 0 else math.nan


def keep_finite(found: Mapping[str, Any]) -> dict[str, float]:
    """Return the finite numbers."""
    return {name: float(value) for name, value in found.items() if math.isfinite(value)}


def _median_size(residuals: Floats) -> float:
    return float(np.median(np.abs(residuals))) / 0.6745


def _compute_trend(residuals: Floats) -> float:
    place = np.arange(residuals.size) - (residuals.size - 1) / 2
    spread = float(np.std(residuals))
    return abs(float(place @ residuals)) / math.sqrt(float(place @ place)) / spread if spread else math.nan


def _compute_step(residuals: Floats) -> float:
    """Return the largest difference of means before and after a point, in standard errors."""
    n = residuals.size
    sizes = np.arange(3, n - 2)
    total = np.cumsum(residuals)
    left, right = total[sizes - 1] / sizes, (total[-1] - total[sizes - 1]) / (n - sizes)
    spread = float(np.std(residuals))
    steps = np.abs(left - right) * np.sqrt(sizes * (n - sizes) / n)
    return float(steps.max()) / spread if spread else math.nan
