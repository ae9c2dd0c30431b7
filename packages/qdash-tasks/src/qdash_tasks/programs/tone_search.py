"""Search for a cross-resonance tone that rotates the target by ZX alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.pulses import CrossResonanceTone
from qdash_tasks.programs.convergence import Correction, has_converged
from qdash_tasks.programs.later_start import make_later_request
from qdash_tasks.programs.tone_tomography import (
    cancel_unconditional,
    compute_conditional_rate,
    compute_unconditional_rate,
    get_error,
    measure_fit,
    purify_tone,
    scale_tone,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.pair_parameters import PairParameters

_USUAL_MHZ, _SHARE = 25.0, 0.25
"""Drive of the first tone: absolute, and as a share of the qubits' detuning."""
_TWO_PHOTON_MHZ, _GENTLE = 30.0, 0.4
"""Distance from the control's two-photon transition within which the first tone is weaker, and the factor."""
_SHORT_NS, _LONGER, _LONGEST_NS = 300.0, 4.0, 3000.0
_POINTS, _MORE_POINTS = 25, 31
_WEAKER, _STRONGER = 0.6, 2.0
_ATTEMPTS, _ROUNDS = 8, 4
_TURNS = 1.25
_SEEN = 5.0
HIDES_MHZ = 0.3
"""Unconditional rotation rate that is tolerated: a tilt of 20 mrad causes 6 kHz of it, and ZX is about 0.1
MHz and more.
"""
_PURE = 0.01
"""Share of ZX below which residual terms do not matter."""
_POOR = 4.0


@dataclass(frozen=True, slots=True)
class MeasuredTone:
    """Tone and its tomography: the name of the sweep and its fit."""

    name: str
    tone: CrossResonanceTone
    fit: FitResult

    def attributes(self, pair: PairParameters) -> dict[str, Any]:
        """Return the tone, and parameters of the target's line, as attributes of raw data."""
        line = {"target_rabi_mhz": pair.target_rabi_mhz, "target_limit": pair.target_limit}
        return {**asdict(self.tone), "last": self.name, **line}


def start_tone(pair: PairParameters) -> CrossResonanceTone:
    """Return a tone without cancellation, weak enough for most pairs."""
    drive = min(_USUAL_MHZ, _SHARE * abs(pair.distance_mhz))
    known = pair.anharmonicity_mhz
    if known is not None and abs(pair.distance_mhz + known / 2) < _TWO_PHOTON_MHZ:
        drive *= _GENTLE
    amplitude = min(max(drive, 1.0) / pair.control_rabi_mhz, pair.control_limit)
    return CrossResonanceTone(amplitude, rise_ns=pair.rise_ns)


def find_pure_tone(
    tone: CrossResonanceTone,
    pair: PairParameters,
    *,
    requested_ns: NDArray[np.float64] | None = None,
    later_ns: float | None = None,
) -> Generator[MeasurementCall, Mapping[str, Answer], MeasuredTone]:
    """Correct a tone from tomographies until only ZX is left; return the last one, a failed one if nothing helps.

    Durations are chosen from the data if None are requested. Tones that may be the last are repeated at some points
    `later_ns` later, unless that is None.
    """
    last = yield from _find_rotating_tone(tone, pair, requested_ns)
    if not shows_conditional_rotation(last.fit):
        return last
    for number in range(_ROUNDS):
        try:
            better = purify_tone(last.tone, last.fit, pair.target_rabi_mhz, limit=pair.target_limit)
        except AnalysisError:
            return last
        x_ns = (
            requested_ns
            if requested_ns is not None
            else pair.list_durations(choose_window_ns(last.fit), _MORE_POINTS)
        )
        if is_poorly_described(last.fit):
            better = scale_tone(better, _WEAKER, pair)
        name = f"pure_{number + 1}"
        beside = {} if later_ns is None else make_later_request(name, better, x_ns, pair, later_ns)
        fit = yield from measure_fit(name, better, x_ns, pair, extra=beside)
        if number and not (fit.success and shows_conditional_rotation(fit)):
            return last
        last = MeasuredTone(name, better, fit)
        if not shows_conditional_rotation(fit):
            return last
        if fit.success and has_converged(compute_impurities(fit)) and not is_poorly_described(fit):
            return last
    return last


