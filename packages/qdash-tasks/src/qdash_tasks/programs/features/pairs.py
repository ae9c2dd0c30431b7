"""Features of measurements of two coupled qubits: the readout of both, the tone, the fringes, the gate."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis import project
from qdash_core.tasks.parameters import FeatureDeclaration
from qdash_tasks.programs.pair_conditions import ROLES
from qdash_tasks.programs.readout_reference import decode_ends, list_references, read_reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.gate_trains import GateTrainFit

REFERENCE_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        f"{role}_{name}": FeatureDeclaration(unit, f"{meaning} of the {role}")
        for role in ROLES
        for name, unit, meaning in (
            ("signal", "", "magnitude of the readout with |0⟩ prepared over its noise,"),
            (
                "contrast",
                "",
                "distance of the readouts of both prepared states as a share of that magnitude,",
            ),
            ("contrast_to_noise", "", "distance of the readouts of both prepared states over its noise,"),
            ("lost_contrast", "", "smallest such distance in a later call relative to the first call,"),
            ("turn_deg", "deg", "largest rotation of the readout from the first call to a later one,"),
        )
    }
)
"""Declarations of the features of `describe_references`."""

TONE_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        "conditional_mhz": FeatureDeclaration(
            "MHz", "rotation rate of the target that depends on the control, last tone"
        ),
        "conditional_sigmas": FeatureDeclaration("", "`conditional_mhz` over its error"),
        "unconditional_mhz": FeatureDeclaration(
            "MHz", "rotation rate of the target that does not depend on the control, last tone"
        ),
        "first_conditional_mhz": FeatureDeclaration(
            "MHz", "rotation rate that depends on the control, first tone"
        ),
        "first_unconditional_mhz": FeatureDeclaration(
            "MHz", "rotation rate that does not depend on the control, first tone"
        ),
        "first_phase_deg": FeatureDeclaration(
            "deg", "angle between the axis of the first tone and the axis of a ZX rotation"
        ),
        "tone_rounds": FeatureDeclaration("", "number of tones that were measured"),
        "tone_amplitude": FeatureDeclaration("a.u.", "amplitude of the last tone"),
        "tone_chi2": FeatureDeclaration("", "reduced chi squared of the rotation fitted to the last tone"),
        "path_length": FeatureDeclaration(
            "", "mean length of the target's measured vector, 1 for a pure state"
        ),
        "path_difference": FeatureDeclaration(
            "", "mean distance of the target's vectors with both control states"
        ),
        "path_movement": FeatureDeclaration("", "mean distance of the target's vectors from their start"),
        "detuning_mhz": FeatureDeclaration("MHz", "rotation of the target about Z during the tone"),
    }
)
"""Declarations of the features of `describe_paths` and `describe_tone`."""

PAIR_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        "pair_distance_mhz": FeatureDeclaration(
            "MHz", "difference of the drive frequencies of control and target"
        ),
        "control_t1_us": FeatureDeclaration("us", "T1 of the control"),
        "target_t1_us": FeatureDeclaration("us", "T1 of the target"),
    }
)
"""Declarations of the features of `describe_conditions`."""

_SEEN = 5.0


def describe_conditions(raw: RawData) -> dict[str, float]:
    """Return the conditions of a measurement of a pair, from the attributes of its raw data."""
    names = {
        "pair_distance_mhz": "distance_mhz",
        "control_t1_us": "control_t1_us",
        "target_t1_us": "target_t1_us",
    }
    found = {name: raw.attributes.get(attribute) for name, attribute in names.items()}
    return {name: float(value) for name, value in found.items() if value is not None}


def describe_references(raw: RawData) -> dict[str, float]:
    """Return the features of the readout of both qubits' prepared states, in all calls."""
    calls = [read_reference(raw, name) for name in list_references(raw)]
    if not calls:
        return {}
    found: dict[str, float] = {}
    for row, role in enumerate(ROLES):
        readings = [_Reading(call.row(row)) for call in calls]
        found |= {f"{role}_{name}": value for name, value in _describe_readings(readings).items()}
    return found


