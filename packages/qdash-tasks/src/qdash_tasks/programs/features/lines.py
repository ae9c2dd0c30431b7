"""Features of spectroscopy of the qubit and of chevrons."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.parameters import FeatureDeclaration
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.cached_fits import fit_qubit_spectroscopy
from qdash_tasks.programs.chevron_map import ChevronMap
from qdash_tasks.programs.features.traces import (
    RESIDUALS,
    SIGNAL,
    describe_residuals,
    describe_scatter,
    describe_signal,
    keep_finite,
)
from qdash_tasks.programs.power_map import AMPLITUDES, ROW, read_rows
from qdash_tasks.programs.projection import fit_signal, project_signals
from qdash_tasks.programs.spectral_lines import find_candidate_lines

if TYPE_CHECKING:
    from qdash_core.models.raw_data import RawData

LINES = MappingProxyType(
    {
        **SIGNAL,
        **RESIDUALS,
        "n_lines": FeatureDeclaration("", "number of lines in the last wide scan, 3 at most"),
        "n_candidates": FeatureDeclaration("", "number of lines that were measured closely"),
        "found_f01": FeatureDeclaration("", "1 if a line was proved to be f01, else 0"),
        "linewidth_mhz": FeatureDeclaration("MHz", "fitted width of the line"),
        "line_ghz": FeatureDeclaration("GHz", "fitted frequency of the line"),
        "edge_mhz": FeatureDeclaration("MHz", "distance of the line from the nearer edge of its scan"),
        "second_line_mhz": FeatureDeclaration("MHz", "distance of the next line in the wide scan"),
        "split_gain": FeatureDeclaration(
            "", "share of the squared residuals of one line that a second line beside it explains"
        ),
        "split_mhz": FeatureDeclaration("MHz", "distance of a second line beside the fitted one"),
        "known_missing": FeatureDeclaration(
            "", "1 if no line was seen at the previously measured frequency, else 0"
        ),
    }
)
"""Features of `describe_lines`."""
MAP = MappingProxyType(
    {
        **SIGNAL,
        **RESIDUALS,
        "centre_mhz": FeatureDeclaration("MHz", "distance of the resonance from the middle of the map"),
        "rabi_mhz": FeatureDeclaration("MHz", "fitted Rabi frequency"),
    }
)
"""Features of `describe_map`."""

POWER_ROWS = MappingProxyType(
    {
        **SIGNAL,
        "rows_with_lines": FeatureDeclaration("", "share of the rows in which a line stands out"),
        "most_lines": FeatureDeclaration("", "largest number of lines in a row"),
    }
)
"""Features of `describe_power_rows`."""


def describe_lines(raw: RawData) -> dict[str, float]:
    """Return the features `LINES` of a search for the line of a qubit."""
    f01 = raw.attributes.get("f01")
    count = raw.attributes.get("lines", 0)
    rank = f01 if isinstance(f01, int) else max(int(count) - 1, 0)
    name = f"line_{rank}"
    found = describe_signal(raw, name if f"{name}_iq" in raw.arrays else "wide")
    found |= {"n_candidates": float(count), "found_f01": float(isinstance(f01, int))}
    found["known_missing"] = float(rank > 0 or "wide_iq" in raw.arrays)
    if f"{name}_iq" in raw.arrays:
        found |= _describe_line(raw, name)
    if "wide_iq" in raw.arrays:
        trace = Trace(
            *(np.asarray(raw[f"wide_{part}"]) for part in ("frequency", "iq", "sigma", "covariance"))
        )
        lines = find_candidate_lines(trace)
        found["n_lines"] = float(len(lines))
        if len(lines) > 1:
            first = found.get("line_ghz", lines[0][0])
            others = [
                abs(centre - first) for centre, width in lines if abs(centre - first) > max(width, 1e-3)
            ]
            found["second_line_mhz"] = 1e3 * min(others, default=math.nan)
    return keep_finite(found)


def describe_map(raw: RawData, *names: str) -> dict[str, float]:
    """Return the features `MAP` of the first of the named chevrons that is there."""
    name = next((one for one in names if f"{one}_iq" in raw.arrays), None)
    if name is None:
        return {}
    found = describe_signal(raw, name)
    try:
        chevron = ChevronMap.from_raw_data(raw, name)
    except AnalysisError:
        return found
    fit = chevron.fit()
    if not fit.success:
        return found
    predicted = np.asarray(fit.predict((chevron.times_ns, chevron.frequencies_ghz)))
    found |= describe_scatter(((chevron.y - predicted) / chevron.sigma).ravel())
    middle = float(np.mean(chevron.frequencies_ghz[[0, -1]]))
    centre, rabi = (fit.parameters[key].value for key in ("frequency", "rabi_frequency"))
    return keep_finite({**found, "centre_mhz": 1e3 * (centre - middle), "rabi_mhz": rabi})


def describe_power_rows(raw: RawData) -> dict[str, float]:
    """Return the features `POWER_ROWS` of scans at several powers, and the signal of the strongest one."""
    if AMPLITUDES not in raw.attributes:
        return {}
    rows = read_rows(raw)
    found = describe_signal(raw, f"{ROW}{len(rows) - 1}")
    counts = [len(row.lines) for row in rows]
    found |= {"rows_with_lines": sum(map(bool, counts)) / len(rows), "most_lines": float(max(counts))}
    return found


def _describe_line(raw: RawData, name: str) -> dict[str, float]:
    try:
        (signal,) = project_signals(raw, (name,), x_name="frequency")
    except AnalysisError:
        return {}
    fit = fit_signal(fit_qubit_spectroscopy, signal)
    if not fit.success:
        return {}
    centre, width = fit.parameters["frequency"].value, fit.parameters["linewidth"].value
    found = describe_residuals(signal, fit)
    edge = min(centre - float(signal.x.min()), float(signal.x.max()) - centre)
    found |= {"linewidth_mhz": width, "line_ghz": centre, "edge_mhz": 1e3 * edge}
    if "second_frequency" in fit.parameters:
        found["split_mhz"] = 1e3 * abs(fit.parameters["second_frequency"].value - centre)
    predicted = np.asarray(fit.predict(signal.x))
    residuals = (signal.y - predicted) / signal.noise.sigma(predicted)
    total = float(residuals @ residuals)
    found["split_gain"] = (
        max((_explain(residuals, signal.x, one, 1e-3 * width) for one in signal.x), default=0.0) / total
        if total > 0
        else 0.0
    )
    return found


def _explain(residuals: np.ndarray, x: np.ndarray, centre: float, width: float) -> float:
    """Return the reduction of the squared residuals by a Lorentzian of the same width at `centre`."""
    shape = 1 / (1 + (2 * (x - centre) / width) ** 2)
    shape = shape - shape.mean()
    norm = float(shape @ shape)
    return float(shape @ residuals) ** 2 / norm if norm > 0 else 0.0
