"""Qubit spectroscopy: one line, or several, on a drifting background."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import (
    FALSE_ALARM,
    UNDERESTIMATED,
    build_sloped_basis,
    compute_basis_chi2,
    compute_false_alarm,
    compute_r_squared,
    compute_reduced_chi2,
    may_pass,
    require_description,
    require_signal,
)
from qdash_analysis.inputs import Floats, Trace, validate_trace
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import fit_linear
from qdash_analysis.lines import Search, build_templates, build_templates_beside, coarsen
from qdash_analysis.residuals import compute_inflation
from qdash_analysis.result import Estimate, FitResult, NoEffect, NoSignal, return_rejection
from qdash_analysis.solution import compute_noise_scale

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from qdash_analysis.solution import Solution

_AT_LEAST = 10
_MOST_LINES = 4
_UNDETERMINED = 0.5
_BROAD = 0.5
_EDGE = 0.5
_AT_EDGE = 0.1
"""Distance from the edge of the window, in windows, within which a start is doubted."""
_PROMISING = 11.0
"""Gain in chi² of the best template from which a line is fitted: half of the significant gain."""
_ONLY_POINTS = "only single points show a line, which smaller steps could resolve: x = "
_ALIKE = 0.75
"""Ratio of heights from which a line is not weaker than the main one, whatever the shapes."""
_COMPARABLE = 0.4
"""Ratio of heights from which a line is not weaker if the shapes are those of humps."""
_NEAR = 10.0
"""Distance, in widths, within which two lines are humps of one."""
_SMOOTH = 5.0
"""Distance, in widths, within which the humps of a smooth pulse lie."""
_BEYOND_LINEAR = 2.0
"""Factor by which a fit of a split line may improve chi² more than the linear terms of the second part do."""
_DOUBTFUL = 0.01
"""Accepted share of single lines whose error includes that they may be two."""
_AS_GOOD = 6.0
"""Allowed gain of chi² by two Lorentzians over one Gaussian with three parameters less: two deviations of
chance.
"""


@dataclass(frozen=True, slots=True)
class LinesBasis:
    """Lines of height one, an offset and a slope; theta = (centre, log FWHM) of each line, in window units.

    Lorentzians, or `gaussian` for a qubit whose frequency fluctuates.
    """

    middle: float
    span: float
    gaussian: bool = False

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        place = (x - self.middle) / self.span
        half_width = np.exp(np.minimum(np.maximum(theta[..., 1::2, None], -12.0), 3.0)) / 2
        squares = ((place - theta[..., ::2, None]) / half_width) ** 2
        found = np.empty((*squares.shape[:-2], squares.shape[-2] + 2, x.size))
        found[..., :-2, :] = np.exp2(-squares) if self.gaussian else 1 / (1 + squares)
        found[..., -2, :], found[..., -1, :] = 1.0, place
        return found.swapaxes(-1, -2)


@dataclass(frozen=True, slots=True)
class Line:
    """Line of a fit, in the units of the trace; `place` is its index in theta."""

    place: int
    frequency: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class FoundLines:
    """Lines of a trace, and a solution with one more line if the shape of a line requires it."""

    solution: Solution
    split: Solution | None


@return_rejection
def fit_qubit_spectroscopy(
    x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike | None = None, several: bool = False
) -> FitResult:
    """Fit the line of a qubit.

    Model: Lorentzians (the steady state of a driven two-level system, power broadening included; Abragam, Principles of
    Nuclear Magnetism, ch. III) on an offset and a slope, peaks or dips. Neighbours, f02/2 or a second tone add lines of
    their own: up to four are fitted together, so that they do not pull the main one, which is the highest. A line of a
    single point is a bad point: it is left out, and named in the message. Two lines side by side of similar height, or
    with the shapes of the humps of one pulse, are refused, because neither is known to be the qubit's: a pulse of a
    whole turn has such humps, and so has a qubit with two frequencies. If two unresolved lines describe the main one
    better than one, Lorentzian or Gaussian, the errors include the distance of the stronger of them. Two lines closer
    than half their width look like one, and can be separated only at high contrast.

    Parameters
    ----------
    x
        Drive frequency in GHz, shape ``(n,)``, ascending, at least 10.
    y
        Signal, shape ``(n,)``, any unit.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(n,)``. Without it the scatter about the fit gives the errors.
    several
        Whether lines of similar height may be those of several qubits, which the caller tells apart. The highest is then
        the main one.

    Returns
    -------
    FitResult
        With `frequency` in GHz and `linewidth` (FWHM) in MHz of the main line, and `second_frequency` in GHz if a
        second line is significant. Errors are those of the least-squares covariance, scaled by the root of the reduced
        chi² where that is significantly above one. Rejected: flat or pure noise, no line inside the window, a line too
        broad for the window, a trace that the model does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` does not ascend or `sigma` is not positive.
    """
    trace = validate_trace(x, y, sigma, at_least=_AT_LEAST)
    require_signal(trace, effect="line")
    full = trace
    trace, found, left_out = _fit_lines_without_bad_points(trace)
    solution = found.solution
    inside = [line for line in _list_lines(trace, solution) if _is_inside(trace, solution, line)]
    narrow = [line for line in inside if line.width < _BROAD * trace.span]
    highest = sorted(narrow, key=lambda line: -abs(line.height))
    if highest and not several:
        _refuse_humps(full, trace, solution, [*highest, *left_out])
    require_description(
        compute_basis_chi2(build_sloped_basis(trace.x), trace), solution, sigma_known=trace.sigma_known
    )
    if not highest:
        raise NoEffect(
            "no line inside the window: "
            + ("too broad for it" if inside else "its centre lies at the edge or outside")
        )
    main, *others = highest
    parameters = _derive_estimates(trace, found, main)
    message = f"line at {main.frequency:.6g}\N{NO-BREAK SPACE}GHz"
    if others:
        error = solution.theta_error(2 * others[0].place) * trace.span
        parameters["second_frequency"] = Estimate(others[0].frequency, error, "GHz")
        message += f", a second one at {others[0].frequency:.6g}\N{NO-BREAK SPACE}GHz"
    message += f"; left out as outliers: x = {_list_places(left_out)}" if left_out else ""
    return FitResult(
        success=True,
        message=message + _name_excess(solution),
        parameters=parameters,
        r2=compute_r_squared(trace, solution),
        reduced_chi2=compute_reduced_chi2(trace, solution),
        model=solution.predict,
    )


def _name_excess(solution: Solution) -> str:
    """Return the part of the message about scatter far beyond the stated noise, empty without it."""
    if not solution.sigma_known:
        return ""
    excess = compute_noise_scale(solution.chi2, solution.dof, sigma_known=True)
    if excess <= UNDERESTIMATED**2:
        return ""
    return (
        f"; the scatter is {excess**0.5:.2g} times sigma: sigma is too small, or the line has another shape"
    )


def _refuse_humps(full: Trace, trace: Trace, solution: Solution, lines: list[Line]) -> None:
    """Raise `NoEffect` if another line beside the first, main one is a hump like it.

    A pulse of 2 pi leaves the qubit in |0> on resonance and excites it on both sides (Rabi, Phys. Rev. 51, 652 (1937));
    a qubit with two frequencies has two lines. Humps rise about as high above the background, or have not the shapes of
    two lines. Two lines without a point between them are one that is narrower than the steps.

    The main one of `lines` is the first; those of single points are last. Heights are those of the points, since a fit
    does not determine those of lines as narrow as the steps.
    """
    rise = full.y - solution.basis(full.x, solution.theta)[:, -2:] @ solution.coefficients[-2:]

    def find_nearest(line: Line) -> int:
        return int(np.abs(full.x - line.frequency).argmin())

    def measure_height(line: Line) -> float:
        away = np.abs(full.x - line.frequency)
        near = away <= max(line.width / 2, float(away.min()))
        return float(np.max(np.copysign(rise[near], line.height * rise[near])))

    main, *others = lines
    for other in others:
        apart = abs(other.frequency - main.frequency)
        if apart > _NEAR * max((main.width + other.width) / 2, full.step) or other.height * main.height < 0:
            continue
        low, high = sorted((measure_height(main), measure_height(other)))
        if low <= _COMPARABLE * high:
            continue
        alike = low > _ALIKE * high
        if abs(find_nearest(main) - find_nearest(other)) < 2:
            if alike:
                raise NoEffect(_ONLY_POINTS + _list_places([main, other]))
            continue
        first, second = sorted((main.frequency, other.frequency))
        smooth = apart < _SMOOTH * (main.width + other.width) / 2
        if alike or _are_of_one_pulse(trace, solution, first, second, smooth=smooth):
            raise NoEffect(
                f"two humps{' of similar height' if alike else ''}, at {first:.6g} and {second:.6g}\N{NO-BREAK SPACE}GHz: "
                "the pulse turns the qubit by about a whole turn (weaken or shorten it), or the qubit has two frequencies "
                "(charge parity, a defect)"
            )


def _are_of_one_pulse(trace: Trace, solution: Solution, first: float, second: float, *, smooth: bool) -> bool:
    """Return whether the humps of one pulse explain the trace better than Lorentzians do.

    Humps of a `smooth` pulse fall as fast as Gaussians. The criterion is that of Schwarz (Annals of Statistics 6, 461
    (1978)).
    """
    from qdash_analysis.rabi_line import fit_rabi_line

    assert isinstance(solution.basis, LinesBasis)
    pulses = [fit_rabi_line(trace, first, second, rival=solution)]
    if smooth:
        pulses.append(solve(replace(solution.basis, gaussian=True), trace, solution.theta, rival=solution))
    price = float(np.log(trace.x.size)) * min(one.variance for one in (solution, *pulses))
    return any(
        one.chi2 + price * one.parameters < solution.chi2 + price * solution.parameters for one in pulses
    )


def _is_inside(trace: Trace, solution: Solution, line: Line) -> bool:
    """Return whether both sides of the line are visible: a flank at the edge does not determine the centre."""
    to_edge = min(line.frequency - trace.x[0], trace.x[-1] - line.frequency)
    return bool(to_edge > max(_EDGE * line.width, 2 * solution.theta_error(2 * line.place) * trace.span))


def _derive_estimates(trace: Trace, found: FoundLines, line: Line) -> dict[str, Estimate]:
    solution = found.solution
    moved, widened = _estimate_shape_doubt(trace, found, line)
    frequency_error = float(np.hypot(solution.theta_error(2 * line.place) * trace.span, moved))
    width_error = float(np.hypot(solution.theta_error(2 * line.place + 1) * line.width, widened))
    if frequency_error > _UNDETERMINED * line.width:
        raise NoEffect(
            f"line at {line.frequency:.6g}\N{NO-BREAK SPACE}GHz not determined: ± {1e3 * frequency_error:.2g}\N{NO-BREAK SPACE}MHz"
        )
    if width_error > _UNDETERMINED * line.width:
        raise NoEffect(f"width of the line at {line.frequency:.6g}\N{NO-BREAK SPACE}GHz not determined")
    return {
        "frequency": Estimate(line.frequency, frequency_error, "GHz"),
        "linewidth": Estimate(1e3 * line.width, 1e3 * width_error, "MHz"),
    }


def _estimate_shape_doubt(trace: Trace, found: FoundLines, line: Line) -> tuple[float, float]:
    """Return the shift of the line, and the change of its width, if it were two unresolved lines."""
    if found.split is None:
        return 0.0, 0.0
    parts = [
        part
        for part in _list_lines(trace, found.split)
        if abs(part.frequency - line.frequency) < line.width
        and part.height * line.height > 0
        and part.width > trace.step
    ]
    if len(parts) < 2:
        return 0.0, 0.0
    main = max(parts, key=lambda part: abs(part.height))
    return abs(main.frequency - line.frequency), abs(main.width - line.width)


def _fit_lines_without_bad_points(trace: Trace) -> tuple[Trace, FoundLines, list[Line]]:
    """Fit; repeat without points that alone look like lines (at most a tenth), whose lines are returned last."""
    left_out: list[Line] = []
    most = max(1, trace.x.size // 10)
    while True:
        try:
            found = _fit_lines(trace)
        except NoEffect:
            if left_out:
                raise NoEffect(_ONLY_POINTS + _list_places(left_out)) from None
            raise
        spikes = [line for line in _list_lines(trace, found.solution) if line.width < trace.step / 2]
        if not spikes:
            return trace, found, left_out
        worst = max(spikes, key=lambda line: abs(line.height))
        if len(left_out) == most:
            raise NoEffect(_ONLY_POINTS + _list_places([*left_out, worst]))
        nearest = np.abs(trace.x - worst.frequency).argmin()
        left_out.append(replace(worst, frequency=float(trace.x[nearest])))
        trace = trace.select(np.arange(trace.x.size) != nearest)


def _list_places(lines: list[Line]) -> str:
    return ", ".join(f"{line.frequency:.6g}" for line in lines)


def _fit_lines(trace: Trace) -> FoundLines:
    """Add lines while each is significant and separate; drop weak ones if noise is correlated."""
    basis = LinesBasis(float(trace.x[0] + trace.span / 2), trace.span)
    residuals = fit_linear(build_sloped_basis(trace.x), trace)[1]
    chi2 = [float(residuals @ residuals)]
    found: list[Solution] = []
    split = None
    seek = _build_seeker(basis, trace)
    for _ in range(_MOST_LINES):
        starts, gain = seek(residuals)
        if found and gain < _PROMISING * found[-1].chi2 / found[-1].dof:
            break
        known = [solution.theta for solution in found[-1:]]
        trials = (solve(basis, trace, np.concatenate([*known, start])) for start in starts)
        more = min(trials, key=lambda solution: solution.chi2)
        if not _is_seen(trace, chi2[-1], more):
            if not found:
                _refuse_pair(basis, trace, chi2[0], more, seek(more.residuals)[0])
            break
        if not _is_separate(_list_lines(trace, more)):
            split = more
            break
        found.append(more)
        residuals = more.residuals
        chi2.append(more.chi2)
    if not found:
        raise NoSignal("no line above the noise")
    correlated = compute_inflation(residuals)
    for before, solution in zip(chi2[-2::-1], found[::-1], strict=True):
        if correlated == 1 or _is_seen(trace, before, solution, correlated):
            return FoundLines(solution, _split_line(basis, trace, solution) or split)
    require_description(chi2[0], found[-1], sigma_known=trace.sigma_known)
    raise NoSignal("no line above the correlated noise")


def _refuse_pair(
    basis: LinesBasis, trace: Trace, null_chi2: float, line: Solution, starts: list[Floats]
) -> None:
    """Raise `NoEffect` if a line that is not seen alone is seen together with a second one of similar height."""
    trials = (solve(basis, trace, np.append(line.theta, start)) for start in starts)
    pair = min(trials, key=lambda solution: solution.chi2)
    lines = [line for line in _list_lines(trace, pair) if _is_inside(trace, pair, line)]
    if len(lines) == 2 and _is_seen(trace, null_chi2, pair, lines=2):
        _refuse_humps(trace, trace, pair, lines)


def _split_line(basis: LinesBasis, trace: Trace, solution: Solution) -> Solution | None:
    """Split the highest line in two; return None if the data prefer one line, Gaussian or not."""
    highest = int(np.abs(solution.coefficients[: solution.theta.size // 2]).argmax())
    centre, log_width = solution.theta[2 * highest : 2 * highest + 2]
    lines = basis(trace.x, build_templates_beside(centre, log_width))[..., 0] / trace.sigma
    search = Search.build(lines, solution.directions)
    gain = float(search.compute_gains(search.remove_background(solution.residuals[None])).max())
    if not may_pass(solution, _BEYOND_LINEAR * gain, extra=3, trials=1, accepted=_DOUBTFUL):
        return None
    start = np.append(solution.theta, [centre + 0.3 * np.exp(log_width), log_width - 0.3])
    start[2 * highest : 2 * highest + 2] = centre - 0.3 * np.exp(log_width), log_width - 0.3
    more = solve(basis, trace, start)
    # Its position is known, so there is one trial; and a doubt is cheap: it widens an error.
    correlated = more.inflation
    doubt = compute_false_alarm(
        solution.chi2, more, extra=3, trials=1, sigma_known=trace.sigma_known, correlated=correlated
    )
    if doubt > _DOUBTFUL:
        return None
    single = solve(replace(basis, gaussian=True), trace, solution.theta)
    return None if single.chi2 <= more.chi2 + _AS_GOOD * more.variance else more


def _is_seen(
    trace: Trace, null_chi2: float, solution: Solution, correlated: float = 1.0, *, lines: int = 1
) -> bool:
    """Return whether the last `lines` of `solution` are significant compared with chi² `null_chi2` without them."""
    trials = (trace.x.size / 2) ** lines
    known = trace.sigma_known
    doubt = compute_false_alarm(
        null_chi2, solution, extra=3 * lines, trials=trials, sigma_known=known, correlated=correlated
    )
    return doubt <= FALSE_ALARM


def _build_seeker(basis: LinesBasis, trace: Trace) -> Callable[[Floats], tuple[list[Floats], float]]:
    """Return a function that finds start values of the best line in residuals, with the approximate gain in chi².

    If that line has its centre at an edge, the best one away from the edges is a second start.
    """
    x, (weight,) = coarsen(trace.x, 1 / trace.sigma)
    theta = (build_templates(x) - np.array([basis.middle, 0.0])) / basis.span
    place = (x - basis.middle) / basis.span
    shapes = weight / (1 + ((place - theta[:, :1]) / (theta[:, 1:] / 2)) ** 2)
    search = Search.build(shapes, np.linalg.qr(build_sloped_basis(x) * weight[:, None])[0])

    inside = np.abs(theta[:, 0]) < 0.5 - _AT_EDGE

    def find_strongest(residuals: Floats) -> tuple[list[Floats], float]:
        found = search.compute_gains(search.remove_background(coarsen(trace.x, residuals)[1][0][None]))[0]
        best = int(found.argmax())
        places = [best] if inside[best] else [best, int(np.where(inside, found, -np.inf).argmax())]
        starts = [np.array([theta[place, 0], np.log(theta[place, 1])]) for place in places]
        return starts, float(found[best]) * trace.x.size / x.size

    return find_strongest


def _list_lines(trace: Trace, solution: Solution) -> list[Line]:
    middle = trace.x[0] + trace.span / 2
    centres = middle + trace.span * solution.theta[::2]
    widths = trace.span * np.exp(np.clip(solution.theta[1::2], -12.0, 3.0))
    rows = zip(centres, widths, solution.coefficients[: centres.size], strict=True)
    return [
        Line(place, float(f), float(width), float(height)) for place, (f, width, height) in enumerate(rows)
    ]


def _is_separate(lines: list[Line]) -> bool:
    """Return whether the last line is separate instead of a correction to the shape of another."""
    *others, last = lines
    return all(abs(last.frequency - line.frequency) > (last.width + line.width) / 2 for line in others)
