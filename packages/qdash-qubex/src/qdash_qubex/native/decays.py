"""Shared code of the library's decay measurements."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import ArrayDeclaration
from qdash_qubex.native.base import collect_options, find_longest_t1_ns
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue, get_sweep_ends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core import BaseTask

_POINTS, _USUAL_END_NS = 51, 200_000.0
"""Default number of points and default longest delay of the library."""
_LIFETIMES = 4.0

DECAY_ARRAYS = MappingProxyType(
    {
        "delay": ArrayDeclaration("us", "swept values, shape (points,)"),
        "iq": ArrayDeclaration("a.u.", "mean of the shots in the IQ plane, shape (points,)"),
        "population": ArrayDeclaration(
            "", "signal fitted by the library, scaled by its Rabi calibration, shape (points,)"
        ),
    }
)


def make_options(tasks: Mapping[str, BaseTask], *, shortest_ns: float) -> dict[str, Any]:
    """Return the library's arguments for a decay of simultaneous targets.

    The library's delays, from `shortest_ns`, end at 200 us, or at four times the longest known T1 if that exceeds it: T2 is at
    most two T1.
    """
    asked = collect_options(tasks, time_range="time_range")
    if "time_range" not in asked:
        asked |= choose_longer_delays(find_longest_t1_ns(tasks.values()) or 0.0, shortest_ns=shortest_ns)
    return asked | {"plot": False, "save_image": False}


def choose_longer_delays(t1_ns: float, *, shortest_ns: float) -> dict[str, Any]:
    """Return delays up to four T1 as an argument of the library; empty if its own are as long."""
    longest_ns = _LIFETIMES * t1_ns
    return (
        {"time_range": np.geomspace(shortest_ns, longest_ns, _POINTS)} if longest_ns > _USUAL_END_NS else {}
    )


def make_decay_time(name: str, time_ns: float, error_ns: float, answer: Any, *, falls: bool) -> LibraryResult:
    """Return the library's decay time as a result in us.

    The times are in ns as the library returns them; it fits the excited population if that `falls`, or else that of |0>.
    """
    delays_us = np.asarray(answer.sweep_range, dtype=float) * 1e-3
    excited = 0.5 * (1 - np.asarray(answer.normalized, dtype=float))
    return LibraryResult(
        values={name: LibraryValue(time_ns * 1e-3, error_ns * 1e-3, "us", get_sweep_ends(delays_us))},
        arrays={
            "delay": (delays_us, "us"),
            "iq": (np.asarray(answer.data), "a.u."),
            "population": (excited if falls else 1 - excited, ""),
        },
        r2=answer.r2,
        figures=[_get_figure(answer)],
    )


def _get_figure(answer: Any) -> Any:
    """Return the library's figure, redrawn from its data."""
    return answer.fit(plot=False).figure
