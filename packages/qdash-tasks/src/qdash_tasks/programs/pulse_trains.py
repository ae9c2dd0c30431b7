"""Pulse trains: choice, measurement and fit, for all tasks that calibrate or check a pulse."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.figure_layout import quantity
from qdash_tasks.figures.plots import figure, points, scatter
from qdash_tasks.laboratory.requests import PulseTrain
from qdash_tasks.programs.cached_fits import fit_pulse_train
from qdash_tasks.programs.convergence import Correction, has_converged, require_converged
from qdash_tasks.programs.estimates import require_success
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_traces
from qdash_tasks.programs.projection import Signal, fit_signal, project_signals
from qdash_tasks.programs.raw_arrays import AnswerArrays
from qdash_tasks.programs.strongest_drive import make_line_attributes, require_playable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.figures.plots import Drawn
    from qdash_tasks.laboratory.limits import LineLimits
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import Pulse
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.programs.measurement_calls import MeasurementCall

Start = Literal["ground", "superposition"]
_START_TEXTS: dict[Start, str] = {"ground": "from the ground state", "superposition": "after an X90"}
_TITLE_WORDS = {"drag": "DRAG", "hpi": "π/2-pulse", "pi": "π-pulse"}
"""Words of a figure title for parts of an output name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Intended rotation of a pulse, and the pulse numbers that test it.

    Attributes
    ----------
    name
        Name of the pulse in those of inputs and outputs.
    starts
        Start states of its trains: |0> for π/2 pulses; for π pulses |0>, which shows the contrast, and after an X90,
        which shows the error with its sign.
    longest_train
        Pulses of the longest train: a further one would gain less than decay costs at an error of 1e-2 per pulse.
    most_pairs
        Most pairs of opposite pulses in a search for the DRAG coefficient.
    """

    name: str
    symbol: str
    angle_rad: float
    starts: tuple[Start, ...]
    longest_train: int
    most_pairs: int

    @property
    def fit_axes(self) -> tuple[str, ...]:
        """Arrays with the numbers of pulses of its trains."""
        return tuple(f"{start}_pulses" for start in self.starts)

    def choose_pulse(self, settings: Settings, *, drag: bool) -> Pulse:
        """Return the pulse in use."""
        half = self.name == "hpi"
        if drag:
            return settings.x90 if half else settings.x180
        return settings.plain_x90 if half else settings.plain_x180

    def declare_trains(self, train: str) -> dict[str, MeasurementDeclaration]:
        """Declare the traces of its trains."""
        return {
            start: MeasurementDeclaration(PulseTrain, f"{train} {_START_TEXTS[start]}")
            for start in self.starts
        }


HALF_PI = Rotation(
    name="hpi", symbol="π/2", angle_rad=math.pi / 2, starts=("ground",), longest_train=40, most_pairs=36
)
PI = Rotation(
    name="pi",
    symbol="π",
    angle_rad=math.pi,
    starts=("ground", "superposition"),
    longest_train=24,
    most_pairs=18,
)
SHORT_TRAIN = 8

_HEAD = 5
_TAIL = 12
_MOST_ROUNDS = 8
_MORE_SHOTS = 4
_FEWEST_TURNS = 1.6
_FEWEST_ALIVE, _ALIKE, _CLEARLY = 4, 0.07, 5.0
_SYSTEMATIC_RAD = 2e-5
"""Systematic error of the angle from leakage and level shifts, found numerically; 1e-5 is typical."""


def measure_train(
    rotation: Rotation, pulse: Pulse, longest: int, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], FitResult | None]:
    """Measure trains of up to `longest` pulses, all starts in one call, and fit them.

    Returns None if the data do not show the effect.
    """
    requests: dict[str, PulseTrain] = {
        start: PulseTrain(counts, pulse, start) for start, counts in _choose_counts(rotation, longest).items()
    }
    found = yield from measure_traces(requests, shots)
    recording = AnswerArrays()
    for name, request in requests.items():
        recording.add(name, request, found[name])
    try:
        joined, fit = _join_trains(recording.make_raw_data({}), rotation)
    except AnalysisError:
        return None
    fitted = fit(joined.x, joined.y, sigma=joined.sigma)
    return fitted if fitted.success else None


def measure_longest_train(
    rotation: Rotation, pulse: Pulse, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], None]:
    """Measure the longest train of a pulse, and a short one if that gives no result."""
    for longest in (rotation.longest_train, SHORT_TRAIN):
        fit = yield from measure_train(rotation, pulse, longest, shots)
        if fit is not None:
            return


def calibrate_amplitude(
    rotation: Rotation, pulse: Pulse, line: LineLimits, shots: int, *, known: bool
) -> Generator[MeasurementCall, Mapping[str, Answer], Pulse]:
    """Correct the amplitude with trains of growing length, until the longest needs no correction.

    Returns the pulse of the last train. A `known` pulse starts with the longest train. If a long train gives no result,
    half its length becomes the longest; if a short one does not, the shots are increased fourfold.
    """
    angle, longest = rotation.angle_rad, rotation.longest_train
    length, most_shots = longest if known else SHORT_TRAIN, _MORE_SHOTS * shots
    wanted = pulse
    for _ in range(_MOST_ROUNDS):
        pulse = wanted
        fit = yield from measure_train(rotation, pulse, length, shots)
        if fit is None and length <= SHORT_TRAIN and shots >= most_shots:
            break
        if fit is None:
            longest = max(longest // 2, SHORT_TRAIN) if length > SHORT_TRAIN else longest
            length, shots = SHORT_TRAIN, shots if length > SHORT_TRAIN else most_shots
            continue
        error = fit.parameters["angle_error"].value
        best = pulse.amplitude * angle / (angle + error)
        final = length >= longest and has_converged([_read_over_rotation(fit)])
        too_large = best > line.largest_amplitude
        if final or too_large or count_turns_until_decay(fit, rotation) < _FEWEST_TURNS:
            break
        length, wanted = longest, replace(pulse, amplitude=best)
    return pulse


def fit_train(raw: RawData, rotation: Rotation) -> tuple[Signal, FitResult]:
    """Fit the last measured train; raise `AnalysisError` if it gives no result."""
    joined, fit = _join_trains(raw, rotation)
    found = fit_signal(fit, joined)
    if not found.success and _has_died(joined):
        raise AnalysisError(
            "the oscillation decays within the first pulses of the train: the drive is not stable"
        )
    return joined, require_success(found)


def fit_angle_error(raw: RawData, rotation: Rotation) -> tuple[Parameter, FitResult]:
    """Return the over-rotation of the pulse in the last train, with the fit.

    Raises as `fit_train`, and `AnalysisError` if the train decays within so few turns that the drive cannot be stable.
    """
    _, fit = fit_train(raw, rotation)
    turns = count_turns_until_decay(fit, rotation)
    if turns < _FEWEST_TURNS:
        raise AnalysisError(
            f"the oscillation of the train decays within {turns:.2g} turns: the drive is not stable"
        )
    found = fit.parameters["angle_error"]
    error = None if found.error is None else math.hypot(found.error, _SYSTEMATIC_RAD)
    return Parameter(found.value, error, "rad"), fit


def compute_amplitude(raw: RawData, rotation: Rotation) -> tuple[Parameter, FitResult]:
    """Return the amplitude for the right angle, that of the last train if they agree within errors, and the fit.

    Raises as `fit_angle_error`, and `AnalysisError` if the amplitude is beyond the line's limit or the last angle is
    wrong.
    """
    found, fit = fit_angle_error(raw, rotation)
    angle = rotation.angle_rad
    right = float(raw.attributes["amplitude"]) * angle / (angle + found.value)
    require_playable(raw, right, needed_by="the pulse", remedy="play a longer one or remove attenuation")
    require_converged([_read_over_rotation(fit)], advice="that the drive is stable, with CheckRabi")
    error = None if found.error is None else right * found.error / angle
    return Parameter(right, error, "a.u."), fit


def make_pulse_attributes(pulse: Pulse, line: LineLimits) -> dict[str, Any]:
    """Return the pulse of the last train as attributes of raw data, and the line's largest amplitude if below 1."""
    pulse_played = {"amplitude": pulse.amplitude, "length_ns": pulse.length_ns, "beta_ns": pulse.beta_ns}
    return pulse_played | make_line_attributes(line)


