"""Controller for qubex that records its payloads, and returns the number of each readout."""

from __future__ import annotations

from typing import Any

import numpy as np
from qubex.backend.quel3 import Quel3BackendController, Quel3BackendExecutionResult, Quel3CaptureMode

SIGNAL = 0.25 - 0.5j
"""Value of each sample of a capture."""
SAMPLE_NS = 0.8


class _NoHardware:
    def fetch_backend_settings_from_hardware(
        self, *, unit_labels: Any, parallel: Any = None
    ) -> dict[str, Any]:
        return {label: {} for label in unit_labels}

    def read_instrument_infos(self, **_: Any) -> tuple[()]:
        return ()


class RecordingController(Quel3BackendController):
    """Returns `SIGNAL` for each shot, plus one hundredth of it for each readout after the first."""

    def __init__(self, system_id: str, labels: tuple[str, ...]) -> None:
        super().__init__(hardware_state_reader=_NoHardware())
        self.made_for = (system_id, labels)
        self.payloads: list[Any] = []
        self.calls: list[int] = []
        self.connected = False
        self.failure: BaseException | None = None

    @property
    def is_connected(self) -> bool:
        return self.connected

    @property
    def hash(self) -> int:
        return 0

    def connect(self, box_names: Any = None, *, parallel: Any = None) -> None:
        if self.failure is not None:
            raise self.failure
        self.connected = True

    def disconnect(self) -> None:
        self.connected = False

    async def execute_async(self, *, request: Any, **_: Any) -> Quel3BackendExecutionResult:
        return self._answered(request.payload)

    async def execute_batch_async(self, *, requests: Any, **_: Any) -> list[Quel3BackendExecutionResult]:
        if self.failure is not None:
            raise self.failure
        self.calls.append(len(requests))
        return [self._answered(request.payload) for request in requests]

    def _answered(self, payload: Any) -> Quel3BackendExecutionResult:
        self.payloads.append(payload)
        data = {
            label: [
                _captured(payload, SIGNAL * (1 + number / 100) * round(window.length_ns / SAMPLE_NS))
                for number, window in enumerate(timeline.capture_windows)
            ]
            for label, timeline in payload.fixed_timelines.items()
            if timeline.capture_windows
        }
        return Quel3BackendExecutionResult(status={}, data=data, config={"sampling_period_ns": SAMPLE_NS})


def _captured(payload: Any, total: complex) -> np.ndarray:
    if payload.capture_mode is Quel3CaptureMode.AVERAGED_VALUE:
        return np.array(total)
    assert payload.capture_mode is Quel3CaptureMode.VALUES_PER_ITER
    return np.full(payload.n_iterations, total)


def made(system_id: str, labels: tuple[str, ...]) -> RecordingController:
    """Return a new controller; the settings name this function."""
    return RecordingController(system_id, labels)
