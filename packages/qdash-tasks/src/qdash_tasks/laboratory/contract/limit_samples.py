"""Sample requests at the limits that a laboratory states, and beyond them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_tasks.laboratory.contract.samples import make_samples, replace_sweep
from qdash_tasks.laboratory.requests import QubitScan, RabiAmplitude, ReadoutScan
from qdash_tasks.laboratory.shots import RESETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request

    Case = tuple[str, Request, Mapping[str, Any]]
    """Name of the limit, a request, and the fields of the usual shots to change."""

_MOST_SHOTS = 20_000
"""Most shots of one point that are tried, even if more are allowed."""


def make_requests_at_limits(laboratory: Laboratory, target: str) -> Iterator[Case]:
    """Yield requests exactly at the limits."""
    limits = laboratory.limits
    shortest = min(make_samples(laboratory, target), key=lambda one: one.longest_ns)
    for reset in sorted(limits.resets):
        yield f"reset {reset!r}", shortest, {"reset": reset}
    if limits.shortest_interval_us:
        interval_us = limits.shortest_interval_us
        yield (
            f"an interval of {interval_us}\N{NO-BREAK SPACE}µs",
            shortest,
            {"reset": "passive", "interval_us": interval_us},
        )
    if limits.shots_a_call is not None and limits.shots_a_call <= _MOST_SHOTS:
        yield f"{limits.shots_a_call} shots", shortest, {"count": limits.shots_a_call}
    for request in make_samples(laboratory, target):
        yield from (
            (limit, changed, {}) for limit, changed in _list_last_possible(laboratory, target, request)
        )


def _list_last_possible(
    laboratory: Laboratory, target: str, request: Request
) -> Iterator[tuple[str, Request]]:
    limits = laboratory.limits
    name = type(request).__name__
    if isinstance(request, ReadoutScan | QubitScan):
        for end in (one for ends in _get_ranges(laboratory, target, request) for one in ends):
            yield f"{name} at {end}\N{NO-BREAK SPACE}GHz", replace_sweep(request, np.array([end]))
    if isinstance(request, RabiAmplitude):
        most = limits.line(target).largest_amplitude
        yield f"{name} with an amplitude of {most}", replace_sweep(request, np.array([most]))
    if request.axis[1] == "us" and math.isfinite(limits.longest_program_ns):
        # Steps below the longest, so that it and its half are on the grid.
        step_ns = 2 * limits.grid_ns(*target.split("-"))
        longest_ns = math.floor(limits.longest_program_ns / step_ns) * step_ns
        yield (
            f"{name} of {longest_ns}\N{NO-BREAK SPACE}ns",
            replace_sweep(request, np.array([1e-3 * longest_ns])),
        )
    most_points = limits.points_a_call
    if request.axis[1] == "us" and most_points is not None and request.x.size < most_points <= 1000:
        yield f"{name} of {most_points} points", replace_sweep(request, np.resize(request.x, most_points))


def make_requests_beyond_limits(laboratory: Laboratory, target: str) -> Iterator[Case]:
    """Yield requests just beyond the limits."""
    limits = laboratory.limits
    usual = make_samples(laboratory, target)[0]
    for reset in sorted(RESETS - limits.resets):
        yield f"resets {sorted(limits.resets)}", usual, {"reset": reset}
    if limits.shortest_interval_us:
        interval_us = limits.shortest_interval_us / 2
        yield "shortest_interval_us", usual, {"reset": "passive", "interval_us": interval_us}
    if limits.shots_a_call is not None:
        yield "shots_a_call", usual, {"count": limits.shots_a_call + 1}
    for request in make_samples(laboratory, target):
        if isinstance(request, ReadoutScan | QubitScan):
            highest = max(high for _, high in _get_ranges(laboratory, target, request))
            yield f"{highest}\N{NO-BREAK SPACE}GHz", replace_sweep(request, np.array([highest + 1.0])), {}
        if isinstance(request, RabiAmplitude):
            most = limits.line(target).largest_amplitude
            yield f"an amplitude of {most}", replace_sweep(request, np.array([1.1 * most])), {}


def _get_ranges(laboratory: Laboratory, target: str, request: Request) -> tuple[tuple[float, float], ...]:
    if isinstance(request, ReadoutScan):
        return laboratory.limits.readout_frequencies_ghz(target)
    return laboratory.limits.line(target).frequencies_ghz
