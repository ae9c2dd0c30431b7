"""Largest amplitude of a control line in raw data, and the check of calibrated amplitudes against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import AnalysisError

if TYPE_CHECKING:
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import LineLimits

_LARGEST = "largest_amplitude"


def make_line_attributes(line: LineLimits) -> dict[str, float]:
    """Return the largest amplitude as an attribute of raw data, if it is below full scale."""
    return {} if line.largest_amplitude >= 1 else {_LARGEST: line.largest_amplitude}


def require_playable(raw: RawData, amplitude: float, *, needed_by: str, remedy: str) -> None:
    """Raise `AnalysisError` with a remedy if the line cannot reach this amplitude; it is full scale if not recorded."""
    largest = float(raw.attributes.get(_LARGEST, 1.0))
    if amplitude > largest:
        least = "" if largest == 1 else f" on a line that plays at most {largest:.3g}"
        raise AnalysisError(f"{needed_by} would need {amplitude:.3g} of full scale{least}: {remedy}")
