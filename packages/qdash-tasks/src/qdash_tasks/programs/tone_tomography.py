"""How a cross-resonance tone turns the target: measured points as Bloch vectors, their fit, and what to change."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.pulses import RISE_NS, CrossResonanceTone
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.cached_fits import fit_cr_tomography
from qdash_tasks.programs.pair_sweeps import ROLES, ReadoutPoints, ToneSweep, row_of
from qdash_tasks.programs.projection import Noise, along

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.programs.pair_sweeps import Direction
    from qdash_tasks.programs.sweep_rounds import Sweep

    Floats = NDArray[np.float64]

REFERENCE = "reference"
_SURELY, _SIGNAL = 8.0, 4.0
_SMOOTHED = 3
_MORE_SHOTS = 4


@dataclass(frozen=True, slots=True)
class ReadoutLine:
    """Where a qubit's readout has its commanded states: the middle of both, and the way from there to |0>."""

    middle: complex
    towards_0: complex

    @classmethod
    def of(cls, points: Trace, *, called: str) -> ReadoutLine:
        """Take it from the readout after 0 and 1 were commanded.

        Raises
        ------
        AnalysisError
            If they are no further apart than their shots scatter, or nothing comes back at all.
        """
        zero, one = points.iq
        noise = float(np.sqrt(np.sum(np.abs(points.sigma) ** 2)))
        if max(abs(zero), abs(one)) < _SIGNAL * noise:
            raise AnalysisError(f"the readout of {called} gives no signal at all: its readout line is dead")
        if abs(zero - one) < _SURELY * noise:
            raise AnalysisError(
                f"the readout of {called} does not tell 0 from 1: its readout, its drive line or its pi pulse does not work; "
                "calibrate the qubit first"
            )
        return cls(complex(zero + one) / 2, complex(zero - one) / 2)

    def expectations(self, trace: Trace) -> tuple[Floats, Floats]:
        """Return <Z> and its variance, both of the trace's shape: +1 is |0> as commanded."""
        size = abs(self.towards_0)
        values = ((trace.iq - self.middle) / self.towards_0).real
        variance = along(self.towards_0 / size, trace.sigma, trace.covariance) / size**2
        return np.asarray(values), variance


@dataclass(frozen=True, slots=True)
class BlochPaths:
    """The target's X, Y, Z with the control in |0>, then in |1>.

    Attributes
    ----------
    x_ns
        Lengths of the tone, shape (n,).
    y
        Shape (6, n).
    noise
        Its law.
    control_t1_us
        T1 of the control where it is known.
    """

    x_ns: Floats
    y: Floats
    noise: Noise
    control_t1_us: float | None = None

    @classmethod
    def of(cls, trace: Trace, line: ReadoutLine, *, control_t1_us: float | None = None) -> BlochPaths:
        """Turn readout points into components."""
        values, variance = line.expectations(trace)
        return cls(trace.x, values, Noise.seen_in(values.ravel(), variance.ravel()), control_t1_us)

    @property
    def sigma(self) -> Floats:
        """1-sigma noise of each point at the mean of its neighbours, shape (6, n)."""
        window = np.ones(_SMOOTHED)
        counts = np.convolve(np.ones(self.x_ns.size), window, "same")
        near = np.stack([np.convolve(row, window, "same") / counts for row in self.y])
        return self.noise.sigma(near)

    def fit(self) -> FitResult:
        """Fit the rates."""
        return self._fit(self.sigma)

    def refit(self) -> FitResult:
        """Fit the rates, then again with the noise that the first curves imply."""
        first = self.fit()
        if not first.success:
            return first
        again = self._fit(self.noise.sigma(first.predict(self.x_ns)))
        return again if again.success else first

    def _fit(self, sigma: Floats) -> FitResult:
        return fit_cr_tomography(self.x_ns, self.y, sigma=sigma, control_t1_us=self.control_t1_us)


def recorded_line(raw: RawData, *, role: str = "target") -> ReadoutLine:
    """Return the readout line of one qubit from the reference points of raw data. Raises as `ReadoutLine.of`."""
    points = row_of(recorded_trace(raw, REFERENCE, "state"), ROLES.index(role))
    return ReadoutLine.of(points, called=f"the {role}, qubit {raw.attributes.get(role)},")


def require_readouts(raw: RawData) -> None:
    """Raise `AnalysisError` where the readout of a qubit does not tell its states apart. Raises as `ReadoutLine.of`."""
    for role in ROLES:
        recorded_line(raw, role=role)


def recorded_trace(raw: RawData, name: str, x_name: str) -> Trace:
    """Return a sweep as it was measured."""
    return Trace(
        np.asarray(raw[f"{name}_{x_name}"], dtype=np.float64),
        np.asarray(raw[f"{name}_iq"], dtype=np.complex128),
        np.asarray(raw[f"{name}_sigma"], dtype=np.complex128),
        np.asarray(raw[f"{name}_covariance"], dtype=np.float64),
    )


