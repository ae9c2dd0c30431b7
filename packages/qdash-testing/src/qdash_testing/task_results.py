"""Helpers that store, draw and compare a task's data and results. Part of `qdash_testing.task`."""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qdash_core.artifacts.raw_data import decode, encode
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.figure_json import to_plotly_json as to_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_core.tasks.base import TaskOutput

_CLEARLY_APART = 20.0
"""Standard deviations between two targets from which on a mixed-up order cannot pass for noise."""


def copy_measurement(measured: Any) -> Any:
    """Return a deep copy of a measurement; raise an exception if something in it cannot be copied."""
    if isinstance(measured, RawData):
        return RawData(deepcopy(dict(measured.arrays)), deepcopy(dict(measured.attributes)))
    return deepcopy(measured)


def save_and_load(raw: RawData, folder: Path) -> RawData:
    """Return raw data as they come back from their file."""
    path = folder / "contract.npz"
    path.write_bytes(encode(raw))
    return decode(path)


def list_numbers(output: TaskOutput) -> dict[str, float]:
    """Return every number of an output; unknown numbers are absent."""
    numbers = {"r2": output.r2, **output.quality}
    for name, found in output.parameters.items():
        numbers |= {f"{name} value": found.value, f"{name} error": found.error}
    return {name: number for name, number in numbers.items() if number is not None}


def to_plotly_json(figure: Any) -> dict[str, Any] | None:
    """Return a Plotly figure, or its JSON, as JSON with gaps in place of NaN."""
    plain = to_json(figure)
    assert plain is None or isinstance(plain, dict), (
        f"a figure is a Plotly figure or its JSON, not {type(figure).__name__}"
    )
    return plain


def assert_in_order(together: Sequence[TaskOutput], alone: Sequence[TaskOutput]) -> None:
    """Assert that each of `together` is closer to its own `alone` than to any clearly different one."""
    for place, found in enumerate(together):
        for other in range(len(together)):
            for name, mine in alone[place].parameters.items():
                theirs = alone[other].parameters.get(name, replace(mine))
                apart = _CLEARLY_APART * math.hypot(mine.error or math.inf, theirs.error or math.inf)
                if abs(mine.value - theirs.value) > apart:
                    measured = found.parameters[name].value
                    assert abs(measured - mine.value) < abs(measured - theirs.value), (
                        f"{name}: result {place} of the group looks like that of target {other}"
                    )
