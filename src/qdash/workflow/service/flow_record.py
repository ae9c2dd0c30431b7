"""Values and results that a flow reads and records during its calibration session."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qdash.workflow.service.calibration_session import CalibrationSession
from qdash.workflow.service.parameter_calls import ParameterCalls
from qdash.workflow.service.parameter_values import set_value
from qdash.workflow.service.stage_results import NOTE, list_stage_results, make_stage_note
from qdash.workflow.service.task_results import Estimate, get_metric_name
from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import parse_target_id
from qdash_core.process.interrupts import forbid_interrupts
from qdash_core.session.running_flow import get_current_flow

if TYPE_CHECKING:
    from qdash_core.models.chip import ParameterModel


class FlowRecord(CalibrationSession):
    """Calibration session with the values that its flow reads and sets, and the results that it records."""

    _calls: ParameterCalls | None = None

    def get_parameter(self, qid: str, param_name: str) -> Estimate | None:
        """Return the accepted value of a target as a number with its error, or None. A resumed flow gets the recorded answer."""
        target, name = parse_target_id(qid), get_metric_name(param_name)
        with self._lock:
            calls = self._parameter_calls
            known = (
                self._find_value(target, name)
                if calls is None
                else calls.read(target, name, partial(self._find_value, target, name))
            )
        return None if known is None else Estimate(known)

    def _find_value(self, target: str, name: str) -> ParameterModel | None:
        chip = self.read_chip()
        chip.require_targets([target])
        return (chip.couplings[target] if "-" in target else chip.qubits[target]).data.get(name)

    @property
    def _parameter_calls(self) -> ParameterCalls | None:
        """Values that the flow has read and set in the running session, or None without a session."""
        if not self._calibration.begun:
            return None
        orchestrator = self._calibration.begin()
        if self._calls is None or self._calls.orchestrator is not orchestrator:
            self._calls = ParameterCalls(orchestrator)
        return self._calls

    def _store_parameter_calls(self) -> None:
        with self._lock:
            if self._calls is not None:
                self._calls.store()

    def set_parameter(self, qid: str, param_name: str, value: Any) -> None:
        """Set a value of a target by hand: an event with the flow as its reason, which can be undone. A resumed flow sets it once.

        In a preview of the flow nothing is set.

        Raises
        ------
        InvalidInputError
            If the parameter is unknown or the value is out of range, or values of this run do not become the chip's.
        """
        name = get_metric_name(param_name)
        if get_current_flow().previewing:
            return
        orchestrator = self._begin()
        if (
            not self._calibration.config.saved
            or orchestrator.execution.scope
            or orchestrator.execution.simulated
        ):
            raise InvalidInputError(
                f"{name} of {qid} cannot be set: the values of this run do not become the chip's"
            )
        target = parse_target_id(qid)
        with self._lock, forbid_interrupts():
            calls = self._parameter_calls
            assert calls is not None  # the session has begun
            calls.set(target, name, partial(self._set_value, target, name, value))

    def _set_value(self, target: str, name: str, value: Any) -> None:
        known, execution = self._find_value(target, name), self.execution
        if known is None or known.value != float(value):
            reason = f"set by {self.flow_name or 'a flow'} in execution {execution.execution_id}"
            with self._calibration.open_runtime() as runtime:
                access = runtime.access(self.username, execution.project_id)
                set_value(runtime, access, self.chip_id, target, name, value, reason=reason)

    def record_stage_result(self, stage_name: str, result: dict[str, Any]) -> None:
        """Record a result of the flow under a name, in the note of the execution."""
        if get_current_flow().previewing:
            return
        orchestrator = self._begin()
        with self._lock:
            orchestrator.record_note(NOTE, make_stage_note(orchestrator.read_note(), stage_name, result))

    def get_stage_result(self, stage_name: str) -> dict[str, Any] | None:
        """Return a recorded result of the flow, or None; a resumed flow finds those of its first run attempt."""
        note = self._calibration.begin().read_note() if self._calibration.begun else self.execution.note
        stage = list_stage_results(note).get(stage_name)
        return None if stage is None else dict(stage["result"])