class _Reading:
    """Readout of the prepared states of one qubit in one call."""

    def __init__(self, trace: Trace) -> None:
        in_0, in_1 = (complex(trace.iq[trace.x == state].mean()) for state in (0, 1))
        self.in_0, self.middle, self.distance = in_0, (in_0 + in_1) / 2, in_1 - in_0
        alone = np.abs(trace.sigma[trace.x == 0])
        self.noise = float(np.median(alone)) / math.sqrt(alone.size)


def _describe_readings(readings: list[_Reading]) -> dict[str, float]:
    first, *later = readings
    if not first.noise > 0:
        return {}
    size, distance = abs(first.in_0), abs(first.distance)
    found = {"signal": size / first.noise, "contrast_to_noise": distance / first.noise}
    if size > 5 * first.noise:
        found["contrast"] = distance / size
    if later and distance > 10 * first.noise:
        found["lost_contrast"] = min(abs(one.distance) for one in later) / distance
        turns = [np.angle(one.middle * np.conj(first.middle), deg=True) for one in later]
        found["turn_deg"] = float(np.abs(turns).max())
    return found


def describe_paths(paths: np.ndarray) -> dict[str, float]:
    """Return the features of the target's vectors, shape (6, n): X, Y, Z with the control in |0>, then in |1>."""
    zero, one = paths[:3], paths[3:]
    start = np.array([[0.0], [0.0], [1.0]])
    return {
        "path_length": float(np.sqrt((paths**2).sum(axis=0) / 2).mean()),
        "path_difference": float(np.linalg.norm(zero - one, axis=0).mean()),
        "path_movement": float(max(np.linalg.norm(each - start, axis=0).mean() for each in (zero, one))),
    }


def describe_tone(fit: FitResult, *, prefix: str = "") -> dict[str, float]:
    """Return the rotation rates of a fitted tomography, with `prefix` before their names."""
    if not fit.success:
        return {}
    rates = {name: fit.parameters[name] for name in ("zx", "zy", "ix", "iy", "iz")}
    conditional = complex(rates["zx"].value, rates["zy"].value)
    error = math.hypot(rates["zx"].error or 0.0, rates["zy"].error or 0.0)
    found = {
        f"{prefix}conditional_mhz": abs(conditional),
        f"{prefix}unconditional_mhz": math.hypot(rates["ix"].value, rates["iy"].value),
    }
    if not prefix:
        found["detuning_mhz"] = rates["iz"].value
        found |= {} if fit.reduced_chi2 is None else {"tone_chi2": fit.reduced_chi2}
        found |= {"conditional_sigmas": abs(conditional) / error} if error else {}
    elif abs(conditional) > 5 * error:
        found[f"{prefix}phase_deg"] = abs(math.degrees(float(np.angle(conditional))))
    return found


FRINGE_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        "fringe_to_noise": FeatureDeclaration(
            "", "swing of the fringes with the control in |0⟩ over the noise of a point"
        ),
        "fringe_ratio": FeatureDeclaration(
            "", "swing of the fringes with the control in |1⟩ relative to |0⟩"
        ),
        "fringe_difference": FeatureDeclaration(
            "", "distance between the fringes with both control states, relative to their swing"
        ),
        "target_detuning_mhz": FeatureDeclaration(
            "MHz", "detuning of the target from its drive, control in |0⟩"
        ),
        "zz_mhz": FeatureDeclaration("MHz", "difference of both detunings"),
        "fringe_chi2": FeatureDeclaration("", "reduced chi squared of the fit of both fringes"),
    }
)
"""Declarations of the features of conditional Ramsey fringes."""

TRAIN_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        "angle_error_control_0_rad": FeatureDeclaration("rad", "error of the angle per gate, control in |0⟩"),
        "angle_error_control_1_rad": FeatureDeclaration("rad", "error of the angle per gate, control in |1⟩"),
        "angle_error_mean_rad": FeatureDeclaration(
            "rad", "mean of the errors with both control states: the error of ZX"
        ),
        "angle_error_split_rad": FeatureDeclaration(
            "rad",
            "half the difference of the errors with both control states: a rotation that does not depend on the control",
        ),
        "train_swing": FeatureDeclaration("", "largest minus smallest ⟨Z⟩ in the trains, 2 for a good gate"),
        "train_difference": FeatureDeclaration(
            "", "mean distance of the trains with both control states, which turn oppositely after an X90"
        ),
        "train_chi2": FeatureDeclaration(
            "", "larger reduced chi squared of the trains of both control states"
        ),
    }
)
"""Declarations of the features of gate trains."""

