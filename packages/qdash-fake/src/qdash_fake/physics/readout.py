"""Single-shot readout: clouds in the IQ plane, and state transitions during readout."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_fake.physics.resonator import Resonator

DEAD_READOUT = 0.8
"""Sum of p(0|1) and p(1|0) above which a published readout counts as dead: both clouds coincide."""

_NORMAL = NormalDist()
_LARGEST_LOG_RATIO = 2.0
"""Range of the search for the best amplitude: natural logarithm of its ratio to the design amplitude."""
_LOG_RATIO_TOLERANCE = 1e-3
_THRESHOLD_TOLERANCE = 1e-14


@dataclass(frozen=True, slots=True)
class Readout:
    """Readout chain at its design amplitude.

    Positions are measured on the line through both centres: |0> at 0, |1> at 1. Measurement-induced transitions move a shot
    to the other cloud at the start of the integration; a decay during the integration places it uniformly between the clouds.

    Attributes
    ----------
    integration_us
        Shorter than published readout lengths.
    decay
        Probability that |1> relaxes during the integration.
    excite, relax
        Probabilities of measurement-induced transitions 0 to 1 and 1 to 0 at `amplitude`.
    noise
        Standard deviation of a single shot in each quadrature, in the units of the IQ plane.
    separation
        Distance of the centres at the best probe frequency and `amplitude`, in the same units; 0 for a dead readout.
    """

    integration_us: float
    decay: float
    excite: float
    relax: float
    noise: float
    separation: float
    amplitude: float

    @property
    def dead(self) -> bool:
        """True if both states give the same cloud."""
        return self.separation == 0.0

    def with_t1(self, t1_us: float) -> Readout:
        """Return the readout for another T1: the integration time stays, the probability of a decay changes."""
        return replace(self, decay=-math.expm1(-self.integration_us / t1_us)) if self.decay else self

    def transitions_at(self, amplitude: float) -> ReadoutTransitions:
        """Return the transition probabilities at another amplitude; induced ones scale with the photon number.

        The photon number is that at the best probe frequency, within a few per cent the mean of both states between the
        resonances.
        """
        photons = (amplitude / self.amplitude) ** 2
        return ReadoutTransitions(
            decay=self.decay,
            excite=min(self.excite * photons, max(self.excite, 0.5)),
            relax=min(self.relax * photons, max(self.relax, 0.5)),
        )


@dataclass(frozen=True, slots=True)
class ReadoutTransitions:
    """Probabilities of state transitions during a readout, as in `Readout`."""

    decay: float
    excite: float
    relax: float

    def weights(self, excited: float) -> tuple[float, float]:
        """Return the shares of shots in the cloud of |1> and between the clouds, for an excited population."""
        in_one = excited * (1 - self.relax) * (1 - self.decay) + (1 - excited) * self.excite
        return in_one, excited * (1 - self.relax) * self.decay

    def errors(self, *, spread: float, excited_0: float, excited_1: float) -> tuple[float, float]:
        """Return p(1|0) and p(0|1) of prepared states at the best threshold.

        `spread` is the noise over the separation of the centres; the populations are those just before readout of
        prepared 0 and 1.
        """
        cut = find_best_threshold(self, spread=spread)
        return 1 - self.share_below(cut, spread=spread, excited=excited_0), self.share_below(
            cut, spread=spread, excited=excited_1
        )

    def share_below(self, cut: float, *, spread: float, excited: float) -> float:
        """Return the share of shots below the threshold `cut`."""
        in_one, between = self.weights(excited)
        in_zero = 1 - in_one - between
        below_zero, below_one = _NORMAL.cdf(cut / spread), _NORMAL.cdf((cut - 1) / spread)
        return in_zero * below_zero + in_one * below_one + between * _integrate_decays(cut, spread)


def find_best_threshold(mixing: ReadoutTransitions, *, spread: float) -> float:
    """Return the best threshold for prepared states, where the densities of |0> and |1> are equal."""
    in_one_0, between_0 = mixing.weights(0.0)
    in_one_1, between_1 = mixing.weights(1.0)
    more_one, more_between = in_one_1 - in_one_0, between_1 - between_0
    root, density = spread * math.sqrt(2), spread * math.sqrt(2 * math.pi)

    def excess_of_zero(cut: float) -> tuple[float, float]:
        """Return by how much |0> is denser at `cut`, and the derivative."""
        to_zero, to_one = cut / root, (cut - 1) / root
        zero, one = math.exp(-(to_zero**2)) / density, math.exp(-(to_one**2)) / density
        between = (math.erf(to_zero) - math.erf(to_one)) / 2
        steeper = more_one * one * (cut - 1) - (more_one + more_between) * zero * cut
        return (
            (more_one + more_between) * zero - more_one * one - more_between * between,
            steeper / spread**2 - more_between * (zero - one),
        )

    # Beyond the centres both densities of narrow clouds vanish, so the interval between the centres is tried first.
    if excess_of_zero(0.0)[0] <= 0:
        low, high = -1.0, 0.0
    else:
        low, high = (0.0, 1.0) if excess_of_zero(1.0)[0] <= 0 else (1.0, 2.0)
    if excess_of_zero(low)[0] <= 0:
        return low
    if excess_of_zero(high)[0] > 0:
        return high
    return _find_fall(excess_of_zero, low, high)


def _find_fall(function: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    """Return where a function becomes negative, from its values and derivatives.

    It takes steps of Newton's method, and halves the interval where these do not become small fast: scipy takes too
    long to import.
    """
    place, last_step = (low + high) / 2, high - low
    while True:
        value, slope = function(place)
        low, high = (place, high) if value > 0 else (low, place)
        step = -value / slope if slope else math.inf
        if abs(step) > abs(last_step) / 2 or not low <= place + step <= high:
            step = (low + high) / 2 - place
        place, last_step = place + step, step
        if abs(step) < _THRESHOLD_TOLERANCE:
            return place


def find_best_amplitude(
    readout: Readout, *, spread: Callable[[float], float], excited_0: float, excited_1: float
) -> float:
    """Return the readout amplitude with the highest average fidelity of prepared states.

    `spread` is the noise over the separation as a function of the amplitude; the populations are as in
    `ReadoutTransitions.errors`.
    """
    from scipy.optimize import minimize_scalar

    def errors(factor: float) -> float:
        amplitude = readout.amplitude * math.exp(factor)
        return sum(
            readout.transitions_at(amplitude).errors(
                spread=spread(amplitude), excited_0=excited_0, excited_1=excited_1
            )
        )

    bounds = (-_LARGEST_LOG_RATIO, _LARGEST_LOG_RATIO)
    found = minimize_scalar(errors, bounds=bounds, method="bounded", options={"xatol": _LOG_RATIO_TOLERANCE})
    return readout.amplitude * math.exp(float(found.x))


@dataclass(frozen=True, slots=True)
class ReadoutDraw:
    """Readout parameters that a table does not contain.

    Attributes
    ----------
    overlap_share
        Share of the smaller error that is due to overlapping clouds.
    decay_share
        Probability of a decay during the integration, divided by p(0|1); about half of these shots are read as 0.
    residual_share
        Largest share of the smaller error that may be due to an imperfect reset.
    """

    overlap_share: float
    decay_share: float
    residual_share: float = 0.25


def reproduce_confusion(
    *,
    p_meas1_prep0: float,
    p_meas0_prep1: float,
    t1_us: float,
    readout_length_us: float,
    residual: float,
    drawn: ReadoutDraw,
    resonator: Resonator,
    amplitude: float,
) -> tuple[Readout, float]:
    """Return the readout whose best threshold gives a published confusion matrix.

    Published errors are those of prepared states, taken as an active reset and a perfect pulse: overlap, decay, reset
    and induced transitions add up to them. An X180 adds about 2e to p(0|1) for an X90 of error e, below 1e-3 for most
    qubits of the tables and up to 0.1 for a nearly faulty drive. The shares are drawn, and the induced transitions
    follow by iteration from both errors.

    Also returns the excited population after an active reset: `residual`, or less if the table leaves no room. Raises
    `ArithmeticError` if no readout has these errors.
    """
    separation = resonator.best_separation * amplitude
    smaller = min(p_meas1_prep0, p_meas0_prep1)
    if p_meas1_prep0 + p_meas0_prep1 > DEAD_READOUT:
        blind = Readout(min(1.0, readout_length_us), 0.0, 0.0, 0.0, 0.25 * separation, 0.0, amplitude)
        return blind, residual
    residual = min(residual, drawn.residual_share * smaller)
    # The integration is not longer than the published readout.
    decay = min(drawn.decay_share * p_meas0_prep1, -math.expm1(-readout_length_us / t1_us))
    overlap = drawn.overlap_share * smaller
    for _ in range(60):
        spread = -0.5 / _NORMAL.inv_cdf(overlap)
        mixing = _solve_transitions(
            p_meas1_prep0, p_meas0_prep1, decay=decay, residual=residual, spread=spread
        )
        if mixing is not None:
            break
        # Decay moves the threshold towards |0>, so very unequal errors allow only a little decay and overlap.
        overlap, decay, residual = overlap * 0.7, decay * 0.7, residual * 0.9
    else:
        raise ArithmeticError(f"no readout has p(1|0) = {p_meas1_prep0} and p(0|1) = {p_meas0_prep1}")
    integration = -t1_us * math.log1p(-decay)
    noise = spread * separation
    return Readout(integration, decay, mixing.excite, mixing.relax, noise, separation, amplitude), residual


def _solve_transitions(
    p_meas1_prep0: float, p_meas0_prep1: float, *, decay: float, residual: float, spread: float
) -> ReadoutTransitions | None:
    """Return the induced transition probabilities, or None if one would be negative."""
    # Errors a, b of actual states from those of prepared ones, with the residual r: p(1|0) = (1 - r) a + r (1 - b), and
    # p(0|1) with a and b exchanged.
    sum_of_errors = (p_meas1_prep0 + p_meas0_prep1 - 2 * residual) / (1 - 2 * residual)
    difference = p_meas1_prep0 - p_meas0_prep1
    error_0, error_1 = (sum_of_errors + difference) / 2, (sum_of_errors - difference) / 2
    mixing = ReadoutTransitions(decay=decay, excite=error_0, relax=max(error_1 - decay / 2, 0.0))
    for _ in range(30):
        cut = find_best_threshold(mixing, spread=spread)
        zero_above, one_below = _NORMAL.cdf(-cut / spread), _NORMAL.cdf((cut - 1) / spread)
        stays_below = (1 - decay) * one_below + decay * _integrate_decays(cut, spread)
        excite = (error_0 - zero_above) / (1 - one_below - zero_above)
        relax = (error_1 - stays_below) / (1 - zero_above - stays_below)
        if excite < 0 or relax < 0:
            return None
        settled = abs(excite - mixing.excite) + abs(relax - mixing.relax) < 1e-13
        mixing = replace(mixing, excite=excite, relax=relax)
        if settled:
            break
    return mixing


def _integrate_decays(cut: float, spread: float) -> float:
    """Return the share below `cut` of points spread evenly between both centres, with Gaussian noise."""

    def integral(u: float) -> float:
        return u * _NORMAL.cdf(u) + _NORMAL.pdf(u)

    return spread * (integral(cut / spread) - integral((cut - 1) / spread))
