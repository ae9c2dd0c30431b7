"""Tomography of a cross-resonance tone: measured Bloch vectors, their fit, and corrections of the tone."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.iq_noise import ReadoutNoise
from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.pair_requests import CrossResonance
from qdash_tasks.programs.cached_fits import fit_cr_tomography
from qdash_tasks.programs.readout_reference import (
    get_readout_line,
    measure_with_reference,
    read_trace,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import CrossResonanceTone
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.pair_parameters import PairParameters
    from qdash_tasks.programs.readout_reference import ReadoutLine

    Floats = NDArray[np.float64]

_SMOOTHED = 3


@dataclass(frozen=True, slots=True)
class BlochPaths:
    """Trajectories of the target's X, Y, Z with the control in |0>, then in |1>.

    `x_ns` are lengths of the tone, shape (n,); `y` has shape (6, n); the T1 of the control is None if unknown.
    """

    x_ns: Floats
    y: Floats
    noise: ReadoutNoise
    control_t1_us: float | None = None

    @classmethod
    def from_trace(cls, trace: Trace, line: ReadoutLine, *, control_t1_us: float | None = None) -> BlochPaths:
        """Convert readout points into Bloch components."""
        values, variance = line.compute_expectations(trace)
        return cls(trace.x, values, ReadoutNoise.from_points(values.ravel(), variance.ravel()), control_t1_us)

    @property
    def sigma(self) -> Floats:
        """1-sigma noise of each point, at the mean of its neighbours, shape (6, n)."""
        window = np.ones(_SMOOTHED)
        counts = np.convolve(np.ones(self.x_ns.size), window, "same")
        near = np.stack([np.convolve(row, window, "same") / counts for row in self.y])
        return self.noise.sigma(near)

    def fit(self) -> FitResult:
        """Fit the rotation rates."""
        return self._fit(self.sigma)

    def refit(self) -> FitResult:
        """Fit the rotation rates twice, the second time with the noise at the first curves."""
        first = self.fit()
        if not first.success:
            return first
        again = self._fit(self.noise.sigma(first.predict(self.x_ns)))
        return again if again.success else first

    def _fit(self, sigma: Floats) -> FitResult:
        return fit_cr_tomography(self.x_ns, self.y, sigma=sigma, control_t1_us=self.control_t1_us)


def read_paths(raw: RawData, name: str) -> BlochPaths:
    """Return the tomography of that name; raise as `ReadoutLine.from_points`."""
    t1_us = raw.attributes.get("control_t1_us")
    return BlochPaths.from_trace(
        read_trace(raw, name, "duration"),
        get_readout_line(raw, name),
        control_t1_us=None if t1_us is None else float(t1_us),
    )


def measure_paths(
    name: str,
    tone: CrossResonanceTone,
    x_ns: Floats,
    pair: PairParameters,
    *,
    extra: Mapping[str, Request] = MappingProxyType({}),
) -> Generator[MeasurementCall, Mapping[str, Answer], Mapping[str, BlochPaths]]:
    """Measure the tomography of a tone, and extra ones if the call takes them; return them by name.

    Raises as `ReadoutLine.from_points`.
    """
    asked = CrossResonance(pair.control, pair.target, x_ns, tone)
    found, line = yield from measure_with_reference(
        name, {name: asked}, pair.qids, pair.shots, optional=extra, points_a_call=pair.points_a_call
    )
    return {one: BlochPaths.from_trace(found[one], line) for one in (name, *extra) if one in found}


def measure_fit(
    name: str,
    tone: CrossResonanceTone,
    x_ns: Floats,
    pair: PairParameters,
    *,
    extra: Mapping[str, Request] = MappingProxyType({}),
) -> Generator[MeasurementCall, Mapping[str, Answer], FitResult]:
    """Measure the tomography of a tone, and extra ones for the analysis; fit it. Raises as `measure_paths`."""
    paths = yield from measure_paths(name, tone, x_ns, pair, extra=extra)
    return paths[name].fit()


def compute_conditional_rate(fit: FitResult) -> complex:
    """Return zx + i zy in MHz."""
    return complex(fit.parameters["zx"].value, fit.parameters["zy"].value)


def compute_unconditional_rate(fit: FitResult) -> complex:
    """Return ix + i iy in MHz."""
    return complex(fit.parameters["ix"].value, fit.parameters["iy"].value)


def get_error(fit: FitResult, name: str) -> float:
    """Return the 1-sigma error of a rate; infinite if unknown."""
    error = fit.parameters[name].error
    return float("inf") if error is None else error


def purify_tone(
    tone: CrossResonanceTone, fit: FitResult, target_rabi_mhz: float, *, limit: float = 1.0
) -> CrossResonanceTone:
    """Correct the tone to a positive ZX without other rotations about X and Y, given the fitted rates.

    The cancellation rotates with the phase of the tone. `target_rabi_mhz` is the Rabi frequency at full scale of the
    target's line, `limit` the largest amplitude on it.

    Raises as `cancel_unconditional`.
    """
    turn = -cmath.phase(compute_conditional_rate(fit))
    right = cancel_unconditional(tone, fit, target_rabi_mhz, limit=limit)
    phases = (math.remainder(phase + turn, math.tau) for phase in (right.phase_rad, right.cancel_phase_rad))
    phase, cancel_phase = phases
    return replace(right, phase_rad=phase, cancel_phase_rad=cancel_phase)


def cancel_unconditional(
    tone: CrossResonanceTone, fit: FitResult, target_rabi_mhz: float, *, limit: float = 1.0
) -> CrossResonanceTone:
    """Cancel the unconditional rotation of a tone about X and Y, given the fitted rates.

    Raises `AnalysisError` if the cancellation exceeds `limit` on the target's line, with `target_rabi_mhz` at full
    scale.
    """
    cancel = (
        cmath.rect(tone.cancel_amplitude, tone.cancel_phase_rad)
        - compute_unconditional_rate(fit) / target_rabi_mhz
    )
    if abs(cancel) > limit:
        raise AnalysisError(
            "the cancellation tone needs more than full scale of the target's line: remove attenuation"
        )
    return replace(tone, cancel_amplitude=abs(cancel), cancel_phase_rad=cmath.phase(cancel))


def rotate_tone(tone: CrossResonanceTone, angle_rad: float) -> CrossResonanceTone:
    """Rotate all parts of the tone about z; the cancellation absorbs the part of the rotary tone off X."""
    played = cmath.rect(tone.cancel_amplitude, tone.cancel_phase_rad) + tone.rotary_amplitude
    cancel = played * cmath.rect(1.0, angle_rad) - tone.rotary_amplitude
    return replace(
        tone,
        phase_rad=math.remainder(tone.phase_rad + angle_rad, math.tau),
        cancel_amplitude=abs(cancel),
        cancel_phase_rad=cmath.phase(cancel),
    )


def scale_tone(tone: CrossResonanceTone, factor: float, pair: PairParameters) -> CrossResonanceTone:
    """Scale the tone and its cancellation by a factor, limited by the target's line."""
    return replace(
        tone,
        amplitude=tone.amplitude * factor,
        cancel_amplitude=min(tone.cancel_amplitude * factor, pair.target_limit),
    )
