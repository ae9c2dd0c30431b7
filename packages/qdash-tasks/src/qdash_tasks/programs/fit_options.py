"""Choices of a refit, as arguments of fits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import AnalysisError
from qdash_core.tasks.analysis_options import EXCLUDE, FIT_WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData


def choose_envelope(fit: Callable[..., FitResult], raw: RawData) -> Callable[..., FitResult]:
    """Return a fit of a decay with the envelope of a refit, or the fit itself if no refit chose one."""
    envelope = raw.options.get("envelope")
    return fit if envelope is None else partial(fit, envelope=envelope)


def get_asymptote(raw: RawData) -> float | None:
    """Return the survival signal after full depolarisation, or None if a refit fits it."""
    return None if raw.options.get("asymptote") == "fitted" else 0.0


def require_all_points(raw: RawData, reason: str) -> None:
    """Raise `AnalysisError` with the reason if a refit leaves out points."""
    if FIT_WINDOW in raw.options or EXCLUDE in raw.options:
        raise AnalysisError(f"{reason}: fit all points")
