"""Features of scans of a readout resonator: its signal, its line, and the difference between both states of the qubit."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.tasks.parameters import FeatureDeclaration
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.resonance_dip import list_dips, remove_delay
from qdash_tasks.programs.resonator_search import fit_trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData

    Complexes = NDArray[np.complex128]
    Floats = NDArray[np.float64]

SCAN_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        "signal_to_noise": FeatureDeclaration("", "magnitude of the transmission over the noise of a point"),
        "scan_points": FeatureDeclaration("", "number of points of the scan"),
        "dip_depth": FeatureDeclaration(
            "", "largest change of the transmission along the scan, as a share of it"
        ),
        "dip_to_noise": FeatureDeclaration(
            "", "largest change of the transmission along the scan, over the noise of a point"
        ),
        "dips": FeatureDeclaration("", "number of separate resonances in the scan"),
        "delay_ns": FeatureDeclaration("ns", "delay of the signal by the mean slope of its phase"),
        "lost_points": FeatureDeclaration("", "share of the points that lie far from both their neighbours"),
    }
)
"""Declarations of the features of `describe_scan`."""

STATE_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        "state_contrast": FeatureDeclaration(
            "", "largest distance of the traces of both states, as a share of the depth of the line"
        ),
        "state_to_noise": FeatureDeclaration(
            "", "largest distance of the traces of both states, over the noise of a point"
        ),
        "state_turn_deg": FeatureDeclaration("deg", "rotation from one trace to the other far from the line"),
        "contrast_offset_mhz": FeatureDeclaration(
            "MHz", "offset of the largest distance between both states from the middle of the scan"
        ),
    }
)
"""Declarations of the features of `describe_states`."""

SEARCH_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        **SCAN_FEATURES,
        "line_offset_mhz": FeatureDeclaration(
            "MHz", "offset of the fitted resonance from the middle of the scan"
        ),
        "linewidth_mhz": FeatureDeclaration("MHz", "fitted width of the resonance"),
        "overlapping": FeatureDeclaration("", "1 if the scan shows two resonances that overlap, else 0"),
        "left_known_place": FeatureDeclaration(
            "", "1 if there is no resonance at its last frequency, else 0"
        ),
    }
)
"""Declarations of the features of `describe_search`."""

_SEEN = 6.0
_SMOOTHED = 3
_LOST = 6.0
_WINGS = 0.15
"""Share of a scan at either end that counts as far from the line."""


def read_scan(raw: RawData, name: str) -> Trace | None:
    """Return a scan of raw data, or None if there is none of that name."""
    parts = [f"{name}_{part}" for part in ("frequency", "iq", "sigma", "covariance")]
    if any(part not in raw.arrays for part in parts):
        return None
    return Trace(*(np.asarray(raw[part]) for part in parts))


def describe_scan(scan: Trace) -> dict[str, float]:
    """Return the features of a scan of the transmission against frequency."""
    noise = _measure_noise(scan)
    size = float(np.median(np.abs(scan.iq)))
    if scan.x.size < 5 or not noise > 0:
        return {}
    straight = remove_delay(scan.iq)
    line = complex(np.median(straight.real), np.median(straight.imag))
    change = _smooth(straight - line)
    place = int(np.abs(change).argmax())
    depth = float(np.abs(change[place]))
    found = {
        "signal_to_noise": size / noise,
        "scan_points": float(scan.x.size),
        "dip_to_noise": depth / noise,
        "lost_points": count_lost_points(scan) / scan.x.size,
    }
    if size > _SEEN * noise:
        found["dip_depth"] = depth / size
        found["dips"] = float(len(list_dips(scan)))
        found["delay_ns"] = _estimate_delay_ns(scan)
    return found


def describe_search(raw: RawData, names: Sequence[str]) -> dict[str, float]:
    """Return the features of a search: those of its last scan, whose name is one of `names`, the last ones first."""
    scans = (read_scan(raw, name) for name in names)
    scan = next((one for one in scans if one is not None), None)
    if scan is None:
        return {}
    found = describe_scan(scan)
    fit = fit_trace(scan)
    found["overlapping"] = float(fit.traits.get("lines") == "two")
    if fit.success:
        middle = (float(scan.x[0]) + float(scan.x[-1])) / 2
        found["line_offset_mhz"] = 1e3 * (fit.parameters["frequency"].value - middle)
        found["linewidth_mhz"] = fit.parameters["linewidth"].value
    if "known_iq" in raw.arrays:
        found["left_known_place"] = float(any(f"{name}_iq" in raw.arrays for name in ("wide", "fine")))
    return found


def describe_states(zero: Trace, one: Trace) -> dict[str, float]:
    """Return the features of two scans over the same frequencies, with |0> and with |1> prepared."""
    noise = math.hypot(_measure_noise(zero), _measure_noise(one))
    if zero.x.size < 5 or not noise > 0:
        return {}
    distance = np.abs(_smooth(one.iq - zero.iq))
    place = int(distance.argmax())
    found = {"state_to_noise": float(distance[place]) / noise}
    straight = remove_delay(zero.iq)
    depth = float(np.abs(straight - complex(np.median(straight.real), np.median(straight.imag))).max())
    if depth > _SEEN * noise:
        found["state_contrast"] = float(distance[place]) / depth
    if distance[place] > _SEEN * noise:
        found["contrast_offset_mhz"] = _offset_mhz(zero.x, place)
    wing = max(int(_WINGS * zero.x.size), 1)
    ends = np.r_[0:wing, zero.x.size - wing : zero.x.size]
    turned = complex((one.iq[ends] * np.conj(zero.iq[ends])).sum())
    if abs(turned) > _SEEN * noise**2 * ends.size**0.5:
        found["state_turn_deg"] = abs(math.degrees(float(np.angle(turned))))
    return found


def count_lost_points(scan: Trace) -> int:
    """Return the number of points that lie far from both neighbours, which a line of some points does not do."""
    if scan.x.size < 7:
        return 0
    off = np.abs(scan.iq[1:-1] - (scan.iq[2:] + scan.iq[:-2]) / 2)
    near = np.abs(scan.iq[2:] - scan.iq[:-2])
    noise = np.abs(scan.sigma[1:-1])
    return int((off > _LOST * noise + 2 * near).sum())


def _estimate_delay_ns(scan: Trace) -> float:
    """Return the delay by the slope of the phase, from neighbouring points, then from points far apart."""
    delay_ns = 0.0
    for apart in (1, max(scan.x.size // 4, 1)):
        straight = scan.iq * np.exp(2j * np.pi * delay_ns * scan.x)
        steps = straight[apart:] * np.conj(straight[:-apart])
        turns = np.angle(complex(np.median(steps.real), np.median(steps.imag))) / (2 * np.pi)
        delay_ns -= float(turns / np.median(scan.x[apart:] - scan.x[:-apart]))
    return delay_ns


def _measure_noise(scan: Trace) -> float:
    """Return the standard error of a quadrature of a point, from the scatter if none is known."""
    return float(np.median(np.abs(scan.sigma))) / math.sqrt(2)


def _smooth(points: Complexes) -> Complexes:
    return np.convolve(points, np.ones(_SMOOTHED) / _SMOOTHED, mode="same")


def _offset_mhz(x_ghz: Floats, place: int) -> float:
    return 1e3 * float(x_ghz[place] - (x_ghz[0] + x_ghz[-1]) / 2)