SEQUENCE_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        f"{role}_{name}": FeatureDeclaration("", f"{meaning} of the {role}")
        for role in ROLES
        for name, meaning in (
            (
                "start_to_noise",
                "difference of the shortest sequences that end in |0⟩ and |1⟩ over their noise,",
            ),
            ("kept", "the same of the longest sequences relative to the shortest ones,"),
            ("drop", "share of that difference that the interleaved gate removes at the shortest length,"),
        )
    }
)
"""Declarations of the features of `describe_sequences`."""


def describe_fringes(zero: Trace, one: Trace) -> dict[str, float]:
    """Return the features of the target's fringes with the control in |0> and in |1>, on their common axis."""
    both = project(
        np.concatenate([zero.iq, one.iq]),
        sigma=np.concatenate([zero.sigma, one.sigma]),
        covariance=np.concatenate([zero.covariance, one.covariance]),
    )
    assert both.sigma is not None
    noise = float(np.median(both.sigma))
    ys = np.split(both.y, [zero.x.size])
    swings = [float(np.ptp(np.quantile(y, (0.05, 0.95)))) for y in ys]
    if not noise > 0:
        return {}
    found = {"fringe_to_noise": swings[0] / noise}
    if swings[0] > _SEEN * noise:
        found["fringe_ratio"] = swings[1] / swings[0]
    if swings[0] > _SEEN * noise and zero.x.size == one.x.size:
        found["fringe_difference"] = float(np.abs(ys[1] - ys[0]).mean()) / swings[0]
    return found


def describe_trains(trains: Mapping[int, GateTrainFit]) -> dict[str, float]:
    """Return the features of the gate trains with the control in |0> and in |1>."""
    values = {state: train.signal.y for state, train in trains.items()}
    found = {"train_swing": float(max(np.ptp(y) for y in values.values()))}
    if values[0].size == values[1].size:
        found["train_difference"] = float(np.abs(values[0] - values[1]).mean())
    fits = {state: train.fit for state, train in trains.items()}
    if all(fit.success for fit in fits.values()):
        errors = {state: fit.parameters["angle_error"].value for state, fit in fits.items()}
        found |= {f"angle_error_control_{state}_rad": error for state, error in errors.items()}
        found["angle_error_mean_rad"] = (errors[0] + errors[1]) / 2
        found["angle_error_split_rad"] = (errors[0] - errors[1]) / 2
    chi2 = [fit.reduced_chi2 for fit in fits.values() if fit.reduced_chi2 is not None]
    return found | ({"train_chi2": max(chi2)} if chi2 else {})


def describe_sequences(traces: Mapping[str, Trace]) -> dict[str, float]:
    """Return the features of random sequences by name: the plain ones as `reference`, then those with a gate."""
    found: dict[str, float] = {}
    for row, role in enumerate(ROLES):
        sizes = {name: _measure_ends(trace, row) for name, trace in traces.items()}
        plain = sizes.get("reference")
        if plain is None:
            continue
        (start, error), (end, _) = plain
        found[f"{role}_start_to_noise"] = abs(start) / error if error else 0.0
        if abs(start) > 5 * error:
            found[f"{role}_kept"] = abs(end) / abs(start)
            for name, size in sizes.items():
                if name != "reference" and size is not None:
                    found[f"{role}_drop"] = 1 - abs(size[0][0]) / abs(start)
    return found


def _measure_ends(trace: Trace, row: int) -> tuple[tuple[complex, float], tuple[complex, float]] | None:
    """Return the difference of sequences that end in 1 and in 0, with its noise, at the shortest and the longest length."""
    ends = decode_ends(trace)[:, row]
    lengths = np.unique(trace.x)
    found = []
    for length in (lengths[0], lengths[-1]):
        here = trace.x == length
        high, low = here & ends, here & ~ends
        if not high.any() or not low.any():
            return None
        iq, sigma = trace.iq[row], np.abs(trace.sigma[row])
        difference = complex(iq[high].mean() - iq[low].mean())
        found.append(
            (difference, float(np.sqrt((sigma[here] ** 2).mean() * (1 / high.sum() + 1 / low.sum()))))
        )
    return found[0], found[1]
