"""Features of Rabi oscillations and Ramsey fringes."""

from __future__ import annotations

import math
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis import fit_rabi
from qdash_core.errors import AnalysisError
from qdash_core.tasks.parameters import FeatureDeclaration
from qdash_tasks.programs.cached_fits import fit_ramsey
from qdash_tasks.programs.features.traces import (
    RESIDUALS,
    SIGNAL,
    compute_range,
    describe_residuals,
    describe_scatter,
    describe_signal,
    keep_finite,
)
from qdash_tasks.programs.phase_sense import compare_detuned_fringes
from qdash_tasks.programs.projection import fit_signal, project_signals
from qdash_tasks.programs.signed_detuning import resolve_sign

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.programs.projection import Signal

    Floats = NDArray[np.float64]

OSCILLATION = MappingProxyType(
    {
        "oscillation_mhz": FeatureDeclaration("MHz", "fitted frequency of the oscillation"),
        "periods": FeatureDeclaration("", "periods of the oscillation in the sweep"),
        "points_per_period": FeatureDeclaration("", "points in a period of the oscillation"),
        "decay_periods": FeatureDeclaration("", "periods in which the oscillation decays to 1/e"),
        "oscillation_snr": FeatureDeclaration("", "amplitude of the oscillation over the noise of a point"),
    }
)
RABI = MappingProxyType(
    {
        **SIGNAL,
        **RESIDUALS,
        **OSCILLATION,
        "expected_ratio": FeatureDeclaration("", "fitted frequency over the expected one"),
        "half_ratio": FeatureDeclaration(
            "", "twice the frequency at half the amplitude over that at the full one; 1 on resonance"
        ),
        "half_sigma": FeatureDeclaration("", "`half_ratio` minus 1, over its standard error"),
        "start_level": FeatureDeclaration(
            "a.u.",
            "distance of the points without a pulse, in the ground state, from the origin",
        ),
        "start_i": FeatureDeclaration("a.u.", "in-phase signal of the points without a pulse"),
        "start_q": FeatureDeclaration("a.u.", "quadrature signal of the points without a pulse"),
        "mean_i": FeatureDeclaration("a.u.", "mean in-phase signal of the trace"),
        "mean_q": FeatureDeclaration("a.u.", "mean quadrature signal of the trace"),
        "start_angle_deg": FeatureDeclaration("deg", "angle of the points without a pulse about the origin"),
        "half_swing": FeatureDeclaration(
            "", "range of the signal at half the amplitude over that at the full one"
        ),
    }
)
"""Features of `describe_rabi`."""
FRINGES = MappingProxyType(
    {
        **SIGNAL,
        **RESIDUALS,
        **OSCILLATION,
        "detuning_mhz": FeatureDeclaration(
            "MHz",
            "qubit frequency minus drive frequency; from the strongest fringes without a fit",
        ),
        "second_peak": FeatureDeclaration(
            "", "power of the second peak in the spectrum of the fringes over that of the first"
        ),
        "split_khz": FeatureDeclaration("kHz", "distance of the second peak from the first"),
        "tension": FeatureDeclaration(
            "", "contradiction of the two artificial detunings, in standard errors"
        ),
        "window_decays": FeatureDeclaration("", "length of the sweep over the decay time of the fringes"),
        "wander_khz": FeatureDeclaration(
            "kHz",
            "standard deviation of the fringe frequency from point to point, 0 if it is not significant",
        ),
        "chirp_khz": FeatureDeclaration(
            "kHz", "change of the fringe frequency from the first half of the sweep to the second"
        ),
        "chirp_sigma": FeatureDeclaration("", "`chirp_khz` over its standard error"),
        "beat_gain": FeatureDeclaration(
            "", "share of the squared residuals that a second frequency explains"
        ),
        "beat_khz": FeatureDeclaration("kHz", "distance of the second frequency from the first"),
        "phase_sense": FeatureDeclaration(
            "",
            "agreement of the fringes with a detuned generator with their expected frequency: 1 if they agree, less if phases are mirrored",
        ),
    }
)
"""Features of `describe_fringes`."""
AMPLITUDE_SWEEP = MappingProxyType({**SIGNAL, **RESIDUALS, **OSCILLATION})
"""Features of `describe_amplitude_sweep`."""

_DURATION, _DELAY = "duration", "delay"


