"""Trains of ZX90 gates: over-rotation of the target with either control state."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_analysis.iq_noise import ReadoutNoise
from qdash_tasks.laboratory.pair_requests import GateTrain
from qdash_tasks.programs.cached_fits import fit_pulse_train
from qdash_tasks.programs.projection import Signal, fit_signal
from qdash_tasks.programs.readout_reference import measure_with_reference, read_trace

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.readout_reference import ReadoutLine

Start = Literal["ground", "superposition"]
STATES: tuple[Literal[0], Literal[1]] = (0, 1)
STARTS: tuple[Start, ...] = ("ground", "superposition")
_QUARTER = math.pi / 2
_LONGEST = 16
"""Gates of the longest train: at an error of 1 % per gate it loses a sixth of the contrast."""


@dataclass(frozen=True, slots=True)
class GateTrainFit:
    """Trains with one control state, their fit, and the number of points of each start."""

    signal: Signal
    fit: FitResult
    sizes: tuple[int, ...]


def measure_trains(
    name: str,
    gate: ZX90,
    qids: tuple[str, str],
    shots: int,
    *,
    starts: tuple[Start, ...] = ("ground",),
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[dict[tuple[int, Start], Trace], ReadoutLine]]:
    """Measure trains with both control states; return them and the target's readout line.

    `qids` are control and target. Raises as `ReadoutLine.from_points`.
    """
    counts = np.arange(_LONGEST + 1.0)
    asked = {
        make_train_name(name, state, start): GateTrain(*qids, counts, gate, state, start)
        for state in STATES
        for start in starts
    }
    found, line = yield from measure_with_reference(name, asked, qids, shots)
    return {
        (state, start): found[make_train_name(name, state, start)] for state in STATES for start in starts
    }, line


def make_train_name(name: str, state: int, start: Start) -> str:
    """Return the name under which a train is stored."""
    return f"{name}_control_{state}_{start}"


def fit_trains(found: Mapping[Start, Trace], line: ReadoutLine, *, state: int) -> GateTrainFit:
    """Fit the trains of one control state, all starts together.

    With the control in |1> the gate rotates the other way, so a target after an X90 starts a quarter turn behind.
    """
    parts = [line.compute_expectations(trace) for trace in found.values()]
    values, variance = (np.concatenate(part) for part in zip(*parts, strict=True))
    counts = np.concatenate([trace.x for trace in found.values()])
    sizes = tuple(trace.x.size for trace in found.values())
    turned = math.copysign(_QUARTER, 0.5 - state)
    start = np.repeat([turned if one == "superposition" else 0.0 for one in found], sizes)
    signal = Signal(counts, values, ReadoutNoise.from_points(values, variance))
    return GateTrainFit(
        signal, fit_signal(partial(fit_pulse_train, angle=_QUARTER, start=start), signal), sizes
    )


def read_trains(raw: RawData, name: str, state: int, starts: tuple[Start, ...]) -> dict[Start, Trace]:
    """Return the measured trains of one control state."""
    return {start: read_trace(raw, make_train_name(name, state, start), "gates") for start in starts}
