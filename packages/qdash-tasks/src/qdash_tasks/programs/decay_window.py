"""Search for the delay window of a decay, whose time may lie anywhere within three decades."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.programs.measurement_calls import measure_trace
from qdash_tasks.programs.projection import fit_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.requests import Echo, Relaxation
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall

    Fit = Callable[..., FitResult]
    Floats = NDArray[np.float64]

FINE = "fine"

_SEARCH = "search"
_SEARCH_US = np.concatenate([[0.0], np.geomspace(0.05, 3000.0, 28)])
"""Delays that show a decay of any usual time."""
_POINTS = 51
_WINDOW = 4.5
_WINDOW_OF_A_KNOWN_TIME = 3.5
_WELL_SEEN = (2.2, 9.0)
_MOST_WINDOWS = 3
_SHORT = 0.1
"""Length of a sweep over the known time below which the decay may not show."""
_KNOWN = "known_us"
_BELOW = 1 - 1e-9
"""Factor on the longest program, so that its length in µs, converted back to ns, stays below it."""


@dataclass(frozen=True, slots=True)
class DecayWindow:
    """Delay window of a decay.

    `delays_us` is None if only the search found anything, or nothing did; `known_us` is the previous decay time, or
    None.
    """

    delays_us: Floats | None
    chosen: Literal["given", "known", "searched", "search only"]
    known_us: float | None

    @property
    def attributes(self) -> Mapping[str, str | float]:
        """Attributes of the raw data."""
        return {"window": self.chosen} | ({} if self.known_us is None else {_KNOWN: self.known_us})


@dataclass(frozen=True, slots=True)
class DecayKind:
    """Decay to be measured.

    `name` is the fit parameter of its time, in µs; `fit` is called with delays in µs, signal and `sigma`.
    """

    name: str
    request: type[Relaxation | Echo]
    fit: Fit

    def fit_time(self, trace: Trace) -> float | None:
        """Return the decay time shown by a trace, or None."""
        found = fit_trace(trace, self.fit)
        return None if found is None else found.parameters[self.name].value


def find_window(
    decay: DecayKind, limits: Limits, *, shots: int, asked_ns: Floats | None, known_us: float | None
) -> Generator[MeasurementCall, Mapping[str, Answer], DecayWindow]:
    """Measure a decay over several decay times, which are known or found on a logarithmic scale.

    No chosen delay exceeds the longest program of `limits`. The sweep is chosen if `asked_ns` is None; data that
    contradict `known_us`, the previous decay time, lead to a search.
    """
    if asked_ns is not None:
        delays = asked_ns * 1e-3
        yield from measure_trace(FINE, decay.request(delays), shots)
        return DecayWindow(delays, "given", known_us)
    longest_us = get_longest_delay_us(limits)
    if known_us is not None:
        delays, seen = yield from _narrow_down(
            decay, known_us, shots, times=_WINDOW_OF_A_KNOWN_TIME, longest_us=longest_us
        )
        if seen:
            return DecayWindow(delays, "known", known_us)
    rough = yield from _search(decay, limits, shots)
    if rough is None:
        return DecayWindow(None, "search only", known_us)
    delays, _ = yield from _narrow_down(decay, rough, shots, times=_WINDOW, longest_us=longest_us)
    return DecayWindow(delays, "searched", known_us)


@contextmanager
def explain_short_window(raw: RawData) -> Iterator[None]:
    """Name a requested window far below the known decay time as the reason of an `AnalysisError` raised within."""
    try:
        yield
    except AnalysisError as error:
        known_us, delays = raw.attributes.get(_KNOWN), raw.arrays.get(f"{FINE}_delay")
        if raw.attributes.get("window") != "given" or known_us is None or delays is None:
            raise
        longest_us = float(np.max(delays[0]))
        if longest_us > _SHORT * known_us:
            raise
        raise AnalysisError(
            f"no decay seen within {longest_us:.3g}\N{NO-BREAK SPACE}µs, as the known time is "
            f"{known_us:.3g}\N{NO-BREAK SPACE}µs: time_range is in ns, and should reach several times that"
        ) from error


def get_longest_delay_us(limits: Limits) -> float:
    """Return the longest playable delay in µs."""
    return limits.longest_program_ns * 1e-3 * _BELOW


def search_delays_us(limits: Limits) -> Floats:
    """Return the playable delays that show a decay of any usual time, shape (n,), in µs."""
    return _SEARCH_US[get_longest_delay_us(limits) >= _SEARCH_US]


def select_trace(raw: RawData) -> str:
    """Return the name of the trace with the result: the fine one if the search led to it."""
    return FINE if f"{FINE}_iq" in raw.arrays else _SEARCH


def _search(
    decay: DecayKind, limits: Limits, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], float | None]:
    """Search all delays for a rough decay time, with more shots if the contrast is poor."""
    for search_shots in (max(shots // 4, 64), 4 * shots):
        trace = yield from measure_trace(_SEARCH, decay.request(search_delays_us(limits)), search_shots)
        rough = decay.fit_time(trace)
        if rough is not None:
            return rough
    return None


def _narrow_down(
    decay: DecayKind, rough_us: float, shots: int, *, times: float, longest_us: float
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[Floats, bool]]:
    """Measure windows of `times` decay times until one fits; return its delays and whether they show a decay."""
    for _ in range(_MOST_WINDOWS):
        window_us = min(times * rough_us, longest_us)
        delays = np.linspace(0.0, window_us, _POINTS)
        better = decay.fit_time((yield from measure_trace(FINE, decay.request(delays), shots)))
        if better is None or _WELL_SEEN[0] < window_us / better < _WELL_SEEN[1]:
            break
        if min(times * better, longest_us) == window_us:
            break  # the longest possible window
        rough_us = better
    return delays, better is not None
