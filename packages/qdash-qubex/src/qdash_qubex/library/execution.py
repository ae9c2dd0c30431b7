"""Execution of measurement schedules by qubex, with results as IQ points."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from qubex.core.async_bridge import get_shared_async_bridge

from qdash_core import BackendError
from qdash_qubex.errors import translate_lost_connections

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory import Shots

    Complexes = NDArray[np.complex128]

AT_ONCE = 32
"""Number of schedules passed to qubex together: a run can be cancelled between them."""
LONGEST_PACK_NS = 10e6
"""Longest timeline of several packed schedules: at 35 ms the rounding of its times makes qubex refuse it."""


class Execution:
    """Executor of the schedules of one session. Thread-safe: calls run one after the other."""

    def __init__(self, measurement: Any) -> None:
        self._measurement = measurement
        self._alone = threading.Lock()

    def run(self, schedules: Sequence[Any], shots: Shots, *, integrated: bool = True) -> list[Any]:
        """Return a `MeasurementResult` for each schedule. Touches hardware.

        Captures are summed over their length, or kept as waveforms if not `integrated`.

        Raises ConnectionLostError if the instruments do not answer.
        """
        config = self._make_config(schedules, shots, integrated=integrated)
        with self._alone, translate_lost_connections():
            # A separate event loop for each call, in any thread: an interrupted call leaves nothing behind.
            return get_shared_async_bridge(key="qdash").run_without_timeout(
                lambda: self._run(schedules, config)
            )

    async def _run(self, schedules: Sequence[Any], config: Any) -> list[Any]:
        sweep = await self._measurement.run_sweep_measurement(
            lambda number: schedules[int(number)], sweep_values=range(len(schedules)), config=config
        )
        return list(sweep.results)

    def _make_config(self, schedules: Sequence[Any], shots: Shots, *, integrated: bool) -> Any:
        """Return the measurement configuration; the laboratory's decides whether schedules share one timeline."""
        service = self._measurement.execution_service
        config = service.create_measurement_config(
            n_shots=shots.count,
            shot_interval=shots.interval_us * 1e3,
            shot_averaging=shots.keep == "mean",
            time_integration=integrated,
            state_classification=False,
        )
        taken_ns = sum(one.pulse_schedule.duration + config.shot_interval for one in schedules)
        if config.schedule_packing_enabled and taken_ns > LONGEST_PACK_NS:
            return config.model_copy(update={"schedule_packing_enabled": False})
        return config


def extract_waveform(result: Any, labels: Collection[str]) -> Complexes:
    """Return the samples of the only capture of a qubit, shape (samples,).

    Raises BackendError if there is not exactly one capture, or it is no waveform.
    """
    label = next((one for one in labels if one in result.data), next(iter(labels)))
    captures = result.data.get(label, [])
    values = [np.asarray(capture.data, dtype=np.complex128) for capture in captures]
    if len(values) != 1 or values[0].ndim != 1 or not values[0].size:
        shapes = ", ".join(str(one.shape) for one in values) or "none"
        raise BackendError(f"{label}: qubex returned captures of shapes {shapes} instead of one waveform")
    return values[0]


def extract_readouts(result: Any, labels: Collection[str], lengths: Sequence[int], shots: Shots) -> Complexes:
    """Return the readouts of one qubit, divided by the number of samples that qubex sums in a capture.

    Captures are filed under the labels of the qubit or of its readout; `lengths` are samples of each readout in the
    order of time. Returns the shape (readouts,), or (shots, readouts) where every shot is kept. Raises BackendError if
    there is not one capture for each readout, or not one number for each shot.
    """
    label = next((one for one in labels if one in result.data), next(iter(labels)))
    captures = result.data.get(label, [])
    if len(captures) != len(lengths):
        raise BackendError(f"{label}: qubex returned {len(captures)} captures of {len(lengths)} readouts")
    expected = () if shots.keep == "mean" else (shots.count,)
    columns = []
    for capture, length in zip(captures, lengths, strict=True):
        values = np.asarray(capture.data, dtype=np.complex128)
        if values.shape != expected:
            raise BackendError(
                f"{label}: qubex returned an array of shape {values.shape} instead of {expected}"
            )
        columns.append(values / length)
    return np.stack(columns, axis=-1)
