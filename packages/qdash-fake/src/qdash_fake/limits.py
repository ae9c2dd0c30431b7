"""Limits of a twin's laboratory, from the options of the twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.shots import KEEPS, RESETS

if TYPE_CHECKING:
    from qdash_fake.options import TwinOptions


def make_limits(options: TwinOptions) -> Limits:
    """Return the limits of the laboratory of a twin with these options."""
    grid_ns = float(options.grid or 1)
    return Limits(
        usual_line=LineLimits(start_ns=grid_ns),
        readout=ReadoutLimits(start_ns=grid_ns),
        keeps=KEEPS if options.keeps == "both" else frozenset({options.keeps}),
        resets=frozenset({"passive"}) if options.no_active_reset else RESETS,
        plane_turns=options.plane_turns > 0,
        covariances=options.keeps == "both",
    )
