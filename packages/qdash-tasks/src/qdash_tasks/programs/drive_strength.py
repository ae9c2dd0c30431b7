"""Known strength of a drive line, and the amplitude for the standard Rabi frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.tasks.base import RunContext


def read_rabi_at_full_scale(context: RunContext) -> float | None:
    """Return the previously measured Rabi frequency at full scale (MHz), or None if there is none."""
    inputs = context.inputs
    if "control_amplitude" not in inputs or "rabi_frequency" not in inputs:
        return None
    return inputs["rabi_frequency"].value / inputs["control_amplitude"].value
