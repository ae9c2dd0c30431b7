"""Controller for qubex that plays payloads on the twin of a chip."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from qdash_core import BackendError, InvalidInputError, NotFoundError, load_settings
from qdash_fake import PulseTwin, load_twin, twin_folder
from qdash_tasks.laboratory import LineLimits, ReadoutLimits, ReadoutWaveform, Shots
from qubex.backend.quel3 import Quel3BackendController, Quel3CaptureMode, Quel3ExecutionPayload

from qubex_on_a_twin.answers import result
from qubex_on_a_twin.shapes import on_grid
from qubex_on_a_twin.timelines import CONTROL_NS, READOUT_NS, translated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from qdash_tasks.laboratory import Program, ProgramAnswer
    from qubex.backend import BackendExecutionRequest
    from qubex.backend.quel3 import Quel3BackendExecutionResult

    from qubex_on_a_twin.answers import Answered
    from qubex_on_a_twin.timelines import Translated

_SHORTEST_WAIT_NS, _WAIT_NS = 1_024.0, 102.4
"""Shortest wait between shots, and the grid of waits."""
_EVERY_SHOT = (Quel3CaptureMode.VALUES_PER_ITER, Quel3CaptureMode.RAW_WAVEFORMS)


def controller(system_id: str, labels: Sequence[str]) -> TwinController:  # noqa: ARG001  the twin has all its qubits
    """Return a controller for the twin of the chip with the name of the system, in the QDash home of the
    environment.

    Raises
    ------
    BackendError
        If there is no such twin, or the twin plays no pulses.
    """
    project_id = os.environ.get("QUBEX_ON_A_TWIN_PROJECT") or "default"
    folder = twin_folder(load_settings().home, project_id=project_id, chip_id=system_id)
    try:
        laboratory = load_twin(folder).open()
    except NotFoundError as error:
        raise BackendError(
            f"{folder} has no twin: `python -m qubex_on_a_twin {system_id}` makes one"
        ) from error
    if not isinstance(laboratory, PulseTwin):
        raise BackendError(
            f"the twin in {folder} does not play pulses: make it with `python -m qubex_on_a_twin`"
        )
    return TwinController(laboratory)


class _NothingThere:
    """Stand-in for boxes without any information."""

    def fetch_backend_settings_from_hardware(
        self, *, unit_labels: Sequence[str], parallel: bool | None = None
    ) -> Mapping[str, Mapping[str, object]]:
        return {label: {} for label in unit_labels}

    def read_instrument_infos(self, **_: object) -> tuple[()]:
        return ()


class TwinController(Quel3BackendController):
    """A controller with a twin in place of instruments.

    Parameters
    ----------
    laboratory
        An open laboratory; its limits are set to the grids of the instruments.
    """

    def __init__(self, laboratory: PulseTwin) -> None:
        super().__init__(hardware_state_reader=_NothingThere())
        laboratory.limits = replace(
            laboratory.limits,
            usual_line=LineLimits(start_ns=CONTROL_NS),
            readout=ReadoutLimits(start_ns=READOUT_NS),
        )
        self._laboratory = laboratory
        self._connected = False
        self._shuffle = np.random.default_rng(0)

    @property
    def is_connected(self) -> bool:
        """True if `connect` was called after the last `disconnect`."""
        return self._connected

    @property
    def hash(self) -> int:
        """Constant hash: the instruments never change outside of the library."""
        return 0

    def connect(self, box_names: str | list[str] | None = None, *, parallel: bool | None = None) -> None:
        """Set the state to connected: the twin is open already."""
        self._connected = True

    def disconnect(self) -> None:
        """Save the clock of the twin."""
        self._connected = False
        self._laboratory.close()

    def deploy_instruments(self, *, configuration: object, parallel: bool = True) -> dict[str, object]:
        """Deploy nothing: every line of the twin has all generators."""
        return {}

    def execute_sync(self, *, request: BackendExecutionRequest, **_: object) -> Quel3BackendExecutionResult:
        """Play one payload."""
        return self._executed([request])[0]

    async def execute_async(
        self, *, request: BackendExecutionRequest, **_: object
    ) -> Quel3BackendExecutionResult:
        """Play one payload."""
        return self._executed([request])[0]

    async def execute_batch_async(
        self, *, requests: Sequence[BackendExecutionRequest], **_: object
    ) -> list[Quel3BackendExecutionResult]:
        """Play payloads together: equal ones are computed once."""
        return self._executed(requests)

    def _executed(self, requests: Sequence[BackendExecutionRequest]) -> list[Quel3BackendExecutionResult]:
        payloads = [_payload(request) for request in requests]
        meant = [translated(payload) for payload in payloads]
        answers = self._played(meant, [_shots(*one) for one in zip(payloads, meant, strict=True)])
        return [
            result(payload, one, answered, self._shuffle, self._rising(payload, one))
            for payload, one, answered in zip(payloads, meant, answers, strict=True)
        ]

    def _rising(self, payload: Quel3ExecutionPayload, meant: Translated) -> dict[str, NDArray[np.complex128]]:
        """Return mean waveforms of undriven qubits that are captured once, from the start of their probe."""
        labels = [one.label for one in meant.captures]
        if payload.capture_mode is not Quel3CaptureMode.AVERAGED_WAVEFORM or meant.programs[0].plays:
            return {}
        if len(set(labels)) < len(labels):
            return {}
        found = {}
        for one in meant.captures:
            if not one.amplitude or one.start_ns != one.shown_ns[0]:
                continue
            settings = {
                "readout_frequency_ghz": one.frequency_ghz,
                "readout_amplitude": one.amplitude,
                "readout_length_ns": one.envelope.size * READOUT_NS,
            }
            self._laboratory.adjust(one.qid, settings)
            request = ReadoutWaveform(np.arange(one.envelope.size) * READOUT_NS, READOUT_NS)
            answer = self._laboratory.answer(one.qid, request, _shots(payload, meant))
            if answer is not None:
                found[one.label] = answer.iq
        return found

    def _played(self, meant: Sequence[Translated], shots: Sequence[Shots]) -> list[Answered]:
        """Play payloads in one call per distinct shot timing."""
        found: dict[int, Answered] = {}
        for alike in dict.fromkeys(shots):
            chosen = [index for index, one in enumerate(shots) if one == alike]
            programs = [program for index in chosen for program in meant[index].programs]
            left = iter(self._laboratory.play(programs, alike))
            for index in chosen:
                found[index] = [_whole(program, next(left)) for program in meant[index].programs]
        return [found[index] for index in range(len(meant))]


def _payload(request: BackendExecutionRequest) -> Quel3ExecutionPayload:
    payload = request.payload
    if not isinstance(payload, Quel3ExecutionPayload):
        raise InvalidInputError(
            f"a payload of {type(payload).__name__}: the twin plays Quel3ExecutionPayload"
        )
    return payload


def _shots(payload: Quel3ExecutionPayload, meant: Translated) -> Shots:
    """Return the timing of the shots, with the wait rounded up as the instruments do."""
    wait_ns = on_grid(max(payload.shot_interval_ns, _SHORTEST_WAIT_NS), _WAIT_NS)
    count = -(-payload.n_iterations // len(meant.programs))
    keep = "each" if payload.capture_mode in _EVERY_SHOT else "mean"
    return Shots(count=count, reset="passive", interval_us=round(wait_ns * 1e-3, 7), keep=keep)


def _whole(program: Program, answer: ProgramAnswer) -> ProgramAnswer:
    """Return the answer; raise if a qubit is missing, since a payload cannot fail for one of them."""
    for readout in program.readouts:
        if readout.qid in answer.failed:
            raise InvalidInputError(f"qubit {readout.qid} cannot be played: {answer.failed[readout.qid]}")
    for qid, reason in answer.failed.items():
        raise InvalidInputError(f"qubit {qid} cannot be played: {reason}")
    return answer
