"""Features of pulse trains and DRAG scans."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.parameters import FeatureDeclaration
from qdash_tasks.programs.drag_search import fit_pairs
from qdash_tasks.programs.features.traces import (
    RESIDUALS,
    SIGNAL,
    describe_residuals,
    describe_signal,
    keep_finite,
)
from qdash_tasks.programs.pulse_trains import count_turns_until_decay, fit_train
from qdash_tasks.programs.resonance import estimate_offset_mhz

if TYPE_CHECKING:
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.programs.pulse_trains import Rotation

TRAIN = MappingProxyType(
    {
        **SIGNAL,
        **RESIDUALS,
        "resonance_mhz": FeatureDeclaration(
            "MHz", "qubit frequency minus drive frequency, from a short Ramsey trace; unsigned beyond 6 MHz"
        ),
        "angle_error": FeatureDeclaration("rad", "over-rotation of a pulse, negative for an under-rotation"),
        "decay_turns": FeatureDeclaration("", "turns in which the oscillation of the train decays to 1/e"),
        "odd_even": FeatureDeclaration(
            "", "range of the train over that of the resonance trace, which has the contrast of good pulses"
        ),
        "amplitude": FeatureDeclaration("a.u.", "drive amplitude of the last train"),
    }
)
"""Features of `describe_train`."""
DRAG = MappingProxyType(
    {
        **TRAIN,
        "beta_ns": FeatureDeclaration("ns", "fitted DRAG coefficient"),
        "beta_inside": FeatureDeclaration("", "1 if the coefficient lies within the sweep, else 0"),
    }
)
"""Features of `describe_drag`."""


def describe_train(raw: RawData, rotation: Rotation) -> dict[str, float]:
    """Return the features `TRAIN` of the last train."""
    found = describe_signal(raw, *rotation.starts)
    fringes = describe_signal(raw, "resonance")
    offset = estimate_offset_mhz(raw)
    if offset is not None:
        found["resonance_mhz"] = offset
    if fringes.get("swing") and "swing" in found:
        found["odd_even"] = found["swing"] / fringes["swing"]
    amplitude = raw.attributes.get("amplitude")
    if isinstance(amplitude, int | float):
        found["amplitude"] = float(amplitude)
    try:
        joined, fit = fit_train(raw, rotation)
    except (AnalysisError, LookupError):
        return keep_finite(found)
    found |= describe_residuals(joined, fit)
    found["angle_error"] = fit.parameters["angle_error"].value
    turns = count_turns_until_decay(fit, rotation)
    return keep_finite({**found, "decay_turns": turns})


def describe_drag(raw: RawData, rotation: Rotation) -> dict[str, float]:
    """Return the features `DRAG` of the last sweep of the coefficient and the last train."""
    found = describe_train(raw, rotation)
    if "fewer_iq" not in raw.arrays:
        return found
    try:
        signals, fit = fit_pairs(raw)
    except (AnalysisError, LookupError):
        return found
    beta, x = fit.parameters["beta"].value, signals[-1].x
    inside = float(np.min(x)) <= beta <= float(np.max(x))
    return keep_finite({**found, "beta_ns": beta, "beta_inside": float(inside)})