def draw_train(raw: RawData, output: TaskOutput, rotation: Rotation) -> dict[str, Any]:
    """Draw the last train, and its fit at whole numbers of pulses."""
    joined, fit = fit_train(raw, rotation)
    fitted = fit.predict(joined.x)
    size = raw["ground_pulses"].size
    parts = {"from |0⟩": slice(0, size), "after an X90": slice(size, None)}
    data: list[Drawn] = []
    for name, part in parts.items():
        if joined.x[part].size:
            signal = Signal(joined.x[part], joined.y[part], joined.noise)
            line = {**scatter("Fit", signal.x, fitted[part]), "mode": "lines"}
            data += [points(name, signal), line]
    ((name, found), *_) = output.parameters.items()
    words = " ".join(_TITLE_WORDS.get(word, word) for word in name.split("_"))
    title = f"{words[0].upper()}{words[1:]} {quantity(f'{found.value:.5g}', found.unit)}"
    return figure(title, "Number of pulses", "Signal (a.u.)", data)


def _join_trains(raw: RawData, rotation: Rotation) -> tuple[Signal, Callable[..., FitResult]]:
    """Return the trains of all starts as one signal, and the function that fits it."""
    found = project_signals(raw, rotation.starts, x_name="pulses")
    counts, y = (np.concatenate([getattr(one, name) for one in found]) for name in ("x", "y"))
    turned = np.repeat([0.0, math.pi / 2][: len(found)], [one.x.size for one in found])
    return Signal(counts, y, found[0].noise), partial(fit_pulse_train, angle=rotation.angle_rad, start=turned)


