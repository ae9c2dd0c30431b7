"""Looks for a cross-resonance tone that turns the target as its control says, and by nothing else."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.pulses import CrossResonanceTone
from qdash_tasks.programs.convergence import Correction, has_converged
from qdash_tasks.programs.later_start import started_later
from qdash_tasks.programs.tone_tomography import (
    conditional,
    error_of,
    scaled,
    tone_fit,
    trimmed,
    unconditional,
    without_unconditional,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.programs.asks import Ask
    from qdash_tasks.programs.pair_parameters import PairParameters

_USUAL_MHZ, _SHARE = 25.0, 0.25
"""Drive of the first tone: so much, or so much of the distance of both qubits."""
_TWO_PHOTON_MHZ, _GENTLE = 30.0, 0.4
"""Distance from the two-photon transition of the control within which the first tone is weaker, and by how much."""
_SHORT_NS, _LONGER, _LONGEST_NS = 300.0, 4.0, 3000.0
_POINTS, _MORE_POINTS = 25, 31
_WEAKER, _STRONGER = 0.6, 2.0
_ATTEMPTS, _ROUNDS = 8, 4
_TURNS = 1.25
_SEEN = 5.0
HIDES_MHZ = 0.3
"""What turns the target either way at less is let be: some 20 mrad of a tilt are 6 kHz of it, and ZX is some 0.1 MHz and more."""
_PURE = 0.01
"""Share of ZX below which residual terms do not matter."""
_POOR = 4.0


@dataclass(frozen=True, slots=True)
class MeasuredTone:
    """A tone with the tomography that was made of it: its sweep's name and its fit."""

    name: str
    tone: CrossResonanceTone
    fit: FitResult

    def attributes(self, pair: PairParameters) -> dict[str, Any]:
        """Return it as attributes of raw data, with what its analysis needs to know of the target's line."""
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


def pure_tone(
    tone: CrossResonanceTone,
    pair: PairParameters,
    *,
    asked: NDArray[np.float64] | None = None,
    later_ns: float | None = None,
) -> Generator[Ask, Mapping[str, Answer], MeasuredTone]:
    """Ask for tomography until ZX alone is left, and return the last one, a failed one where nothing helps.

    Parameters
    ----------
    asked
        Durations that somebody asks for; None: chosen by what was seen.
    later_ns
        By which some points of each tone that may be the last one are measured later, too; None: they are not.
    """
    last = yield from _turning(tone, pair, asked)
    if not conditional_seen(last.fit):
        return last
    for number in range(_ROUNDS):
        try:
            better = trimmed(last.tone, last.fit, pair.target_rabi_mhz, limit=pair.target_limit)
        except AnalysisError:
            return last
        x_ns = asked if asked is not None else pair.durations(window_ns(last.fit), _MORE_POINTS)
        if poorly_described(last.fit):
            better = scaled(better, _WEAKER, pair)
        name = f"pure_{number + 1}"
        beside = {} if later_ns is None else started_later(name, better, x_ns, pair, later_ns)
        fit = yield from tone_fit(name, better, x_ns, pair, beside=beside)
        if number and not (fit.success and conditional_seen(fit)):
            return last
        last = MeasuredTone(name, better, fit)
        if not conditional_seen(fit):
            return last
        if fit.success and has_converged(impurities(fit)) and not poorly_described(fit):
            return last
    return last


def window_ns(fit: FitResult) -> float:
    """Return how long the tone should last at most to show what was seen well: some turns about ZX."""
    return min(max(1e3 * _TURNS / abs(conditional(fit)), _SHORT_NS), _LONGEST_NS)


def impurities(fit: FitResult) -> list[Correction]:
    """Return what a tone still does about X and Y beside ZX, and whether ZX has the wrong sign (a ZX below zero)."""
    negligible = _PURE * abs(conditional(fit))
    rest = {"ZY": "zy", "IX": "ix", "IY": "iy"}
    found = [
        Correction(
            name=name,
            value=fit.parameters[rate].value,
            error=error_of(fit, rate),
            unit="MHz",
            negligible=negligible,
        )
        for name, rate in rest.items()
    ]
    reversed_mhz = min(conditional(fit).real, 0.0)
    return [*found, Correction(name="ZX", value=reversed_mhz, error=None, unit="MHz")]


def poorly_described(fit: FitResult) -> bool:
    """Whether the path differs from a rotation by much, as it does when the control leaves its levels."""
    return not fit.success or (fit.reduced_chi2 is not None and fit.reduced_chi2 > _POOR)


def _turning(
    tone: CrossResonanceTone, pair: PairParameters, asked: NDArray[np.float64] | None
) -> Generator[Ask, Mapping[str, Answer], MeasuredTone]:
    """Look for a tone that shows ZX: weaker where the path is no rotation, longer and stronger where little is seen.

    What turns the target either way is cancelled first: crosstalk may be tens of times as fast as ZX, and an edge that adds
    a turn with one state of the control only tilts so fast a rotation as ZY would.
    """
    longest, stronger = _SHORT_NS, 0
    for number in range(_ATTEMPTS):
        x_ns = asked if asked is not None else pair.durations(longest, _POINTS)
        name = f"round_{number + 1}"
        fit = yield from tone_fit(name, tone, x_ns, pair)
        last = MeasuredTone(name, tone, fit)
        if conditional_seen(fit):
            return last
        if unconditional_seen(fit):
            try:
                tone = without_unconditional(tone, fit, pair.target_rabi_mhz, limit=pair.target_limit)
            except AnalysisError:
                return last
            longest = _SHORT_NS * _LONGER
            continue
        unseen = fit.success or "no rotation" in fit.message
        if unseen and longest < _SHORT_NS * _LONGER and asked is None:
            longest *= _LONGER
        elif unseen:
            if stronger == 2 or tone.amplitude >= pair.control_limit:
                return last
            stronger += 1
            tone = replace(tone, amplitude=min(tone.amplitude * _STRONGER, pair.control_limit))
        else:
            tone = scaled(tone, _WEAKER, pair)
    return last


def conditional_seen(fit: FitResult) -> bool:
    """Whether the target surely turns about X or Y as the control says."""
    if not fit.success:
        return False
    return abs(conditional(fit)) > _SEEN * max(error_of(fit, "zx"), error_of(fit, "zy"))


def unconditional_seen(fit: FitResult) -> bool:
    """Whether the target surely turns about X or Y whatever the control does, by more than can hide ZX."""
    if not fit.success:
        return False
    return abs(unconditional(fit)) > max(_SEEN * max(error_of(fit, "ix"), error_of(fit, "iy")), HIDES_MHZ)