def describe_rabi(
    raw: RawData, *, full: str = "rabi", half: str = "half", search: str = "search"
) -> dict[str, float]:
    """Return the features `RABI` of an oscillation and that at half the amplitude, of any that are there."""
    name = full if f"{full}_iq" in raw.arrays and raw.attributes.get("found", True) else search
    found = describe_signal(raw, name) | _describe_start(raw, full, half, search)
    fitted = _fit_oscillation(raw, name)
    if fitted is None:
        return found
    signal, fit = fitted
    frequency = fit.parameters["frequency"].value
    found |= describe_residuals(signal, fit) | _describe_oscillation(signal, fit, frequency * 1e-3)
    found["oscillation_mhz"] = frequency
    expected = raw.attributes.get("expected_mhz")
    if isinstance(expected, int | float) and expected > 0 and name == full:
        found["expected_ratio"] = frequency / float(expected)
    slower = _fit_oscillation(raw, half)
    if name == full and f"{half}_iq" in raw.arrays:
        found["half_swing"] = describe_signal(raw, half).get("swing", math.nan) / found["swing"]
        if slower is not None:
            half_frequency = slower[1].parameters["frequency"]
            ratio = 2 * half_frequency.value / frequency
            found["half_ratio"] = ratio
            pair = fit.parameters["frequency"], half_frequency
            relative = math.hypot(*(one.error / one.value for one in pair if one.error))
            if relative > 0:
                found["half_sigma"] = (ratio - 1) / (ratio * relative)
    return keep_finite(found)


def _describe_start(raw: RawData, *names: str) -> dict[str, float]:
    """Return level and angle of the first points of these traces, if they are those of no pulse."""
    kept = [
        complex(np.asarray(raw[f"{name}_iq"])[0])
        for name in names
        if f"{name}_iq" in raw.arrays and not raw[f"{name}_{_DURATION}"][0]
    ]
    if not kept:
        return {}
    largest = max(map(abs, kept))
    start = complex(np.mean([one for one in kept if abs(one) > 0.5 * largest]))  # without lost points
    found = {"start_level": abs(start), "start_angle_deg": math.degrees(math.atan2(start.imag, start.real))}
    found |= {"start_i": start.real, "start_q": start.imag}
    if f"{names[0]}_iq" in raw.arrays:
        mean = complex(np.mean(raw[f"{names[0]}_iq"]))
        found |= {"mean_i": mean.real, "mean_q": mean.imag}
    return found


def describe_amplitude_sweep(raw: RawData) -> dict[str, float]:
    """Return the features `AMPLITUDE_SWEEP` of an oscillation against the amplitude of a pulse."""
    name = "rabi" if "rabi_iq" in raw.arrays else "search"
    found = describe_signal(raw, name)
    fitted = _fit_oscillation(raw, name, x_name="amplitude", fit=partial(fit_rabi, x_unit="a.u."))
    if fitted is None:
        return found
    signal, fit = fitted
    frequency, length_ns = fit.parameters["frequency"].value, raw.attributes.get("length_ns")
    found |= describe_residuals(signal, fit) | _describe_oscillation(signal, fit, frequency)
    if isinstance(length_ns, int | float) and length_ns > 0:
        found["oscillation_mhz"] = frequency / (1e-3 * float(length_ns)) * float(signal.x[-1])
    return keep_finite(found)


def describe_fringes(raw: RawData) -> dict[str, float]:
    """Return the features `FRINGES` of the last pair of Ramsey traces."""
    names = ("plus", "minus")
    found = describe_signal(raw, *names)
    if not all(f"{name}_iq" in raw.arrays for name in names):
        return found
    try:
        signals = project_signals(raw, names, x_name=_DELAY)
    except AnalysisError:
        return found
    found |= _describe_peaks(raw, signals)
    fits = [fit_signal(fit_ramsey, signal) for signal in signals]
    if not all(fit.success for fit in fits):
        return keep_finite(found)
    plus, minus = fits
    found |= _describe_oscillation(signals[0], plus, plus.parameters["detuning"].value)
    found["oscillation_mhz"] = plus.parameters["detuning"].value
    found |= describe_scatter(
        np.concatenate([_compute_residuals(*one) for one in zip(signals, fits, strict=True)])
    )
    artificial = _read_artificial(raw)
    if artificial is not None:
        signed = resolve_sign(plus, minus, artificial_mhz=artificial)
        found |= {"detuning_mhz": signed.value_mhz, "tension": signed.tension}
        sense = compare_detuned_fringes(raw, signed.value_mhz, signed.error_mhz)
        if sense is not None:
            found["phase_sense"] = sense
    decays = [fit.parameters["t2_star"].value for fit in fits if "t2_star" in fit.parameters]
    if decays:
        found["window_decays"] = float(np.ptp(signals[0].x)) / float(np.mean(decays))
    found["wander_khz"] = max(
        fit.parameters["wander"].value if "wander" in fit.parameters else 0.0 for fit in fits
    )
    found |= _describe_chirp(signals) | _describe_beat(signals, fits)
    return keep_finite(found)


def _read_artificial(raw: RawData) -> tuple[float, float] | None:
    found = [raw.attributes.get(f"artificial_{name}_mhz") for name in ("plus", "minus")]
    if not all(isinstance(one, int | float) for one in found):
        return None
    return float(str(found[0])), float(str(found[1]))