def choose_window_ns(fit: FitResult) -> float:
    """Return the length of the longest useful tone: some turns about ZX."""
    return min(max(1e3 * _TURNS / abs(compute_conditional_rate(fit)), _SHORT_NS), _LONGEST_NS)


def compute_impurities(fit: FitResult) -> list[Correction]:
    """Return the rates ZY, IX and IY, and ZX if it is negative, as corrections."""
    negligible = _PURE * abs(compute_conditional_rate(fit))
    rest = {"ZY": "zy", "IX": "ix", "IY": "iy"}
    found = [
        Correction(
            name=name,
            value=fit.parameters[rate].value,
            error=get_error(fit, rate),
            unit="MHz",
            negligible=negligible,
        )
        for name, rate in rest.items()
    ]
    reversed_mhz = min(compute_conditional_rate(fit).real, 0.0)
    return [*found, Correction(name="ZX", value=reversed_mhz, error=None, unit="MHz")]


def is_poorly_described(fit: FitResult) -> bool:
    """Return whether the trajectory differs strongly from a rotation, as after leakage of the control."""
    return not fit.success or (fit.reduced_chi2 is not None and fit.reduced_chi2 > _POOR)


def _find_rotating_tone(
    tone: CrossResonanceTone, pair: PairParameters, requested_ns: NDArray[np.float64] | None
) -> Generator[MeasurementCall, Mapping[str, Answer], MeasuredTone]:
    """Search for a tone that shows ZX, with cancelled unconditional rotation and suitable amplitude.

    Weaker if the trajectory is not a rotation, longer and stronger if there is little effect. The unconditional
    rotation is cancelled first: it may be tens of times as fast as ZX, and an edge would tilt it as ZY does.
    """
    longest, stronger = _SHORT_NS, 0
    for number in range(_ATTEMPTS):
        x_ns = requested_ns if requested_ns is not None else pair.list_durations(longest, _POINTS)
        name = f"round_{number + 1}"
        fit = yield from measure_fit(name, tone, x_ns, pair)
        last = MeasuredTone(name, tone, fit)
        if shows_conditional_rotation(fit):
            return last
        if shows_unconditional_rotation(fit):
            try:
                tone = cancel_unconditional(tone, fit, pair.target_rabi_mhz, limit=pair.target_limit)
            except AnalysisError:
                return last
            longest = _SHORT_NS * _LONGER
            continue
        unseen = fit.success or fit.no_signal
        if unseen and longest < _SHORT_NS * _LONGER and requested_ns is None:
            longest *= _LONGER
        elif unseen:
            if stronger == 2 or tone.amplitude >= pair.control_limit:
                return last
            stronger += 1
            tone = replace(tone, amplitude=min(tone.amplitude * _STRONGER, pair.control_limit))
        else:
            tone = scale_tone(tone, _WEAKER, pair)
    return last


def shows_conditional_rotation(fit: FitResult) -> bool:
    """Return whether the target's rotation about X or Y significantly depends on the control."""
    if not fit.success:
        return False
    return abs(compute_conditional_rate(fit)) > _SEEN * max(get_error(fit, "zx"), get_error(fit, "zy"))


def shows_unconditional_rotation(fit: FitResult) -> bool:
    """Return whether a rotation about X or Y that does not depend on the control is fast enough to hide ZX."""
    if not fit.success:
        return False
    return abs(compute_unconditional_rate(fit)) > max(
        _SEEN * max(get_error(fit, "ix"), get_error(fit, "iy")), HIDES_MHZ
    )
