"""Finds the window in which a decay shows, when its time may lie anywhere within three decades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_tasks.programs.asks import one
from qdash_tasks.programs.projection import found_in

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.requests import Echo, Relaxation
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.asks import Ask

    Fit = Callable[..., FitResult]
    Floats = NDArray[np.float64]

FINE = "fine"

_SEARCH = "search"
_SEARCH_US = np.concatenate([[0.0], np.geomspace(0.05, 3000.0, 28)])
"""Delays among which a decay of any usual time shows."""
_POINTS = 51
_WINDOW = 4.5
_WINDOW_OF_A_KNOWN_TIME = 3.5
_WELL_SEEN = (2.2, 9.0)
_MOST_WINDOWS = 3
_BELOW = 1 - 1e-9
"""Of the longest program: what its length in us, turned into ns again, stays below."""


@dataclass(frozen=True, slots=True)
class Window:
    """Where a decay shows.

    Attributes
    ----------
    delays_us
        The sweep of the trace that shows it; None: only the search found anything, or nothing did.
    chosen
        How: by somebody, by a known decay time, by a search.
    """

    delays_us: Floats | None
    chosen: Literal["given", "known", "searched", "search only"]


@dataclass(frozen=True, slots=True)
class Decay:
    """What is looked for.

    Attributes
    ----------
    name
        Parameter of the fit that is the decay time, in us.
    request
        Measures the signal against delays in us.
    fit
        Called with delays, signal and `sigma`.
    """

    name: str
    request: type[Relaxation | Echo]
    fit: Fit

    def time_of(self, trace: Trace) -> float | None:
        """Return the decay time that a trace shows."""
        found = found_in(trace, self.fit)
        return None if found is None else found.parameters[self.name].value


def find_window(
    decay: Decay, limits: Limits, *, shots: int, asked_ns: Floats | None, known_us: float | None
) -> Generator[Ask, Mapping[str, Answer], Window]:
    """Measure a decay over some decay times: those of a known one, or of one found on a logarithmic scale.

    Parameters
    ----------
    limits
        Of the laboratory: no delay that is chosen exceeds its longest program.
    asked_ns
        The sweep that somebody asked for; None: choose it.
    known_us
        What the decay time was the last time. Data that contradict it lead to a search.
    """
    if asked_ns is not None:
        delays = asked_ns * 1e-3
        yield from one(FINE, decay.request(delays), shots)
        return Window(delays, "given")
    longest_us = longest_delay_us(limits)
    if known_us is not None:
        delays, seen = yield from _narrow_down(
            decay, known_us, shots, times=_WINDOW_OF_A_KNOWN_TIME, longest_us=longest_us
        )
        if seen:
            return Window(delays, "known")
    rough = yield from _search(decay, limits, shots)
    if rough is None:
        return Window(None, "search only")
    delays, _ = yield from _narrow_down(decay, rough, shots, times=_WINDOW, longest_us=longest_us)
    return Window(delays, "searched")


def longest_delay_us(limits: Limits) -> float:
    """Return the longest delay that a laboratory plays, in us."""
    return limits.longest_program_ns * 1e-3 * _BELOW


def search_delays_us(limits: Limits) -> Floats:
    """Return delays among which a decay of any usual time shows, as far as a laboratory plays them, shape (n,), in us."""
    return _SEARCH_US[longest_delay_us(limits) >= _SEARCH_US]


def trace_to_fit(raw: RawData) -> str:
    """Return the name of the trace that holds the result: the fine one if the search led to it."""
    return FINE if f"{FINE}_iq" in raw.arrays else _SEARCH


def _search(decay: Decay, limits: Limits, shots: int) -> Generator[Ask, Mapping[str, Answer], float | None]:
    """Look over all delays; a rough time is enough to choose a window: few shots, and many where contrast is poor."""
    for search_shots in (max(shots // 4, 64), 4 * shots):
        trace = yield from one(_SEARCH, decay.request(search_delays_us(limits)), search_shots)
        rough = decay.time_of(trace)
        if rough is not None:
            return rough
    return None


def _narrow_down(
    decay: Decay, rough_us: float, shots: int, *, times: float, longest_us: float
) -> Generator[Ask, Mapping[str, Answer], tuple[Floats, bool]]:
    """Measure windows of so many decay `times` until one suits what it shows; return it and whether it shows one."""
    for _ in range(_MOST_WINDOWS):
        window_us = min(times * rough_us, longest_us)
        delays = np.linspace(0.0, window_us, _POINTS)
        better = decay.time_of((yield from one(FINE, decay.request(delays), shots)))
        if better is None or _WELL_SEEN[0] < window_us / better < _WELL_SEEN[1]:
            break
        if min(times * better, longest_us) == window_us:
            break  # the longest window that there is
        rough_us = better
    return delays, better is not None