def _describe_peaks(raw: RawData, signals: Sequence[Signal]) -> dict[str, float]:
    """Return the detuning on which the strongest fringes of both traces agree, and the second peaks of their spectra."""
    spectra = [_compute_spectrum(signal) for signal in signals]
    peaks = [float(frequencies[power.argmax()]) for frequencies, power in spectra]
    seconds = [_find_second_peak(*spectrum) for spectrum in spectra]
    found = {
        "second_peak": float(np.mean([ratio for ratio, _ in seconds])),
        "split_khz": 1e3 * float(np.mean([distance for _, distance in seconds])),
    }
    artificial = _read_artificial(raw)
    if artificial is not None:
        pairs = [
            (a * peaks[0] - artificial[0], b * peaks[1] - artificial[1]) for a in (1, -1) for b in (1, -1)
        ]
        found["detuning_mhz"] = float(np.mean(min(pairs, key=lambda pair: abs(pair[0] - pair[1]))))
    return found


def _compute_spectrum(signal: Signal) -> tuple[Floats, Floats]:
    """Return frequencies in periods per unit of x, eight to a resolved width, and the power at each."""
    span = float(np.ptp(signal.x))
    frequencies = np.arange(0.5, (signal.x.size - 1) / 2, 0.125) / span
    window = np.hanning(2 * signal.x.size)[signal.x.size :]  # fringes are strongest at the beginning
    waves = np.exp(-2j * np.pi * np.outer(frequencies, signal.x))
    return frequencies, np.abs(waves @ (window * (signal.y - signal.y.mean()))) ** 2


def _find_second_peak(frequencies: Floats, power: Floats) -> tuple[float, float]:
    """Return power over that of the first peak, and distance from it, of the strongest other maximum; zeros if there is none."""
    first = int(power.argmax())
    inner = np.flatnonzero((power[1:-1] > power[:-2]) & (power[1:-1] >= power[2:])) + 1
    others = inner[inner != first]
    if not others.size:
        return 0.0, 0.0
    second = int(others[power[others].argmax()])
    return float(power[second] / power[first]), abs(float(frequencies[second] - frequencies[first]))


def _fit_oscillation(
    raw: RawData, name: str, *, x_name: str = _DURATION, fit: Callable[..., FitResult] = fit_rabi
) -> tuple[Signal, FitResult] | None:
    if f"{name}_iq" not in raw.arrays:
        return None
    try:
        (signal,) = project_signals(raw, (name,), x_name=x_name)
    except AnalysisError:
        return None
    fitted = fit_signal(fit, signal)
    return (signal, fitted) if fitted.success else None


def _describe_oscillation(signal: Signal, fit: FitResult, per_x: float) -> dict[str, float]:
    """Return the features `OSCILLATION` for a frequency in periods per unit of x."""
    span = float(np.ptp(signal.x))
    periods = span * per_x
    found = {
        "periods": periods,
        "points_per_period": (signal.x.size - 1) / periods if periods > 0 else math.nan,
        "oscillation_snr": compute_range(signal.y) / (2 * float(np.median(signal.sigma))),
    }
    decay = next((fit.parameters[name] for name in ("decay", "t2_star") if name in fit.parameters), None)
    if decay is not None:
        found["decay_periods"] = decay.value * per_x
    return found


def _compute_residuals(signal: Signal, fit: FitResult) -> Floats:
    predicted = np.asarray(fit.predict(signal.x), dtype=np.float64)
    return np.asarray((signal.y - predicted) / signal.noise.sigma(predicted))


def _describe_chirp(signals: Sequence[Signal]) -> dict[str, float]:
    """Compare the fringe frequencies of the first and the second half of each trace."""
    changes, errors = [], []
    for signal in signals:
        half = signal.x.size // 2
        fits = [
            fit_ramsey(signal.x[part], signal.y[part], sigma=signal.sigma[part])
            for part in (slice(0, half), slice(half, None))
        ]
        if not all(fit.success for fit in fits):
            continue
        first, second = (fit.parameters["detuning"] for fit in fits)
        if first.error is not None and second.error is not None:
            changes.append(second.value - first.value)
            errors.append(math.hypot(first.error, second.error))
    if not changes:
        return {}
    size = float(np.mean(np.abs(changes)))
    return {"chirp_khz": 1e3 * size, "chirp_sigma": float(np.mean(np.abs(np.array(changes) / errors)))}


def _describe_beat(signals: Sequence[Signal], fits: Sequence[FitResult]) -> dict[str, float]:
    """Search the residuals for a second fringe frequency near the fitted one."""
    gains, distances = [], []
    for signal, fit in zip(signals, fits, strict=True):
        residuals = _compute_residuals(signal, fit)
        total = float(residuals @ residuals)
        main = fit.parameters["detuning"].value
        span = float(np.ptp(signal.x))
        highest = (signal.x.size - 1) / (2 * span)
        frequencies = np.linspace(0.5 / span, highest, 4 * signal.x.size)
        phase = 2 * np.pi * np.outer(frequencies, signal.x)
        power = (np.abs(np.exp(-1j * phase) @ residuals) ** 2) * 2 / signal.x.size
        best = int(power.argmax())
        gains.append(float(power[best]) / total if total > 0 else 0.0)
        distances.append(abs(float(frequencies[best]) - main))
    return {"beat_gain": float(np.mean(gains)), "beat_khz": 1e3 * float(np.min(distances))}
