"""Features of decays: T1, echo, and random sequences."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.parameters import FeatureDeclaration
from qdash_tasks.programs.features.traces import (
    RESIDUALS,
    SIGNAL,
    compute_range,
    describe_residuals,
    describe_scatter,
    describe_signal,
    keep_finite,
)
from qdash_tasks.programs.projection import fit_signal, project_signals
from qdash_tasks.programs.survival import QubitSurvival, fit_survival, project_survivals

if TYPE_CHECKING:
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.programs.decay_window import Fit

DECAY = MappingProxyType(
    {
        **SIGNAL,
        **RESIDUALS,
        "window_decays": FeatureDeclaration("", "length of the sweep over the fitted decay time"),
        "decay_us": FeatureDeclaration("us", "fitted decay time"),
        "early_drop": FeatureDeclaration("", "share of the signal lost within the first tenth of the points"),
        "window_us": FeatureDeclaration("us", "length of the sweep"),
        "two_times": FeatureDeclaration("", "1 if the decay has two times, else 0"),
        "rising_start": FeatureDeclaration("", "1 if the first points do not belong to the decay, else 0"),
    }
)
"""Features of `describe_decay`."""
SURVIVAL = MappingProxyType(
    {
        **SIGNAL,
        "error_per_clifford": FeatureDeclaration("", "fitted error per Clifford"),
        "sequence_scatter": FeatureDeclaration(
            "", "scatter of sequences of the same length over the noise of a point; coherent errors raise it"
        ),
        "stray_sequences": FeatureDeclaration(
            "", "number of sequences far from the others of the same length"
        ),
        "contrast": FeatureDeclaration("a.u.", "survival signal of the shortest sequences"),
        "residual_rms": RESIDUALS["residual_rms"],
        "residual_wave": RESIDUALS["residual_wave"],
        "one_zero_ratio": FeatureDeclaration(
            "",
            "survival of sequences that end in 1 over that of sequences that end in 0, at the longest lengths",
        ),
    }
)
"""Features of `describe_survival`."""
_STRAY = 6.0
"""Distance of a stray sequence from the mean of its length, in units of the usual one. Unlike those that a fit names, several of one
length count, and those of decays that are refused."""


def describe_decay(raw: RawData, fit: Fit, *, fine: str = "fine", search: str = "search") -> dict[str, float]:
    """Return the features `DECAY` of a trace of a decay, or of the search for one."""
    name = fine if f"{fine}_iq" in raw.arrays else search
    found = describe_signal(raw, name)
    if f"{name}_delay" not in raw.arrays:
        return found
    found["window_us"] = float(np.ptp(raw[f"{name}_delay"]))
    try:
        (signal,) = project_signals(raw, (name,), x_name="delay")
    except AnalysisError:
        return found
    head = max(signal.x.size // 10, 2)
    swing = compute_range(signal.y)
    if swing > 0:
        found["early_drop"] = abs(float(signal.y[0] - signal.y[head])) / swing
    fitted = fit_signal(fit, signal)
    kind = fitted.traits.get("decay")
    found |= {"two_times": float(kind == "two times"), "rising_start": float(kind == "rising start")}
    if not fitted.success:
        return keep_finite(found)
    time = next(one for name, one in fitted.parameters.items() if name in ("t1", "t2_echo"))
    found |= describe_residuals(signal, fitted)
    found |= {"decay_us": time.value, "window_decays": found["window_us"] / time.value}
    return keep_finite(found)


def describe_survival(raw: RawData, name: str) -> dict[str, float]:
    """Return the features `SURVIVAL` of random sequences of one qubit."""
    found = describe_signal(raw, name)
    try:
        (survival,) = project_survivals(raw, (name,))
    except (AnalysisError, LookupError):
        return found
    lengths, means, _ = survival.average_lengths()
    place = np.searchsorted(lengths, survival.x)
    scatter = (survival.y - means[place]) / survival.sigma
    found["sequence_scatter"] = float(np.sqrt(np.mean(scatter**2)))
    found["stray_sequences"] = float(
        np.sum(np.abs(scatter) > _STRAY * max(float(np.median(np.abs(scatter))) / 0.6745, 1.0))
    )
    found["contrast"] = float(means[0])
    if isinstance(survival, QubitSurvival) and lengths.size > 2:
        late = survival.x >= lengths[-2]
        ends_in_0 = survival.signs * survival.upwards > 0
        zero, one = survival.y[late & ends_in_0], survival.y[late & ~ends_in_0]
        if zero.size and one.size and zero.mean() > 0:
            found["one_zero_ratio"] = float(one.mean() / zero.mean())
    fit = fit_survival(survival, n_qubits=1)
    if fit.success:
        alpha = fit.parameters["alpha"].value
        found["error_per_clifford"] = (1 - alpha) / 2
        residuals = describe_scatter((survival.y - fit.predict(survival.x)) / survival.sigma)
        found |= {key: residuals[key] for key in ("residual_rms", "residual_wave") if key in residuals}
    return keep_finite({key: value for key, value in found.items() if not math.isnan(value)})
