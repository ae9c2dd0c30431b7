"""Search for the DRAG optimum in successively smaller windows, with more and more pairs of opposite pulses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.figure_layout import quantity
from qdash_tasks.figures.plots import curve, figure, points
from qdash_tasks.laboratory.requests import DragScan, PulseTrain
from qdash_tasks.programs.cached_fits import fit_drag
from qdash_tasks.programs.convergence import Correction, require_converged
from qdash_tasks.programs.estimates import require_success, treat_as_undetermined
from qdash_tasks.programs.measurement_calls import measure_traces
from qdash_tasks.programs.projection import project_signals
from qdash_tasks.programs.raw_arrays import AnswerArrays
from qdash_tasks.programs.third_level import USUAL_ANHARMONICITY_GHZ

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import Estimate, FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import Pulse
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.projection import Signal
    from qdash_tasks.programs.pulse_trains import Rotation

_NAMES = ("fewer", "more")
POLES = "poles"
"""Name of the trains beside a sweep that locate |0> and |1>."""
_COARSE_POINTS, _FINE_POINTS = 25, 21
_WIDEST = 4.0
"""Half of the first window, in units of the coefficient expected from the design's anharmonicity: its sign is
unknown.
"""
_COARSE_PHASE, _FINE_PHASE = 2.5, 2.2
"""Phase in rad between the middle and the end of a window, for the longer sequence."""
_FEWEST_PAIRS = 2
_FEWER = 0.6
_CENTRED = 0.6
"""Largest accepted distance of an optimum from the middle, in units of half the window."""
_INSIDE = 0.8
"""The same limit in the analysis, whose fit differs slightly from that of the search."""
_MOST_ROUNDS = 8
_MORE_SHOTS = 4


@dataclass(frozen=True, slots=True)
class BetaWindow:
    """Search window of the optimum, with its number of pulse pairs."""

    centre_ns: float
    half_ns: float
    pairs: int

    @property
    def both_pairs(self) -> tuple[int, int]:
        """Both measured numbers of pairs, without a common divisor.

        Off resonance, a pair may return the qubit after some numbers of pairs, but not after both.
        """
        fewer = max(round(_FEWER * self.pairs), 1)
        while math.gcd(fewer, self.pairs) > 1:
            fewer += 1
        return fewer, self.pairs


def estimate_beta_ns(anharmonicity_ghz: float | None) -> float:
    """Return the magnitude of the coefficient expected from an anharmonicity; None stands for a usual one."""
    return 1 / (4 * math.pi * abs(anharmonicity_ghz or USUAL_ANHARMONICITY_GHZ))


def find_beta(
    rotation: Rotation, pulse: Pulse, expected_ns: float, shots: int, *, known: bool
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[BetaWindow, Estimate | None]]:
    """Search in successively smaller windows; a `known` optimum needs no wide window.

    The first window is wide and covers either sign, the next contains only the optimum, with as many pairs as still
    show it. Fewer pairs follow if many show nothing, four times the shots if the wide window does not. Returns the last
    window, and its optimum or None.
    """
    most, most_shots = rotation.most_pairs, _MORE_SHOTS * shots
    wide = _make_first_window(rotation, pulse, expected_ns)
    wanted = _make_closer_window(rotation, pulse, pulse.beta_ns, most) if known else wide
    for _ in range(_MOST_ROUNDS):
        window = wanted
        found = yield from _measure_optimum(window, rotation, pulse, shots)
        if found is None and window == wide:
            if shots >= most_shots:
                break
            shots = most_shots
        elif found is None:
            most = max(most // 2, _FEWEST_PAIRS)
            wanted = wide
        elif abs(found.value - window.centre_ns) <= _CENTRED * window.half_ns and window.pairs >= most:
            break
        else:
            # Too far from the middle, or measured with too few pairs.
            wanted = _make_closer_window(rotation, pulse, found.value, max(most, window.pairs))
    return window, found


def fit_pairs(raw: RawData) -> tuple[tuple[Signal, ...], FitResult]:
    """Fit both traces, with the noise at the mean of a few neighbours; raise `AnalysisError` without an optimum."""
    with treat_as_undetermined():  # pulses that need no correction give a flat curve, too
        found = project_signals(raw, _NAMES, x_name="beta")
        y, sigma = (np.stack([getattr(one, name) for one in found]) for name in ("y", "sigma"))
        fit = fit_drag(found[0].x, y, repetitions=raw.attributes["pairs"], sigma=sigma)
        return found, require_success(fit)


def require_optimum_inside(raw: RawData, beta_ns: float) -> None:
    """Raise `AnalysisError` unless the optimum lies well inside the last window."""
    betas = raw["more_beta"]
    half_ns = float(np.ptp(betas)) / 2
    off_ns = beta_ns - float(betas.min()) - half_ns
    beside = Correction(
        name="the middle of the last window",
        value=off_ns,
        error=None,
        unit="ns",
        negligible=_INSIDE * half_ns,
    )
    require_converged(
        [beside], advice="the frequency, with CheckQubitFrequency, and the amplitude of the pulse"
    )


def require_return_to_ground(raw: RawData, beta_ns: float, rotation: Rotation) -> None:
    """Raise `AnalysisError` unless pairs at the optimum return the qubit to |0> better than others.

    Pulses in the same call (or, in older raw data, those of the train) give the direction of |1>. Far off resonance an
    apparent optimum is where the pairs excite the qubit most.
    """
    name = POLES if f"{POLES}_iq" in raw.arrays else "ground"
    counts, iq = raw[f"{name}_pulses"], raw[f"{name}_iq"]
    up = complex(iq[counts == _count_half_turns(rotation)][0] - iq[counts == 0][0])
    near = np.abs(raw["more_beta"] - beta_ns) < np.ptp(raw["more_beta"]) / 4
    away = complex(raw["more_iq"][~near].mean() - raw["more_iq"][near].mean())
    if (away * up.conjugate()).real <= 0:
        raise AnalysisError(
            f"pairs of pulses excite the qubit most at {quantity(f'{beta_ns:.3g}', 'ns')} instead of returning it to |0>: the drive is not "
            "on resonance. Calibrate the frequency first"
        )


def draw_pairs(raw: RawData, beta_ns: float) -> dict[str, Any]:
    """Draw signal against the DRAG coefficient, for both numbers of pairs."""
    found, fit = fit_pairs(raw)
    data = []
    for row, (pairs, signal) in enumerate(zip(raw.attributes["pairs"], found, strict=True)):
        data += [points(f"{pairs} pulse pairs", signal), curve("Fit", _predict_row(fit, row), signal.x)]
    title = f"DRAG coefficient {quantity(f'{beta_ns:.4g}', 'ns')}"
    return figure(title, "DRAG coefficient (ns)", "Signal (a.u.)", data)


def _count_half_turns(rotation: Rotation) -> int:
    """Return the number of pulses that excite a qubit from |0> to |1>."""
    return round(math.pi / rotation.angle_rad)


def _measure_optimum(
    window: BetaWindow, rotation: Rotation, pulse: Pulse, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], Estimate | None]:
    """Measure both numbers of pairs in one call; return None if they do not show the optimum."""
    size = _COARSE_POINTS if window.centre_ns == 0.0 else _FINE_POINTS
    betas = window.centre_ns + window.half_ns * np.linspace(-1, 1, size)
    scans = (DragScan(betas, pulse, pairs) for pairs in window.both_pairs)
    poles = PulseTrain(np.array([0.0, _count_half_turns(rotation)]), pulse)
    requests = {POLES: poles, **dict(zip(_NAMES, scans, strict=True))}
    found = yield from measure_traces(requests, shots)
    recording = AnswerArrays()
    for name, request in requests.items():
        recording.add(name, request, found[name])
    try:
        return fit_pairs(recording.make_raw_data({"pairs": list(window.both_pairs)}))[1].parameters["beta"]
    except AnalysisError:
        return None


def _make_first_window(rotation: Rotation, pulse: Pulse, expected_ns: float) -> BetaWindow:
    """Return the first window, wide enough for an optimum of either sign."""
    half_ns = _WIDEST * expected_ns
    pairs = max(round(_COARSE_PHASE / (_compute_turn_per_pair(rotation, pulse) * half_ns)), _FEWEST_PAIRS)
    return BetaWindow(0.0, half_ns, pairs)


def _make_closer_window(rotation: Rotation, pulse: Pulse, centre_ns: float, pairs: int) -> BetaWindow:
    return BetaWindow(centre_ns, _FINE_PHASE / (_compute_turn_per_pair(rotation, pulse) * pairs), pairs)


def _compute_turn_per_pair(rotation: Rotation, pulse: Pulse) -> float:
    """Return the rotation per pair and per ns of coefficient error in rad/ns, to about ten percent.

    The phase of one pulse is half the integral of its squared rate, 3 angle^2 / (2 length); its moving axis leaves two
    thirds.
    """
    return 2 * rotation.angle_rad**2 / pulse.length_ns


def _predict_row(fit: FitResult, row: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the fitted curve of one trace."""
    return lambda x: np.asarray(fit.predict(x)[row])