def _choose_counts(rotation: Rotation, longest: int) -> dict[Start, NDArray[np.float64]]:
    """Choose the numbers of pulses: a few small ones against ambiguity, the longest for small errors."""
    head = np.arange(_HEAD)
    tail = np.arange(max(_HEAD, longest - _TAIL + 1), longest + 1)
    telling = np.concatenate([head, tail]).astype(np.float64)
    if "superposition" not in rotation.starts:
        return {"ground": telling}
    # From |0>, π pulses end at the poles: they show the contrast and its decay.
    poles = np.unique(np.concatenate([np.arange(4), np.arange(longest - 3, longest + 1)])).astype(np.float64)
    return {"ground": poles, "superposition": telling}


def _read_over_rotation(fit: FitResult) -> Correction:
    """Return the over-rotation of a pulse according to its train."""
    found = fit.parameters["angle_error"]
    return Correction(
        name="the angle", value=found.value, error=found.error, unit="rad", negligible=_SYSTEMATIC_RAD
    )


def _has_died(joined: Signal) -> bool:
    """Return whether all trains look alike and differ from the qubit without pulses."""
    untouched, later = joined.y[joined.x == 0], joined.y[joined.x >= _FEWEST_ALIVE]
    if not (untouched.size and later.size):  # a refit may leave them out
        return False
    step = abs(untouched[0] - later.mean())
    return bool(step > _CLEARLY * joined.sigma.max() and later.std() < _ALIKE * step)


def count_turns_until_decay(fit: FitResult, rotation: Rotation) -> float:
    decay = fit.parameters.get("decay")
    return math.inf if decay is None else decay.value * rotation.angle_rad / (2 * math.pi)