def recorded_paths(raw: RawData, name: str) -> BlochPaths:
    """Return the tomography of that name. Raises as `ReadoutLine.of`."""
    t1_us = raw.attributes.get("control_t1_us")
    return BlochPaths.of(
        recorded_trace(raw, name, "duration"),
        recorded_line(raw),
        control_t1_us=None if t1_us is None else float(t1_us),
    )


def reference_points(
    direction: Direction, shots: int
) -> Generator[Sweep, Trace, tuple[ReadoutLine, ReadoutLine]]:
    """Ask for the readout of the commanded states; return the lines of control and target. Raises as `ReadoutLine.of`."""
    trace = yield ReadoutPoints(REFERENCE, np.array([0.0, 1.0]), _MORE_SHOTS * shots, direction=direction)
    control, target = (
        ReadoutLine.of(row_of(trace, row), called=f"the {role}, qubit {qid},")
        for row, (role, qid) in enumerate(zip(ROLES, direction, strict=True))
    )
    return control, target


def durations(longest_ns: float, points: int) -> Floats:
    """Lengths of tones with whole edges, in whole ns, which turn the target for up to about `longest_ns`."""
    return np.unique(np.round(np.linspace(2 * RISE_NS, RISE_NS + max(longest_ns, 2 * RISE_NS), points)))


def tone_fit(
    name: str, tone: CrossResonanceTone, line: ReadoutLine, x_ns: Floats, *, direction: Direction, shots: int
) -> Generator[Sweep, Trace, FitResult]:
    """Ask for the tomography of a tone and fit it."""
    trace = yield ToneSweep(name, x_ns, shots, tone=tone, direction=direction)
    return BlochPaths.of(trace, line).fit()


def conditional(fit: FitResult) -> complex:
    """Return zx + i zy in MHz."""
    return complex(fit.parameters["zx"].value, fit.parameters["zy"].value)


def unconditional(fit: FitResult) -> complex:
    """Return ix + i iy in MHz."""
    return complex(fit.parameters["ix"].value, fit.parameters["iy"].value)


def error_of(fit: FitResult, name: str) -> float:
    """Return the 1-sigma error of a rate; infinite when unknown."""
    error = fit.parameters[name].error
    return float("inf") if error is None else error


def trimmed(tone: CrossResonanceTone, fit: FitResult, target_rabi_mhz: float) -> CrossResonanceTone:
    """Return the tone that leaves ZX, positive, and nothing else about X and Y, if the rates are those of `fit`.

    What the target feels of the control's line turns with the phase of the tone, so its cancellation does, too.

    Parameters
    ----------
    target_rabi_mhz
        Rabi frequency of the target at full scale of its own line.
    """
    turn = -cmath.phase(conditional(fit))
    right = without_unconditional(tone, fit, target_rabi_mhz)
    phases = (math.remainder(phase + turn, math.tau) for phase in (right.phase_rad, right.cancel_phase_rad))
    phase, cancel_phase = phases
    return replace(right, phase_rad=phase, cancel_phase_rad=cancel_phase)


def without_unconditional(
    tone: CrossResonanceTone, fit: FitResult, target_rabi_mhz: float
) -> CrossResonanceTone:
    """Return the tone that turns the target about X and Y only as the control says, if the rates are those of `fit`.

    Raises
    ------
    AnalysisError
        If full scale of the target's line, on which it has `target_rabi_mhz`, does not do.
    """
    cancel = cmath.rect(tone.cancel_amplitude, tone.cancel_phase_rad) - unconditional(fit) / target_rabi_mhz
    if abs(cancel) > 1:
        raise AnalysisError(
            "the cancellation needs more than full scale of the target's line: remove attenuation"
        )
    return replace(tone, cancel_amplitude=abs(cancel), cancel_phase_rad=cmath.phase(cancel))


def turned(tone: CrossResonanceTone, angle_rad: float) -> CrossResonanceTone:
    """Return the tone with all that it plays turned about z; the cancellation takes what of the rotary tone leaves X."""
    played = cmath.rect(tone.cancel_amplitude, tone.cancel_phase_rad) + tone.rotary_amplitude
    cancel = played * cmath.rect(1.0, angle_rad) - tone.rotary_amplitude
    return replace(
        tone,
        phase_rad=math.remainder(tone.phase_rad + angle_rad, math.tau),
        cancel_amplitude=abs(cancel),
        cancel_phase_rad=cmath.phase(cancel),
    )


def scaled(tone: CrossResonanceTone, factor: float) -> CrossResonanceTone:
    """Return a tone that many times as strong, its cancellation too."""
    return replace(
        tone,
        amplitude=tone.amplitude * factor,
        cancel_amplitude=min(tone.cancel_amplitude * factor, 1.0),
    )


def rabi_at_full_scale(settings: Settings) -> float:
    """Return the Rabi frequency in MHz that the calibration promises at full scale."""
    return settings.rabi_frequency_mhz / settings.control_amplitude
