"""Finds the window in which a decay shows, when its time may lie anywhere within three decades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_tasks.programs.projection import found_in
from qdash_tasks.programs.sweep_rounds import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import Any

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_tasks.laboratory.trace import Trace

    Fit = Callable[..., FitResult]

SEARCH_US = np.concatenate([[0.0], np.geomspace(0.05, 3000.0, 28)])
"""Delays among which a decay of any usual time shows."""

FINE = "fine"

_POINTS = 51
_WINDOW = 4.5
_WINDOW_OF_A_KNOWN_TIME = 3.5
_WELL_SEEN = (2.2, 9.0)
_LOOKS = 3


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

    delays_us: NDArray[np.float64] | None
    chosen: Literal["given", "known", "searched", "search only"]


@dataclass(frozen=True, slots=True)
class Decay:
    """What is looked for: a `fit` that gives parameter `name` in us."""

    fit: Fit
    name: str

    def time_of(self, trace: Trace) -> float | None:
        """Return the decay time that a trace shows."""
        found = found_in(trace, self.fit)
        return None if found is None else found.parameters[self.name].value


def find_window(
    decay: Decay, *, shots: int, asked_ns: NDArray[np.float64] | None, known_us: float | None
) -> Generator[Sweep, Trace, Window]:
    """Measure a decay over some decay times: those of a known one, or of one found on a logarithmic scale.

    Parameters
    ----------
    asked_ns
        The sweep that somebody asked for; None: choose it.
    known_us
        What the decay time was the last time. Data that contradict it lead to a search.
    """
    if asked_ns is not None:
        delays = asked_ns * 1e-3
        yield Sweep(FINE, delays, shots)
        return Window(delays, "given")
    if known_us is not None:
        delays, seen = yield from _narrow_down(decay, known_us, shots, times=_WINDOW_OF_A_KNOWN_TIME)
        if seen:
            return Window(delays, "known")
    rough = yield from _search(decay, shots)
    if rough is None:
        return Window(None, "search only")
    delays, _ = yield from _narrow_down(decay, rough, shots, times=_WINDOW)
    return Window(delays, "searched")


def sweep_to_fit(raw_names: Mapping[str, Any]) -> str:
    """Return the sweep that holds the result: the fine one if the search led to it."""
    return FINE if f"{FINE}_iq" in raw_names else "search"


def _search(decay: Decay, shots: int) -> Generator[Sweep, Trace, float | None]:
    """Look over all delays; a rough time is enough to choose a window: few shots, and many where contrast is poor."""
    for search_shots in (max(shots // 4, 64), 4 * shots):
        rough = decay.time_of((yield Sweep("search", SEARCH_US, search_shots)))
        if rough is not None:
            return rough
    return None


def _narrow_down(
    decay: Decay, rough_us: float, shots: int, *, times: float
) -> Generator[Sweep, Trace, tuple[NDArray[np.float64], bool]]:
    """Measure windows of so many decay `times` until one suits what it shows; return it and whether it shows one."""
    for _ in range(_LOOKS):
        delays = np.linspace(0.0, times * rough_us, _POINTS)
        better = decay.time_of((yield Sweep(FINE, delays, shots)))
        if better is None or _WELL_SEEN[0] < times * rough_us / better < _WELL_SEEN[1]:
            break
        rough_us = better
    return delays, better is not None
