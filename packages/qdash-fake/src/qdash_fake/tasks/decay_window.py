"""Finds the window in which a decay shows, when its time may lie anywhere within three decades."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_fake.tasks.projection import signal_of
from qdash_fake.tasks.rounds import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from qdash_analysis.result import FitResult
    from qdash_fake.tasks.rounds import Program

    Fit = Callable[..., FitResult]

SEARCH_US = np.concatenate([[0.0], np.geomspace(0.05, 3000.0, 28)])
"""Delays among which a decay of any usual time shows."""

_POINTS = 51
_WINDOW = 4.5
_WELL_SEEN = (2.2, 9.0)


def decay_program(fit: Fit, name: str, *, shots: int, time_range_ns: Any) -> Program:
    """Look for the decay on a logarithmic scale, then measure it over some decay times.

    Parameters
    ----------
    fit
        The fit of the decay, which gives parameter `name` in us.
    time_range_ns
        The sweep that somebody asked for; None: choose it.
    """
    if time_range_ns is not None:
        yield Sweep("fine", np.unique(np.asarray(time_range_ns, dtype=np.float64)) * 1e-3, shots)
        return _attributes("given")
    # A rough time is enough to choose a window: a quarter of the shots, and all of them where contrast is poor.
    rough = None
    for search_shots in (max(shots // 4, 64), 4 * shots):
        trace = yield Sweep("search", SEARCH_US, search_shots)
        rough = _time_of(fit, name, trace)
        if rough is not None:
            break
    if rough is None:
        return _attributes("search only")
    for _ in range(3):
        window = _WINDOW * rough
        trace = yield Sweep("fine", np.linspace(0.0, window, _POINTS), shots)
        better = _time_of(fit, name, trace)
        if better is None or _WELL_SEEN[0] < window / better < _WELL_SEEN[1]:
            break
        rough = better
    return _attributes("searched")


def sweep_to_fit(raw_names: Mapping[str, Any]) -> str:
    """Return the sweep that holds the result: the fine one if the search led to it."""
    return "fine" if "fine_iq" in raw_names else "search"


def _time_of(fit: Fit, name: str, trace: Any) -> float | None:
    try:
        signal = signal_of(trace)
    except AnalysisError:
        return None
    found = fit(signal.x, signal.y, sigma=signal.sigma)
    return found.parameters[name].value if found.success else None


def _attributes(window: str) -> dict[str, Any]:
    return {"window": window}
