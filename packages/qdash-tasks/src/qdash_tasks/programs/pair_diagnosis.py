"""Diagnosis of a failed calibration of a pair: possible causes from the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.scheduling.collisions import iter_pair_collisions
from qdash_tasks.programs.pair_conditions import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Laboratory

_SHORT_US = 15.0
"""T1 below which relaxation alone costs a gate of 0.4 µs about 2 % or more."""


def make_diagnosis_attributes(laboratory: Laboratory, context: RunContext) -> dict[str, float]:
    """Return the inputs of `diagnose_pair` besides T1, as attributes of raw data."""
    control, target = (laboratory.settings[qid] for qid in (context.control, context.target))
    found = {"distance_mhz": (control.drive_frequency_ghz - target.drive_frequency_ghz) * 1e3}
    for role in ROLES:
        if (known := context.inputs.get(f"{role}_anharmonicity")) is not None:
            found[f"{role}_anharmonicity_mhz"] = known.value * 1e3
    return found


def diagnose_pair(attributes: Mapping[str, Any]) -> str:
    """Describe possible causes of a failure, as the end of a message; empty if none is known."""
    found = list(_find_causes(attributes))
    return f". Possible causes: {'; '.join(found)}" if found else ""


def _find_causes(attributes: Mapping[str, Any]) -> Iterator[str]:
    for role in ROLES:
        t1_us = attributes.get(f"{role}_t1_us")
        if t1_us is not None and t1_us < _SHORT_US:
            yield f"T1 of the {role} is {t1_us:.2g}\N{NO-BREAK SPACE}µs (a defect at its frequency?)"
    distance = attributes.get("distance_mhz")
    if distance is None:
        return
    control, target = (attributes.get(f"{role}_anharmonicity_mhz") for role in ROLES)
    for collision in iter_pair_collisions(("the control", "the target"), distance, (control, target)):
        yield f"{collision} (collision)"
