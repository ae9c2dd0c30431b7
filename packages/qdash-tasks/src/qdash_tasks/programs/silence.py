"""Scans without a probe before and after a scan of a readout line, which show the offset of the IQ plane."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis.silent_scan import PlaneOffset, SilentScan, measure_offset
from qdash_tasks.laboratory.requests import ReadoutScan
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, fits_in_call
from qdash_tasks.programs.resonance_dip import include_scatter
from qdash_tasks.programs.resonator_search import read_points

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.programs.resonator_search import Points

_BEFORE, _AFTER = "silent_before", "silent_after"
_AMPLITUDE = 1e-4
"""Amplitude relative to that of the probe. It is not zero, because no program reads with an amplitude of zero."""
_STEP = 2
"""Every second frequency is read without a probe, before and after the scan: together as many points as the scan has."""

SILENT_TRACES = {
    name: MeasurementDeclaration(
        ReadoutScan, f"the same range without a probe, {when} the scan: offset of the IQ plane", shuffled=True
    )
    for name, when in ((_BEFORE, "before"), (_AFTER, "after"))
}
"""Traces declared by tasks that use `add_silence`."""


def add_silence(scans: Mapping[str, ReadoutScan], limits: Limits) -> Mapping[str, ReadoutScan]:
    """Return the requests of a call with the first scan between two without a probe, or `scans` if the call has no room for them."""
    name, scan = next(iter(scans.items()))
    amplitude = _AMPLITUDE * (scan.amplitude or 0.0)
    silent = replace(scan, frequencies_ghz=scan.frequencies_ghz[::_STEP], amplitude=amplitude)
    added = {_BEFORE: silent, name: scan, _AFTER: silent, **scans}
    return added if fits_in_call(added.values(), limits.points_a_call) else scans


def fit_beside_offset(
    fit: Callable[..., FitResult], raw: RawData, points: Points, **options: Any
) -> FitResult:
    """Fit the points of a scan with the measured offset of the IQ plane, and with their scatter as noise.

    `fit` takes `offset` and `offset_error`, as `fit_coupling_rates` does, if an offset was measured.
    """
    x, iq, sigma = points
    offset = _read_offset(raw, x)
    if offset is None:
        return fit(x, iq, sigma=include_scatter(iq, sigma), **options)
    noise = include_scatter(iq - offset.values, np.hypot(sigma, offset.sigma))
    return fit(x, iq, sigma=noise, offset=offset.values, offset_error=offset.error, **options)


def _read_offset(raw: RawData, x: NDArray[np.float64]) -> PlaneOffset | None:
    """Return the offset of the IQ plane at frequencies `x` (GHz).

    None for earlier recordings, and laboratories with few points a call.
    """
    if f"{_BEFORE}_iq" not in raw.arrays:
        return None
    before, after = (SilentScan(*read_points(raw, name), raw[f"{name}_order"]) for name in (_BEFORE, _AFTER))
    return measure_offset(x, before, after)
